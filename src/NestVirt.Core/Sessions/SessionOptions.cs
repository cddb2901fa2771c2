using NestVirt.Hosts;

namespace NestVirt.Sessions;

/// <summary>What a session is to be like.</summary>
/// <param name="IdleTimeout">How long nothing may be asked in it before it is closed.</param>
internal sealed record SessionOptions(TimeSpan IdleTimeout)
{
    /// <summary>Gets what the user calls it; null for the name of its host.</summary>
    internal string? Name { get; init; }

    /// <summary>Gets what speaks SSH in it; null on this machine.</summary>
    internal SshClient? Client { get; init; }

    /// <summary>Gets what tells the time.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;
}
