using System.Text.RegularExpressions;

namespace NestVirt.Hosts;

/// <summary>Options for the ssh client: what anyone may set, and what a file of hosts may set.</summary>
public static partial class SshOption
{
    private const string RunsPrograms = "runs programs on this machine";
    private const string LoosensChecks = "decides which host keys are believed";
    private const string HandsOn = "lends hosts what is this machine's";

    // ssh_config(5), as of OpenSSH 10. What is neither here nor below is refused as well.
    private static readonly Dictionary<string, Func<string, bool>> s_harmless = new(StringComparer.OrdinalIgnoreCase)
    {
        ["AddressFamily"] = IsWord,
        ["BindAddress"] = SshAddress.IsHost,
        ["BindInterface"] = IsWord,
        ["CASignatureAlgorithms"] = IsWord,
        ["CertificateFile"] = IsFile,
        ["Ciphers"] = IsWord,
        ["Compression"] = IsWord,
        ["ConnectTimeout"] = IsWord,
        ["ConnectionAttempts"] = IsWord,
        ["FingerprintHash"] = IsWord,
        ["GSSAPIAuthentication"] = IsWord,
        ["HostKeyAlgorithms"] = IsWord,
        ["HostKeyAlias"] = SshAddress.IsHost,
        ["HostName"] = static value => SshAddress.IsHost(value.Replace("%%", "%", StringComparison.Ordinal)),
        ["IPQoS"] = static value => value.Split(' ').All(IsWord),
        ["IdentitiesOnly"] = IsWord,
        ["IdentityFile"] = IsFile,
        ["KexAlgorithms"] = IsWord,
        ["LogLevel"] = IsWord,
        ["MACs"] = IsWord,
        ["Port"] = IsWord,
        ["PreferredAuthentications"] = IsWord,
        ["ProxyJump"] = IsJump,
        ["PubkeyAcceptedAlgorithms"] = IsWord,
        ["PubkeyAcceptedKeyTypes"] = IsWord,
        ["PubkeyAuthentication"] = IsWord,
        ["RekeyLimit"] = static value => value.Split(' ').All(IsWord),
        ["ServerAliveCountMax"] = IsWord,
        ["ServerAliveInterval"] = IsWord,
        ["TCPKeepAlive"] = IsWord,
        ["User"] = SshAddress.IsUser,
    };

    private static readonly Dictionary<string, string> s_reasons = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Include"] = RunsPrograms,
        ["KnownHostsCommand"] = RunsPrograms,
        ["LocalCommand"] = RunsPrograms,
        ["Match"] = RunsPrograms,
        ["PermitLocalCommand"] = RunsPrograms,
        ["PKCS11Provider"] = RunsPrograms,
        ["ProxyCommand"] = RunsPrograms,
        ["SecurityKeyProvider"] = RunsPrograms,
        ["SmartcardDevice"] = RunsPrograms,
        ["XAuthLocation"] = RunsPrograms,
        ["CheckHostIP"] = LoosensChecks,
        ["GlobalKnownHostsFile"] = LoosensChecks,
        ["NoHostAuthenticationForLocalhost"] = LoosensChecks,
        ["RevokedHostKeys"] = LoosensChecks,
        ["StrictHostKeyChecking"] = LoosensChecks,
        ["UpdateHostKeys"] = LoosensChecks,
        ["UserKnownHostsFile"] = LoosensChecks,
        ["VerifyHostKeyDNS"] = LoosensChecks,
        ["AddKeysToAgent"] = HandsOn,
        ["ControlMaster"] = HandsOn,
        ["ControlPath"] = HandsOn,
        ["ControlPersist"] = HandsOn,
        ["DynamicForward"] = HandsOn,
        ["EnableSSHKeysign"] = HandsOn,
        ["ForwardAgent"] = HandsOn,
        ["ForwardX11"] = HandsOn,
        ["ForwardX11Trusted"] = HandsOn,
        ["GSSAPIDelegateCredentials"] = HandsOn,
        ["HostbasedAuthentication"] = HandsOn,
        ["IdentityAgent"] = HandsOn,
        ["LocalForward"] = HandsOn,
        ["RemoteForward"] = HandsOn,
        ["SendEnv"] = HandsOn,
        ["Tunnel"] = HandsOn,
    };

    /// <summary>Gets the options that a file of hosts may set.</summary>
    internal static IEnumerable<string> Harmless => s_harmless.Keys;

    /// <summary>Says why an option cannot be given to the ssh client as one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    /// <returns>The end of a sentence, or null.</returns>
    public static string? FindFault(string name, string value) =>
        !OptionName().IsMatch(name) ? "is not the name of an option"
        : value.Length == 0 || value.Any(char.IsControl) ? "has a value that is none"
        : name.Equals("User", StringComparison.OrdinalIgnoreCase) && !SshAddress.IsUser(value)
            ? "has a value that is no account"
        : null;

    /// <summary>Says why a file of hosts may not set an option.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    /// <returns>The end of a sentence, or null.</returns>
    internal static string? FindFaultInFile(string name, string value) =>
        FindFault(name, value)
        ?? (
            s_reasons.TryGetValue(name, out string? reason) ? reason
            : !s_harmless.TryGetValue(name, out Func<string, bool>? isHarmless)
                ? "is not one of those that are known to be harmless"
            : isHarmless(value) ? null
            : "has a value that is not known to be harmless"
        );

    /// <summary>Tells whether a file of hosts may set an option.</summary>
    /// <param name="option">The option, as KEY=VALUE.</param>
    /// <returns>True if so.</returns>
    internal static bool IsHarmless(string option) =>
        option.Split('=', 2) is [var name, var value] && FindFaultInFile(name, value) is null;

    /// <summary>Takes an option apart as the ssh client does.</summary>
    /// <param name="option">The option, as KEY=VALUE.</param>
    /// <returns>The name in capitals; the value without quotes, in small letters.</returns>
    internal static (string Name, string Value) Split(string option)
    {
        string text = option.Trim();
        int end = text.IndexOfAny(['=', ' ', '\t']);
        return end < 0
            ? (text.ToUpperInvariant(), string.Empty)
            : (text[..end].ToUpperInvariant(), text[end..].Trim(' ', '\t', '=', '"').ToLowerInvariant());
    }

    private static bool IsWord(string value) => PlainWord().IsMatch(value);

    // ssh writes the words of a jump into a command of the shell, old ones without looking at them.
    private static bool IsJump(string value) =>
        value is "none"
        || value
            .Split(',')
            .All(static hop =>
                SshAddress.TryParse(
                    hop.StartsWith("ssh://", StringComparison.Ordinal) ? hop["ssh://".Length..] : hop,
                    out _
                )
            );

    /// <summary>Tells whether a file of hosts may name a file.</summary>
    /// <param name="value">Its path.</param>
    /// <returns>False if it is on a server, to which Windows would log in, or holds what is in an environment variable.</returns>
    internal static bool IsFile(string value) =>
        !value.StartsWith(@"\\", StringComparison.Ordinal)
        && !value.StartsWith("//", StringComparison.Ordinal)
        && !value.Contains("${", StringComparison.Ordinal)
        && !value.Any(char.IsControl);

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9]*\z")]
    private static partial Regex OptionName();

    [GeneratedRegex(@"\A[A-Za-z0-9@._,:+^*-]+\z")]
    private static partial Regex PlainWord();
}
