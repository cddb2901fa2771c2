using System.Globalization;
using NestVirt.Hosts;

namespace NestVirt.SshNet.Config;

/// <summary>How a host is reached, as its address, the user's options and the ssh configuration say it together.</summary>
internal sealed record SshSettings
{
    private const int StandardPort = 22;

    // ssh_config(5), IdentityFile; those of security keys are left to the OpenSSH client.
    private static readonly string[] s_standardKeys = ["~/.ssh/id_rsa", "~/.ssh/id_ecdsa", "~/.ssh/id_ed25519"];

    /// <summary>Gets the name or address to connect to.</summary>
    internal required string HostName { get; init; }

    /// <summary>Gets the port.</summary>
    internal required int Port { get; init; }

    /// <summary>Gets the account.</summary>
    internal required string UserName { get; init; }

    /// <summary>Gets the private keys to try, in their order.</summary>
    internal required IReadOnlyList<string> KeyFiles { get; init; }

    /// <summary>Gets the name that known_hosts has for the host; null where that is its own.</summary>
    internal required string? HostKeyAlias { get; init; }

    /// <summary>Gets the files of known hosts; what this user adds goes to the first.</summary>
    internal required IReadOnlyList<string> KnownHostsFiles { get; init; }

    /// <summary>Gets a value indicating whether a host that is not known is believed, and known from then on.</summary>
    internal required bool AcceptsNew { get; init; }

    /// <summary>Gets what the configuration says about the log-in and this client does not do, such as CertificateFile.</summary>
    internal required IReadOnlyList<string> LoginNotDone { get; init; }

    /// <summary>Puts the settings of a host together.</summary>
    /// <param name="target">The host.</param>
    /// <param name="userName">The account, where the caller has one.</param>
    /// <param name="values">What the configuration says.</param>
    /// <param name="home">The user's home folder.</param>
    /// <param name="globalFolder">The folder of the machine's own ssh files.</param>
    /// <returns>The settings.</returns>
    internal static SshSettings Of(
        HostTarget target,
        string? userName,
        SshConfigValues values,
        string home,
        string globalFolder
    )
    {
        string user = userName ?? values.First("user") ?? Environment.UserName;
        int port = target.Port ?? Number(values.First("port")) ?? StandardPort;
        string hostName = (values.First("hostname") ?? target.Name)
            .Replace("%h", target.Name, StringComparison.Ordinal)
            .Replace("%%", "%", StringComparison.Ordinal);
        SshTokens tokens = new(target.Name, hostName, port, user, home);
        return new SshSettings
        {
            HostName = hostName,
            Port = port,
            UserName = user,
            KeyFiles =
            [
                .. new[] { target.KeyFilePath }
                    .OfType<string>()
                    .Concat((values.All("identityfile") ?? s_standardKeys).Select(tokens.ExpandPath))
                    .Distinct(StringComparer.Ordinal),
            ],
            HostKeyAlias = values.First("hostkeyalias"),
            KnownHostsFiles =
            [
                .. Files(values, "userknownhostsfile", "~/.ssh/known_hosts", "~/.ssh/known_hosts2")
                    .Concat(
                        Files(
                            values,
                            "globalknownhostsfile",
                            Path.Join(globalFolder, "ssh_known_hosts"),
                            Path.Join(globalFolder, "ssh_known_hosts2")
                        )
                    )
                    .Select(tokens.ExpandPath),
            ],
            AcceptsNew =
                values.First("stricthostkeychecking")?.ToLowerInvariant() is "no" or "off" or "false" or "accept-new",
            LoginNotDone = [.. SshFeatures.OfLogin.Where(name => values.First(name) is not null)],
        };
    }

    // ssh -G prints names without quotes, so words that follow each other may be one name.
    private static IEnumerable<string> Files(SshConfigValues values, string key, params string[] standard)
    {
        if (values.All(key) is not { } words)
        {
            return standard;
        }

        string[] parts = [.. words.SelectMany(static word => word.Split(' '))];
        return parts.Concat(
            Enumerable
                .Range(0, parts.Length)
                .SelectMany(start =>
                    Enumerable
                        .Range(start + 2, Math.Max(0, parts.Length - start - 1))
                        .Select(end => string.Join(' ', parts[start..end]))
                )
                .Where(File.Exists)
        );
    }

    private static int? Number(string? text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) ? number : null;
}
