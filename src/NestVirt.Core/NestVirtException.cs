using NestVirt.Text;

namespace NestVirt;

/// <summary>What went wrong, in the terms a caller can act on. The names are error ids: public, never renamed.</summary>
public enum NestVirtErrorKind
{
    /// <summary>The host could not be reached: its name, its address or its port does not answer.</summary>
    HostUnreachable,

    /// <summary>The host refused the credentials.</summary>
    HostAuthenticationFailed,

    /// <summary>The host's key is not the one that is known for it.</summary>
    HostKeyMismatch,

    /// <summary>No key is known for the host, and none is accepted silently.</summary>
    HostKeyUnknown,

    /// <summary>The host did not answer in time.</summary>
    HostTimeout,

    /// <summary>The connection ended in the middle of an answer.</summary>
    HostConnectionLost,

    /// <summary>What answers at the host is not a POSIX shell.</summary>
    HostShellInvalid,

    /// <summary>The account may not read or change the setting.</summary>
    HostPermissionDenied,

    /// <summary>The host answered with output that no parser accepts, or with more of it than is allowed.</summary>
    ProbeOutputInvalid,

    /// <summary>The snapshot file cannot be read as one.</summary>
    SnapshotInvalid,

    /// <summary>The snapshot or the directory tree does not exist or may not be read.</summary>
    SourceNotFound,

    /// <summary>A program that is needed on this machine is not there.</summary>
    ToolNotFound,

    /// <summary>The host lacks the feature.</summary>
    FeatureNotSupported,

    /// <summary>The change would harm the host or is not possible on it; the reasons are in the message.</summary>
    ChangeRefused,

    /// <summary>The host is not any more as the plan found it.</summary>
    HostChanged,

    /// <summary>Another change of the host is under way.</summary>
    HostLocked,

    /// <summary>A change failed; what had been made of it was taken back.</summary>
    ChangeFailed,

    /// <summary>A change failed, and not all of it could be taken back.</summary>
    ChangeIncomplete,

    /// <summary>The plan file cannot be read as one.</summary>
    PlanInvalid,

    /// <summary>The journal of the host has no such change.</summary>
    ChangeNotFound,

    /// <summary>The file of hosts cannot be read as one.</summary>
    InventoryInvalid,

    /// <summary>The file of hosts, or the group that was chosen, has no hosts.</summary>
    InventoryEmpty,

    /// <summary>The file of hosts has no group of the name, or nothing that fits the pattern.</summary>
    InventoryNameNotFound,

    /// <summary>What was given as a host's name is none.</summary>
    HostNameInvalid,

    /// <summary>The ssh client does not take an option, or its configuration.</summary>
    SshOptionInvalid,

    /// <summary>The session has ended by itself: its host went away, or a command in it came to no end.</summary>
    SessionBroken,

    /// <summary>Nothing was asked in the session for so long that it was closed.</summary>
    SessionTimedOut,

    /// <summary>The session was removed.</summary>
    SessionClosed,

    /// <summary>The host's certificate is not one that is trusted, or not the one that was pinned.</summary>
    HostCertificateUntrusted,
}

/// <summary>An expected failure of one host.</summary>
public class NestVirtException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="NestVirtException"/> class.</summary>
    /// <param name="kind">What went wrong.</param>
    /// <param name="message">A sentence for the user.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public NestVirtException(NestVirtErrorKind kind, string message, Exception? inner = null)
        : base(HostText.ShownLines(message), inner) => Kind = kind;

    /// <summary>Gets what went wrong.</summary>
    public NestVirtErrorKind Kind { get; }

    /// <summary>Gets what the user can do about it, or null.</summary>
    public string? Remedy
    {
        get;
        init => field = HostText.ShownLines(value);
    }
}
