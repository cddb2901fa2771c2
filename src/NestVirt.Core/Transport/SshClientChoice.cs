using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Transport.Shell.Processes;

namespace NestVirt.Transport;

/// <summary>Which client speaks SSH with a host, and why.</summary>
/// <param name="Client">The client.</param>
/// <param name="Reason">Why, as the end of a sentence.</param>
internal sealed record SshClientChoice(SshClient Client, string Reason)
{
    /// <summary>Chooses for this machine.</summary>
    /// <param name="address">The host.</param>
    /// <returns>The choice.</returns>
    internal static SshClientChoice Of(SshAddress address) => Of(address, ProgramPath.Find("ssh") is not null);

    /// <summary>Chooses: what the user asks for, what can take his password, or what is there.</summary>
    /// <param name="address">The host.</param>
    /// <param name="hasSsh">Whether this machine has an <c>ssh</c>.</param>
    /// <returns>The choice.</returns>
    internal static SshClientChoice Of(SshAddress address, bool hasSsh) =>
        address.Client is { } asked ? new(asked, "as asked for")
        : address.HasCredential ? new(SshClient.Library, "since it takes the password or the passphrase that was given")
        : hasSsh ? new(SshClient.OpenSsh, "with the user's own configuration")
        : new(SshClient.Library, "since there is no ssh on PATH");

    /// <summary>Refuses a client that cannot take what the user gave to log in with.</summary>
    /// <param name="address">The host.</param>
    /// <exception cref="NestVirtException">It is so.</exception>
    internal void ThrowIfUseless(SshAddress address)
    {
        if (Client == SshClient.OpenSsh && address.HasCredential)
        {
            throw new NestVirtException(
                NestVirtErrorKind.SshOptionInvalid,
                "The OpenSSH client is asked for, and is never given a password or a passphrase."
            )
            {
                Remedy = Advice.Of($"Leave out {HostSetting.SshClient}, or the password and the passphrase."),
            };
        }
    }

    /// <summary>Says what is chosen.</summary>
    /// <returns>The end of a sentence.</returns>
    public override string ToString() =>
        $"through the {(Client == SshClient.OpenSsh ? "OpenSSH client" : "built-in client")}, {Reason}";
}
