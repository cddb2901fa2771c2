namespace NestVirt.SshNet;

/// <summary>How far a log-in is.</summary>
internal enum SshStage
{
    /// <summary>No SSH server has answered yet.</summary>
    Connecting,

    /// <summary>Keys are exchanged.</summary>
    Exchanging,

    /// <summary>The host's key is the known one, and it looks at ours.</summary>
    Authenticating,

    /// <summary>The host let us in.</summary>
    LoggedIn,
}
