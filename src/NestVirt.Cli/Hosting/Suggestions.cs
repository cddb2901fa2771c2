using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Globalization;

namespace NestVirt.Cli.Hosting;

/// <summary>What can be typed next on a command line: words first, and options after a dash. Connects to no host, and never fails.</summary>
internal static class Suggestions
{
    private const string Directive = "[suggest";

    /// <summary>Tells whether a shell asks what can be typed next, by <c>[suggest:POSITION] LINE</c>.</summary>
    /// <param name="arguments">The arguments of the program.</param>
    /// <returns>Whether it does.</returns>
    internal static bool AreAskedFor(string[] arguments) =>
        arguments is [{ } first, ..] && first.StartsWith(Directive, StringComparison.Ordinal);

    /// <summary>Lists what can be typed next.</summary>
    /// <param name="root">The commands.</param>
    /// <param name="arguments">The arguments of the program.</param>
    /// <param name="parsing">How command lines are read.</param>
    /// <returns>The words, each of which begins with what is typed.</returns>
    internal static IEnumerable<string> For(RootCommand root, string[] arguments, ParserConfiguration parsing)
    {
        string line = string.Join(' ', arguments.Skip(1));
        string position = arguments[0].TrimEnd(']')[Directive.Length..].TrimStart(':');
        line = int.TryParse(position, NumberStyles.None, CultureInfo.InvariantCulture, out int length)
            ? line.PadRight(length)[..length]
            : line;
        int start = line.AsSpan().LastIndexOfAny(' ', '\t') + 1;
        string typed = line[start..];

        // The first word is the program.
        ParseResult before = root.Parse([.. CommandLineParser.SplitCommandLine(line[..start]).Skip(1)], parsing);
        return Words(before, typed, text => root.Parse(line[..start] + text, parsing).GetCompletionContext())
            .Where(word => word.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Distinct(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Words(
        ParseResult before,
        string typed,
        Func<string, CompletionContext> contextOf
    )
    {
        Option[] options =
        [
            .. CommandsOf(before)
                .SelectMany((command, level) => command.Options.Where(option => level == 0 || option.Recursive))
                .Where(static option => !option.Hidden),
        ];
        if (typed.Split('=', 2) is [['-', ..] name, { } value])
        {
            return ValuesOf(options.FirstOrDefault(option => IsNamed(option, name)), contextOf($"{name} {value}"))
                .Select(word => $"{name}={word}");
        }

        string? last = before.Tokens.Count > 0 ? before.Tokens[^1].Value : null;
        Option? open = options.FirstOrDefault(option => TakesValue(option) && IsNamed(option, last));
        CompletionContext context = contextOf(typed);
        return open is not null ? ValuesOf(open, context)
            : typed.StartsWith('-') ? options.SelectMany(NamesOf)
            :
            [
                .. before.CommandResult.Command.Subcommands.Select(static command => command.Name),
                .. NextArgument(before)?.GetCompletions(context).Select(static item => item.Label) ?? [],
            ];
    }

    private static IEnumerable<Command> CommandsOf(ParseResult line)
    {
        for (SymbolResult? result = line.CommandResult; result is not null; result = result.Parent)
        {
            if (result is CommandResult { Command: var command })
            {
                yield return command;
            }
        }
    }

    private static IEnumerable<string> ValuesOf(Option? option, CompletionContext context) =>
        option is null || !TakesValue(option) ? [] : option.GetCompletions(context).Select(static item => item.Label);

    private static bool TakesValue(Option option) => option.ValueType != typeof(bool) && option is not HelpOption;

    private static bool IsNamed(Option option, string? word) => option.Name == word || option.Aliases.Contains(word!);

    // Other names of the help are of Windows, and are taken as they always were.
    private static IEnumerable<string> NamesOf(Option option) =>
        option.Aliases.Prepend(option.Name).Where(static name => name.StartsWith('-') && name != "-?");

    private static Argument? NextArgument(ParseResult line) =>
        line.CommandResult.Command.Arguments.FirstOrDefault(argument =>
            (line.GetResult(argument)?.Tokens.Count ?? 0) < argument.Arity.MaximumNumberOfValues
        );
}
