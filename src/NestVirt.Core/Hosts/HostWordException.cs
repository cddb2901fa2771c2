namespace NestVirt.Hosts;

/// <summary>Why a word names no host.</summary>
public enum HostWordFault
{
    /// <summary>It is not of the form [user@]host[:port].</summary>
    NoHost,

    /// <summary>It is the name of a file.</summary>
    File,

    /// <summary>It is to name a Hyper-V host, and is not of the form [user@]host[:port].</summary>
    HyperV,

    /// <summary>It is a group or a pattern, and there is no inventory to choose from.</summary>
    NoInventory,

    /// <summary>It is a group or a pattern that the inventory has nothing for.</summary>
    NotInInventory,

    /// <summary>It is a group without hosts, or nothing was named and the inventory has no host at all.</summary>
    NoHostsInInventory,

    /// <summary>It comes from a file, with options for ssh that only the user may set.</summary>
    OptionNotConfirmed,

    /// <summary>It names several hosts, and one is needed.</summary>
    Several,

    /// <summary>It is one of hosts over SSH and over WS-Management, and one port is given for all of them.</summary>
    PortOfBoth,

    /// <summary>It is one of hosts over SSH and over WS-Management, and one password is given for all of them.</summary>
    PasswordOfBoth,
}

/// <summary>A word that names no host.</summary>
/// <param name="kind">What went wrong.</param>
/// <param name="fault">Why the word names no host; by it a front end words its advice.</param>
/// <param name="message">A sentence.</param>
public sealed class HostWordException(NestVirtErrorKind kind, HostWordFault fault, string message)
    : NestVirtException(kind, message)
{
    /// <summary>Gets why the word names no host.</summary>
    public HostWordFault Fault { get; } = fault;

    /// <summary>Gets the word, or null where none was given.</summary>
    public string? Word { get; init; }
}
