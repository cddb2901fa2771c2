using System.CommandLine;
using System.CommandLine.Parsing;
using NestVirt.Cli.Hosting;

namespace NestVirt.Cli;

/// <summary>Says in a sentence why a command line cannot be understood.</summary>
internal static class MistypedLine
{
    private const int ClosestDistance = 3;

    /// <summary>Makes the error for a command line.</summary>
    /// <param name="line">The command line; it has errors.</param>
    /// <returns>The error.</returns>
    internal static UsageException Explain(ParseResult line)
    {
        Command command = line.CommandResult.Command;
        string help =
            command is RootCommand
                ? "'nestvirt --help' lists the commands."
                : $"'{PathOf(line)} --help' lists what it takes.";
        return line.UnmatchedTokens is [string word, ..]
            ? Unknown(line, word, help)
            : new UsageException(UnfinishedLine.SentenceOf(line, PathOf(line)), help);
    }

    /// <summary>Makes the error for an option that was taken for a host.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="word">The option.</param>
    /// <returns>The error.</returns>
    internal static UsageException UnknownOption(ParseResult line, string word) =>
        Unknown(line, word, $"'{PathOf(line)} --help' lists what it takes.");

    /// <summary>Throws where a switch has a value, as in <c>--yes=no</c>: the library takes the value for a host.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="arguments">What was typed.</param>
    /// <exception cref="UsageException">There is one.</exception>
    internal static void ThrowIfSwitchHasValue(ParseResult line, IEnumerable<string> arguments)
    {
        HashSet<string> switches =
        [
            .. line
                .CommandResult.Command.Options.Concat(line.RootCommandResult.Command.Options)
                .Where(static option => option.ValueType == typeof(bool))
                .SelectMany(static option => option.Aliases.Prepend(option.Name)),
        ];
        foreach (string[] parts in arguments.Select(static argument => argument.Split(['=', ':'], 2)))
        {
            if (parts is [{ } name, { } value] && switches.Contains(name) && !bool.TryParse(value, out _))
            {
                throw new UsageException(
                    $"{name} is a switch, and cannot be '{value}'.",
                    $"Type {name} alone, or leave it out."
                );
            }
        }
    }

    /// <summary>Throws where the library takes a word for what it is not: nothing typed may be lost, or name something else.</summary>
    /// <param name="line">The command line; it has no errors.</param>
    /// <exception cref="UsageException">A word stands before a command that does not look at it, or an option where a file is expected.</exception>
    internal static void ThrowIfMisplaced(ParseResult line)
    {
        // The help of a command is given whatever stands around it.
        if (line.Action != line.CommandResult.Command.Action)
        {
            return;
        }

        for (SymbolResult? result = line.CommandResult; result is not null; result = result.Parent)
        {
            foreach (SymbolResult child in result is CommandResult command ? command.Children : [])
            {
                if (child is OptionResult { Option.AllowMultipleArgumentsPerToken: true } many)
                {
                    ThrowIfOption(line, many);
                }

                if (result != line.CommandResult && WordOf(child) is { } word)
                {
                    throw new UsageException(
                        $"'{word}' stands before '{line.CommandResult.Command.Name}', which does not look at it.",
                        $"Put what belongs to it behind '{PathOf(line)}'; '{PathOf(line)} --help' lists what it takes."
                    );
                }
            }
        }
    }

    private static void ThrowIfOption(ParseResult line, OptionResult result)
    {
        if (result.Tokens.FirstOrDefault(static token => token.Value is ['-', _, ..]) is { } token)
        {
            throw UnknownOption(line, token.Value);
        }
    }

    // Options that every command takes are looked at wherever they stand.
    private static string? WordOf(SymbolResult result) =>
        result switch
        {
            ArgumentResult { Tokens: [{ } first, ..] } => first.Value,
            OptionResult { Implicit: false, Option.Recursive: false } option => option.Option.Name,
            _ => null,
        };

    private static UsageException Unknown(ParseResult line, string word, string help)
    {
        Command command = line.CommandResult.Command;
        bool isOption = word.StartsWith('-');
        IEnumerable<string> known = isOption ? OptionsOf(line) : command.Subcommands.Select(static sub => sub.Name);
        string? closest = Closest(word, known);
        string question = closest is null ? string.Empty : $" Did you mean '{closest}'?";
        return new UsageException(
            isOption ? $"'{word}' is not an option of {PathOf(line)}.{question}"
                : command.Subcommands.Count > 0 ? $"'{word}' is not a command of {PathOf(line)}.{question}"
                : $"'{word}' is one word more than {PathOf(line)} takes.",
            help
        );
    }

    private static IEnumerable<string> OptionsOf(ParseResult line) =>
        line
            .CommandResult.Command.Options.Concat(
                line.RootCommandResult.Command.Options.Where(static option => option.Recursive)
            )
            .Select(static option => option.Name);

    private static string PathOf(ParseResult line)
    {
        Stack<string> names = new();
        for (SymbolResult? result = line.CommandResult; result is not null; result = result.Parent)
        {
            if (result is CommandResult { Command: var command })
            {
                names.Push(command is RootCommand ? "nestvirt" : command.Name);
            }
        }

        return string.Join(' ', names);
    }

    private static string? Closest(string word, IEnumerable<string> known)
    {
        (string? name, int distance) = known
            .Select(name => ((string?)name, Distance(word, name)))
            .DefaultIfEmpty((null, int.MaxValue))
            .MinBy(static candidate => candidate.Item2);
        return distance <= Math.Min(ClosestDistance, word.Length / 2) ? name : null;
    }

    // Levenshtein's distance, with one row.
    private static int Distance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int substituted = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[to.Length];
    }
}
