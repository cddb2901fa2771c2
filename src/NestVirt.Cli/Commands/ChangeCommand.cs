using System.CommandLine;
using NestVirt.Changes;
using NestVirt.Cli.Hosting;
using NestVirt.Client;

namespace NestVirt.Cli.Commands;

/// <summary>A command that asks hosts for one change.</summary>
/// <param name="name">Its name.</param>
/// <param name="description">What it does, as a sentence.</param>
internal abstract class ChangeCommand(string name, string description)
{
    private readonly ChangeSwitches _switches = new();

    /// <summary>Gets a value indicating whether --restart is about virtual machines, and means what --stop-guests does.</summary>
    protected virtual bool RestartsGuests => false;

    /// <summary>Gets the options of this command alone.</summary>
    protected abstract IEnumerable<Option> Options { get; }

    /// <summary>Gets what the words mean; hosts unless a command takes more.</summary>
    protected virtual Argument<string[]> Words { get; } = HostOptions.CreateHostArgument();

    /// <summary>Makes the command.</summary>
    /// <param name="options">The options that every command takes.</param>
    /// <returns>The command.</returns>
    internal Command Create(HostOptions options)
    {
        Command command = new(name, description) { Words };
        foreach (Option option in Options)
        {
            command.Options.Add(option);
        }

        _switches.AddTo(command, canPlan: true);
        if (RestartsGuests)
        {
            _switches.RestartGuests();
        }

        command.SetAction(line => Run(line, options));
        return command;
    }

    /// <summary>Reads what is asked for.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="words">The words; those that name hosts are left in it.</param>
    /// <returns>The request.</returns>
    protected abstract ChangeRequest RequestOf(ParseResult line, List<string> words);

    private int Run(ParseResult line, HostOptions options)
    {
        Output.OutputFormat format = options.OutputOf(line);
        int throttle = options.ThrottleOf(line);
        HostSources sources = options.SourcesOf(line);
        List<string> words = [.. line.GetValue(Words) ?? []];
        if (words.Find(static word => word.StartsWith('-')) is { } option)
        {
            throw MistypedLine.UnknownOption(line, option);
        }

        ChangeRequest asked = RequestOf(line, words);
        if (asked.FindFaults() is [{ } fault, ..])
        {
            throw new UsageException(fault.Message, fault.Remedy);
        }

        ChangeOptions read = _switches.Read(line);
        ChangeOptions change = RestartsGuests
            ? read with
            {
                StopGuests = read.StopGuests || read.Restart,
                Restart = false,
            }
            : read;
        ChangeRequest request = asked with
        {
            StopGuests = change.StopGuests,
            GuestTimeoutSeconds = change.GuestTimeoutSeconds,
            Force = change.Force,
            ReplaceConflict = change.ReplaceConflict,
        };
        using HostChanger changer = HostChangers.Open(change.Restart);
        HostChanging changing = new((host, token) => changer.PrepareAsync(host, request, token), change, format);
        return changing.Execute(sources.Resolve(words), throttle);
    }
}
