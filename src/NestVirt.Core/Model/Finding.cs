using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Model;

/// <summary>How much a finding matters.</summary>
public enum Severity : long
{
    /// <summary>Good to know.</summary>
    Information,

    /// <summary>Works, but not as well or as lastingly as it should.</summary>
    Warning,

    /// <summary>Does not work.</summary>
    Error,
}

/// <summary>One thing found out about a host, with what proves it and what to do.</summary>
/// <param name="Code">A stable name, such as <c>NestedOff</c>.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Message">One sentence.</param>
public sealed record Finding(string Code, Severity Severity, string Message)
{
    /// <summary>Gets a stable name, such as <c>NestedOff</c>.</summary>
    public string Code
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Code);

    /// <summary>Gets how much it matters.</summary>
    public Severity Severity { get; init; } = Severity;

    /// <summary>Gets one sentence.</summary>
    public string Message
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Message);

    /// <summary>Gets what the host itself said: a file and its text, a log line; null when there is nothing to quote.</summary>
    public string? Evidence
    {
        get;
        init => field = value is null ? null : HostText.Shown(SecretText.Hide(value));
    }

    /// <summary>Gets what to do, or null when nothing need be done.</summary>
    public string? Remedy
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the command of ours that mends it, as it is typed in the front end at hand; null when there is none.</summary>
    public string? Command
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the command of ours that mends it, of whatever host.</summary>
    internal CommandCall? Mend { get; init; }

    /// <summary>Gets the switch with which what was asked for is to be asked for again.</summary>
    internal ChangeSwitch? RepeatWith { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Severity} {Code}: {Message}";

    // What a user asked for is quoted and said again; what a host says is in no command.
    private static bool IsPlain(CommandCall call) =>
        call.Arguments.All(static argument => PlainWord.Is(argument.Value));

    /// <summary>Writes the command that mends it for a host. On a recorded host nothing can be made.</summary>
    /// <param name="target">The host.</param>
    /// <param name="asked">What was asked for when it was found; null where nothing was, or where it cannot be written.</param>
    /// <returns>The finding with the command.</returns>
    internal Finding For(HostTarget target, CommandCall? asked = null)
    {
        CommandCall? call =
            RepeatWith is { } allowed && asked is not null
                ? asked with
                {
                    Switches = [.. asked.Switches.Append(allowed).Distinct()],
                }
            : Mend is not null && IsPlain(Mend) ? Mend
            : null;
        return Mend is null && RepeatWith is null
            ? this
            : this with
            {
                Mend = null,
                RepeatWith = null,
                Command =
                    call is null || target.IsRecorded
                        ? null
                        : FrontEnd.Words.Write(call with { Host = target.CommandWord }),
            };
    }
}
