namespace NestVirt.Hosts;

/// <summary>How a host is reached, as a word that people see and that a file of objects keeps.</summary>
public enum HostTransport : long
{
    /// <summary>Child processes on this machine.</summary>
    Local,

    /// <summary>A shell over SSH.</summary>
    Ssh,

    /// <summary>A file that holds a host's recorded answers.</summary>
    Snapshot,

    /// <summary>A directory that holds a host's <c>proc/</c> and <c>sys/</c>.</summary>
    Root,

    /// <summary>CIM over WS-Management.</summary>
    WsMan,
}
