using System.CommandLine;
using System.Globalization;
using NestVirt.Changes;
using NestVirt.Cli.Hosting;
using NestVirt.Client;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt undo</c>: takes a change back.</summary>
internal sealed class UndoCommand
{
    private readonly Argument<string[]> _words = new("WORD")
    {
        Description =
            "[ID] [HOST…]: the change's number in nestvirt history, the newest where none is given; and the hosts.",
        Arity = ArgumentArity.ZeroOrMore,
        CompletionSources = { HostSuggestions.For },
    };

    private readonly ChangeSwitches _switches = new();

    /// <summary>Makes the command.</summary>
    /// <param name="options">The options that every command takes.</param>
    /// <returns>The command.</returns>
    internal static Command Create(HostOptions options)
    {
        UndoCommand self = new();
        Command command = new("undo", "Takes a change back: every byte that it wrote.") { self._words };
        self._switches.AddTo(command, canPlan: false);
        command.SetAction(line => self.Run(line, options));
        return command;
    }

    private int Run(ParseResult line, HostOptions options)
    {
        Output.OutputFormat format = options.OutputOf(line);
        HostSources sources = options.SourcesOf(line);
        List<string> words = [.. line.GetValue(_words) ?? []];
        if (words.Find(static word => word.StartsWith('-')) is { } option)
        {
            throw MistypedLine.UnknownOption(line, option);
        }

        int at = words.FindIndex(static word => word.All(char.IsAsciiDigit));
        int? id =
            at < 0 ? null
            : int.TryParse(words[at], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
            : throw new UsageException($"'{words[at]}' is no number of a change.", "nestvirt history lists them.");
        if (at >= 0)
        {
            words.RemoveAt(at);
        }

        // A number is no name of a host, and another change than the one meant must not be taken back.
        if (words.Find(static word => word.All(char.IsAsciiDigit)) is { } another)
        {
            throw new UsageException(
                $"'{another}' is one number more than is taken back at a time.",
                "Take one change back after the other, the newest first."
            );
        }

        ChangeOptions change = _switches.Read(line);
        using HostChanger changer = HostChangers.Open(change.Restart);
        ChangeScope scope = new(change.StopGuests, change.GuestTimeoutSeconds, change.Force);
        HostChanging changing = new((host, token) => changer.PrepareUndoAsync(host, id, scope, token), change, format);
        return changing.Execute(sources.Resolve(words), options.ThrottleOf(line));
    }
}
