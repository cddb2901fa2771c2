using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.SshNet.Config;

/// <summary>Tells what of ssh_config(5) this client does, what it may leave out, and what it does not do.</summary>
internal static class SshFeatures
{
    /// <summary>Settings of the log-in that are not done; they matter only where the host refuses all else.</summary>
    internal static readonly string[] OfLogin = ["CertificateFile", "PKCS11Provider"];

    // Without these the host is another, or is not reached, or is believed where it should not be.
    private static readonly string[] s_needed =
    [
        "ProxyJump",
        "ProxyCommand",
        "KnownHostsCommand",
        "RevokedHostKeys",
        "BindAddress",
        "BindInterface",
    ];

    private static readonly string[] s_doneOrHarmless =
    [
        "HostName",
        "User",
        "Port",
        "IdentityFile",
        "UserKnownHostsFile",
        "GlobalKnownHostsFile",
        "StrictHostKeyChecking",
        "HostKeyAlias",
        "BatchMode",
        "CheckHostIP",
        "ClearAllForwardings",
        "Compression",
        "ConnectTimeout",
        "ConnectionAttempts",
        "ControlMaster",
        "ControlPath",
        "ControlPersist",
        "FingerprintHash",
        "ForwardAgent",
        "ForwardX11",
        "ForwardX11Trusted",
        "GSSAPIAuthentication",
        "HashKnownHosts",
        "HostbasedAuthentication",
        "IPQoS",
        "IdentitiesOnly",
        "IdentityAgent",
        "LogLevel",
        "PasswordAuthentication",
        "KbdInteractiveAuthentication",
        "PubkeyAuthentication",
        "RekeyLimit",
        "RemoteCommand",
        "RequestTTY",
        "ServerAliveCountMax",
        "ServerAliveInterval",
        "TCPKeepAlive",
        "UpdateHostKeys",
        .. OfLogin,
    ];

    /// <summary>Refuses a host whose options this client does not do.</summary>
    /// <param name="target">The host.</param>
    /// <exception cref="NestVirtException">There is such an option.</exception>
    internal static void ThrowIfNotDone(HostTarget target)
    {
        foreach (string option in target.SshOptions)
        {
            string name = SshOption.Split(option).Name;
            if (
                s_needed.Concat(s_doneOrHarmless).FirstOrDefault(known => Is(known, name)) is not { } known
                || (s_needed.Contains(known) && SshOption.Split(option).Value != "none")
            )
            {
                throw NotDone($"The ssh option {HostText.ForDisplay(option, 80)}");
            }
        }
    }

    /// <summary>Refuses a host whose configuration needs what this client does not do.</summary>
    /// <param name="values">What the configuration says for the host.</param>
    /// <exception cref="NestVirtException">It does.</exception>
    internal static void ThrowIfNotDone(SshConfigValues values)
    {
        string? needed =
            values.Unjudged.FirstOrDefault() ?? Array.Find(s_needed, name => values.First(name) is not null);
        if (needed is not null)
        {
            throw NotDone($"The ssh configuration reaches this host by {HostText.ForDisplay(needed, 80)}, which");
        }
    }

    private static bool Is(string known, string name) => known.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static NestVirtException NotDone(string subject) =>
        new(NestVirtErrorKind.SshOptionInvalid, $"{subject} is not done by the built-in SSH client.")
        {
            Remedy = Advice.Of($"Use the OpenSSH client for this host, by {HostSetting.SshClient}."),
        };
}
