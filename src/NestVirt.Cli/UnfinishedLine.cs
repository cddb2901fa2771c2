using System.CommandLine;
using System.CommandLine.Parsing;

namespace NestVirt.Cli;

/// <summary>Says what a command line lacks, or has too often: the library's own sentences name neither the command nor what to type.</summary>
internal static class UnfinishedLine
{
    /// <summary>Says what is wrong.</summary>
    /// <param name="line">The command line; it has errors, and no word that nothing takes.</param>
    /// <param name="path">The command, as it is typed.</param>
    /// <returns>A sentence.</returns>
    internal static string SentenceOf(ParseResult line, string path)
    {
        CommandResult result = line.CommandResult;
        Command command = result.Command;
        if (OptionsOf(result).Select(FaultOf).FirstOrDefault(static fault => fault is not null) is { } fault)
        {
            return fault;
        }

        if (command.Subcommands.Count > 0 && command.Action is null)
        {
            return $"{path} is not whole: say of what, {Choice(command.Subcommands.Select(static sub => sub.Name))}.";
        }

        Argument? argument = command.Arguments.FirstOrDefault(argument =>
            (line.GetResult(argument)?.Tokens.Count ?? 0) < argument.Arity.MinimumNumberOfValues
        );
        if (argument is not null)
        {
            return $"{path} needs {argument.Name}: {argument.Description?.TrimEnd('.')}.";
        }

        string[] missing =
        [
            .. command
                .Options.Where(option => option.Required && line.GetResult(option) is null or { Implicit: true })
                .Select(static option => $"{option.Name} {option.HelpName}"),
        ];
        return missing.Length > 0
            ? $"{path} needs {string.Join(" and ", missing)}."
            : $"The line of {path} cannot be understood.";
    }

    private static IEnumerable<OptionResult> OptionsOf(CommandResult command) =>
        command.Children.OfType<OptionResult>().Concat(command.Parent is CommandResult above ? OptionsOf(above) : []);

    private static string? FaultOf(OptionResult result)
    {
        Option option = result.Option;
        string name = option.Name;
        return option.ValueType == typeof(bool) ? null
            : result is { Implicit: false, Tokens.Count: 0 } ? $"{name} needs a value: {option.HelpName}."
            : result.IdentifierTokenCount > 1 && option.Arity.MaximumNumberOfValues == 1
                ? $"{name} is given {result.IdentifierTokenCount} times, and takes one value."
            : null;
    }

    private static string Choice(IEnumerable<string> words) => string.Join(" or ", words);
}
