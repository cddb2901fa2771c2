namespace NestVirt.Hosts;

/// <summary>What speaks SSH with a host.</summary>
public enum SshClient
{
    /// <summary>The <c>ssh</c> of this machine, with the user's agent, jump hosts, certificates and security keys.</summary>
    OpenSsh,

    /// <summary>The client that is built in, which takes passwords and passphrases, and needs no <c>ssh</c>.</summary>
    Library,
}
