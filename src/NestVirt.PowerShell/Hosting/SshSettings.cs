using NestVirt.Model;

namespace NestVirt.PowerShell.Hosting;

/// <summary>What the parameters of the HostName set say about every host of theirs.</summary>
/// <param name="Options">Options for the ssh client, each as KEY=VALUE.</param>
internal sealed record SshSettings(IReadOnlyList<string> Options)
{
    /// <summary>Gets the account for hosts that do not name one.</summary>
    internal string? UserName { get; init; }

    /// <summary>Gets the full path of the private key file.</summary>
    internal string? KeyFilePath { get; init; }

    /// <summary>Gets the port for hosts that do not name one.</summary>
    internal int? Port { get; init; }

    /// <summary>Gets how long connecting may take.</summary>
    internal TimeSpan? ConnectTimeout { get; init; }

    /// <summary>Completes a host; what its own name says wins.</summary>
    /// <param name="target">The host.</param>
    /// <returns>The host with the settings.</returns>
    internal HostTarget ApplyTo(HostTarget target) => target with
    {
        UserName = target.UserName ?? UserName,
        KeyFilePath = KeyFilePath,
        Port = target.Port ?? Port,
        SshOptions = Options,
        ConnectTimeout = ConnectTimeout ?? target.ConnectTimeout,
    };
}
