using System.Text.Json.Serialization;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Model;

/// <summary>What a host needs to be asked, in the order in which it is needed.</summary>
public enum ConnectionStepName : long
{
    /// <summary>The name is known.</summary>
    Name,

    /// <summary>There is a way to the host.</summary>
    Route,

    /// <summary>A server of SSH, or of WS-Management, answers on the port.</summary>
    Port,

    /// <summary>The key of the host is the known one, or its certificate one that is trusted.</summary>
    HostKey,

    /// <summary>The host lets the account in.</summary>
    LogIn,

    /// <summary>A POSIX shell answers.</summary>
    Shell,

    /// <summary>The account is root, or becomes it by sudo.</summary>
    Sudo,

    /// <summary>What reads and changes the host is there: programs, or the classes of Hyper-V.</summary>
    Tools,
}

/// <summary>How a step went.</summary>
public enum ConnectionStepState : long
{
    /// <summary>It could not be told.</summary>
    Unknown,

    /// <summary>It stands.</summary>
    Passed,

    /// <summary>It does not stand.</summary>
    Failed,

    /// <summary>A step before it failed.</summary>
    NotTried,

    /// <summary>This host, or what the user asked for, has no such step.</summary>
    NotApplicable,
}

/// <summary>One step on the way to a host's answers.</summary>
/// <param name="Name">Which.</param>
/// <param name="State">How it went.</param>
public sealed record ConnectionStep(ConnectionStepName Name, ConnectionStepState State)
{
    /// <summary>Gets what was seen, or null.</summary>
    public string? Detail
    {
        get;
        init => field = value is null ? null : HostText.Shown(value);
    }

    /// <summary>Gets how long it took, the steps before it that cannot be told apart included; null where it was not tried.</summary>
    public long? TimeMilliseconds { get; init; }

    /// <summary>Writes the step as a table shows it.</summary>
    /// <returns>Its name and state.</returns>
    public override string ToString() => $"{Name} {State}";
}

/// <summary>Whether a host can be asked, and which step on the way to it does not stand.</summary>
/// <param name="Steps">The steps, in their order.</param>
public sealed record ConnectionCheck(IReadOnlyList<ConnectionStep> Steps)
{
    /// <summary>Gets the host.</summary>
    [JsonIgnore]
    public HostTarget Target { get; init; } = HostTarget.Local;

    /// <summary>Gets the name of <see cref="Target"/>.</summary>
    public string HostName => Target.Name;

    /// <summary>Gets a value indicating whether no step failed.</summary>
    public bool Stands => FirstFault is null;

    /// <summary>Gets the first step that does not stand, or null.</summary>
    public ConnectionStepName? FirstFault =>
        Steps.FirstOrDefault(static step => step.State == ConnectionStepState.Failed)?.Name;

    /// <summary>Gets the steps, in their order.</summary>
    public IReadOnlyList<ConnectionStep> Steps
    {
        get;
        init => field = TextList<ConnectionStep>.Of(value);
    } = TextList<ConnectionStep>.Of(Steps);

    /// <summary>Gets why the first fault is one, or null.</summary>
    public string? Message
    {
        get;
        init => field = value is null ? null : HostText.Shown(value);
    }

    /// <summary>Writes the check as one line.</summary>
    /// <returns>The host, and the first step that does not stand.</returns>
    public override string ToString() =>
        FirstFault is { } fault ? $"{HostName}: {fault} does not stand" : $"{HostName} stands";

    /// <summary>Gets what to do about it, or null.</summary>
    public string? Remedy
    {
        get;
        init => field = value is null ? null : HostText.Shown(value);
    }

    /// <summary>Gets the command that mends it, or that shows what must be looked at first; null where there is none.</summary>
    public string? Command
    {
        get;
        init => field = value is null ? null : HostText.Shown(value);
    }
}
