using NestVirt.Guidance;
using NestVirt.Text;

namespace NestVirt.Transport.Shell.OpenSsh;

/// <summary>The server closed the connection before it asked who we are; it may let us in a moment later.</summary>
/// <param name="message">A sentence for the user.</param>
internal sealed class SshRefusedException(string message)
    : NestVirtException(NestVirtErrorKind.HostUnreachable, message);

/// <summary>Reads from the ssh client's own words why it failed.</summary>
internal static class SshFailure
{
    // The client's exit code for failures of its own; any other is the remote command's (ssh(1), EXIT STATUS).
    private const int ClientFailed = 255;
    private const string FaultKey = nameof(SshFault);
    private const int ShownLength = 400;
    private const int ShownLines = 2;
    private const string Denied = "Permission denied (";
    private const string LoggedIn = "Authenticated to ";
    private const string NotVerified = "Host key verification failed.";

    // Behind a jump host the last line only says that the client saw no server ("Connection closed by UNKNOWN port 65535").
    // That a host's key is known from now on is no reason either, nor is how much was sent.
    private static readonly string[] s_untelling =
    [
        " UNKNOWN port ",
        "exchange_identification: Connection closed",
        "Warning: Permanently added ",
        "Transferred: sent ",
        "Bytes per second: sent ",
    ];

    // Before it asks who we are, a host can say what it likes (its banner): these count where the client gave up.
    private static Rule[] KeyRules =>
        [
            new(
                SshFault.KeyChanged,
                NestVirtErrorKind.HostKeyMismatch,
                "The host's key is not the one known for it: the host was reinstalled, or another answers in its place.",
                ["REMOTE HOST IDENTIFICATION HAS CHANGED", "has changed and you have requested strict checking"],
                "Compare the key's fingerprint with the host's own, then correct known_hosts (ssh-keygen -R)."
            ),
            new(
                SshFault.KeyRevoked,
                NestVirtErrorKind.HostKeyMismatch,
                "The host's key is marked as revoked: it may be stolen.",
                ["REVOKED HOST KEY DETECTED", "was revoked and you have requested strict checking"],
                "Give the host a new key."
            ),
            new(
                SshFault.KeyUnknown,
                NestVirtErrorKind.HostKeyUnknown,
                "No key is known for the host, and none is accepted unseen.",
                [NotVerified],
                "Connect once with ssh and check the fingerprint, or put the host's key into known_hosts."
            ),
        ];

    // The first rule with words in what ssh said is the one; the words are OpenSSH's, 7.4 to 10, and the C library's.
    private static Rule[] Rules =>
        [
            new(
                SshFault.OptionsRefused,
                NestVirtErrorKind.SshOptionInvalid,
                "The ssh client does not take its options: ",
                [
                    "Bad configuration option",
                    "Unsupported option",
                    "bad configuration options",
                    "command-line: line 0:",
                    "command-line line 0:",
                    "Bad SSH2 ",
                    "Bad number",
                    "Bad yes/no",
                ],
                Advice.Of(
                    $"Correct what {HostSetting.SshOption}, the inventory or the ssh configuration says; ssh_config(5) has the names and values."
                )
            ),
            new(
                SshFault.ConfigNotTrusted,
                NestVirtErrorKind.SshOptionInvalid,
                "The ssh client does not trust its configuration: ",
                ["Bad owner or permissions on"],
                "Make the file yours, and let no other write to it: chmod go-w."
            ),
            new(
                SshFault.KeyFileOpenToOthers,
                NestVirtErrorKind.HostAuthenticationFailed,
                "Others may read the key file, so ssh does not use it: ",
                ["UNPROTECTED PRIVATE KEY FILE", "are too open", "bad permissions"],
                "Let only its owner read it: chmod 600, or on Windows icacls /inheritance:r."
            )
            {
                Beside = Denied,
            },
            new(
                SshFault.KeyFileMissing,
                NestVirtErrorKind.HostAuthenticationFailed,
                "The key file cannot be opened: ",
                ["not accessible: "],
                "Name a private key file that is there and that you may read."
            )
            {
                Beside = Denied,
            },
            new(
                SshFault.KeyFileUnreadable,
                NestVirtErrorKind.HostAuthenticationFailed,
                "The key file holds no private key that ssh can read: ",
                ["\": invalid format", "\": error in libcrypto"],
                "Name the private key, not the .pub file beside it; or convert it with ssh-keygen."
            )
            {
                Beside = Denied,
            },
            new(
                SshFault.TooManyKeys,
                NestVirtErrorKind.HostAuthenticationFailed,
                "The host refused every key that was offered: ",
                ["Too many authentication failures"],
                Advice.Of(
                    $"The agent holds more keys than the host lets you try: name the right one by {HostSetting.KeyFile}, and IdentitiesOnly=yes by {HostSetting.SshOption}."
                )
            ),
            new(
                SshFault.LoginRefused,
                NestVirtErrorKind.HostAuthenticationFailed,
                "The host refused the log-in: ",
                [Denied],
                Advice.Of(
                    $"Load a key that the host accepts into the agent, name one by {HostSetting.KeyFile}, or give the password by {HostSetting.Credential}."
                )
            ),
            new(
                SshFault.SaysNothing,
                NestVirtErrorKind.HostTimeout,
                "The host accepts connections and then says nothing: ",
                ["timed out during banner exchange"],
                "Look at its load and its SSH server."
            ),
            .. LaterRules,
            new(
                SshFault.NoSshServer,
                NestVirtErrorKind.HostUnreachable,
                "What answers is not an SSH server: ",
                ["banner line ", "invalid format", "bad remote protocol version", "Protocol major versions differ"],
                Advice.Of($"Name the port of its SSH server with {HostSetting.Port}.")
            ),
            new(
                SshFault.NameUnknown,
                NestVirtErrorKind.HostUnreachable,
                "A name on the way to the host is not known: ",
                ["Could not resolve hostname"],
                "Check how it is spelt: it is neither in DNS, nor in the hosts file, nor a Host of the ssh configuration."
            ),
            new(
                SshFault.JumpFailed,
                NestVirtErrorKind.HostUnreachable,
                "The jump host does not get to the host: ",
                ["stdio forwarding failed"],
                "See on the jump host whether it knows the name and reaches the port, and whether its sshd allows forwarding."
            ),
            new(
                SshFault.PortClosed,
                NestVirtErrorKind.HostUnreachable,
                "No SSH server listens on that port, or a firewall refuses it: ",
                ["Connection refused"],
                Advice.Of(
                    $"Start the SSH server of the host, or name the port that it listens on with {HostSetting.Port}."
                )
            ),
            new(
                SshFault.NoRoute,
                NestVirtErrorKind.HostUnreachable,
                "There is no way to the host: ",
                ["No route to host", "Network is unreachable", "Host is down"],
                "Check that it is up, and your network, VPN and jump host."
            ),
            new(
                SshFault.NoAnswer,
                NestVirtErrorKind.HostUnreachable,
                "Nothing answers at that address and port: ",
                ["Connection timed out", "Operation timed out"],
                Advice.Of(
                    $"Check that the host is up and that no firewall drops the port; give a host that is far away more time with {HostSetting.ConnectTimeout}."
                )
            ),
            new(
                SshFault.NothingInCommon,
                NestVirtErrorKind.HostUnreachable,
                "The host and the ssh client have no method in common: ",
                ["Unable to negotiate"],
                "Update the older of the two; or allow what the host offers, for this host alone, in the ssh configuration."
            ),
            new(
                SshFault.NotReached,
                NestVirtErrorKind.HostUnreachable,
                "The host cannot be reached: ",
                ["ssh: connect to host"]
            ),
        ];

    // What may be said once we are in.
    private static Rule[] LaterRules =>
        [
            new(
                SshFault.SaysNothing,
                NestVirtErrorKind.HostTimeout,
                "The host accepts connections and then says nothing: ",
                ["Timeout, server "],
                "Look at its load and its SSH server."
            ),
            new(
                SshFault.ClosedAfterLogin,
                NestVirtErrorKind.HostConnectionLost,
                "The host let us in and closed the connection: ",
                [" closed by remote host.", "client_loop: send disconnect", "Read from remote host"],
                "Look at the log of its SSH server, or at whether it is going down."
            ),
        ];

    // A server that is too busy (MaxStartups), or shuts the client out for a while, closes without a reason.
    private static readonly string[] s_refusals =
    [
        "exchange_identification:",
        "Connection closed by ",
        "Connection reset by ",
    ];

    /// <summary>Makes the error of a connection that gave no frame.</summary>
    /// <param name="exitCode">The exit code of ssh.</param>
    /// <param name="said">What ssh, or the host, wrote.</param>
    /// <param name="keyFilePath">The key file that ssh was given, or null.</param>
    /// <returns>The error.</returns>
    internal static NestVirtException Explain(int exitCode, string said, string? keyFilePath = null)
    {
        int loggedIn = LoggedInAt(said);
        said = Telling(loggedIn < 0 ? said : AfterLine(said, loggedIn));
        Rule? rule = Array.Find(
            loggedIn >= 0 ? LaterRules
                : said.EndsWith(NotVerified, StringComparison.Ordinal) ? KeyRules
                : Rules,
            rule => ContainsAny(said, rule.Words) && said.Contains(rule.Beside, StringComparison.Ordinal)
        );
        if (exitCode != ClientFailed || (loggedIn >= 0 && rule is null))
        {
            return NoShell(exitCode, said);
        }

        string shown = HostText.ForDisplay(LastLines(said), ShownLength);
        if (rule?.Kind == NestVirtErrorKind.HostAuthenticationFailed && SshKeyFile.HasPassphrase(keyFilePath))
        {
            return new NestVirtException(
                rule.Kind,
                $"The key '{HostText.ForDisplay(keyFilePath!)}' has a passphrase, which ssh was not given, and the host refused all else: {shown}"
            )
            {
                Remedy = Advice.Of(
                    $"Add the key to the agent (ssh-add), which asks for the passphrase once, or give it by {HostSetting.KeyPassphrase}."
                ),
            };
        }

        if (rule is not null)
        {
            return rule.ToException(shown);
        }

        return ContainsAny(said, s_refusals)
            ? Refused(shown)
            : new NestVirtException(
                NestVirtErrorKind.HostUnreachable,
                shown.Length == 0 ? "ssh failed without a word." : $"The connection failed: {shown}"
            );
    }

    /// <summary>Tells which row of the table an error is of.</summary>
    /// <param name="error">The error.</param>
    /// <returns>The fault; null where it is of none.</returns>
    internal static SshFault? FaultOf(NestVirtException error) => error.Data[FaultKey] as SshFault?;

    /// <summary>Leaves out of what was said that the client has logged in, and how much it sent.</summary>
    /// <param name="said">What ssh and the host wrote.</param>
    /// <returns>What the host wrote.</returns>
    internal static string HostWords(string said)
    {
        int at = LoggedInAt(said);
        return at < 0 ? said : said[..at] + string.Join('\n', AfterLine(said, at).Split('\n').Where(IsHosts));
    }

    private static bool IsHosts(string line) => !ContainsAny(line, s_untelling);

    // What follows the first such line of the client may be the host's words as well as the client's.
    private static int LoggedInAt(string said) =>
        said.StartsWith(LoggedIn, StringComparison.Ordinal) ? 0
        : said.IndexOf($"\n{LoggedIn}", StringComparison.Ordinal) is >= 0 and var at ? at + 1
        : -1;

    private static string AfterLine(string said, int at) =>
        said.IndexOf('\n', at) is >= 0 and var end ? said[(end + 1)..] : string.Empty;

    /// <summary>Makes the error of a fault, whichever client met it.</summary>
    /// <param name="fault">What went wrong.</param>
    /// <param name="said">The words of the client or the host.</param>
    /// <returns>The error.</returns>
    internal static NestVirtException Of(SshFault fault, string said) =>
        KeyRules.Concat(Rules).First(rule => rule.Fault == fault).ToException(HostText.ForDisplay(said, ShownLength));

    /// <summary>Makes the error of a server that closed the connection before the log-in.</summary>
    /// <param name="said">The words of the client or the host.</param>
    /// <returns>The error, after which the server is asked again.</returns>
    internal static SshRefusedException Refused(string said) =>
        new($"The host closed the connection before the log-in: {HostText.ForDisplay(said, ShownLength)}")
        {
            Remedy = Advice.Of(
                $"Its SSH server may be busy (MaxStartups) or shut this machine out: ask fewer hosts at once with {HostSetting.Throttle}, or look at its log."
            ),
        };

    /// <summary>Makes the error of a log-in that ended without a frame.</summary>
    /// <param name="exitCode">The exit code of what ran on the host.</param>
    /// <param name="said">What the host wrote.</param>
    /// <returns>The error.</returns>
    internal static NestVirtException NoShell(int exitCode, string said)
    {
        string shown = HostText.ForDisplay(LastLines(said), ShownLength);
        return new NestVirtException(
            NestVirtErrorKind.HostShellInvalid,
            $"The log-in did not give a POSIX shell (exit code {exitCode}){(shown.Length == 0 ? "." : $": {shown}")}"
        )
        {
            Remedy = "Use an account whose login shell runs commands, with no forced command.",
        };
    }

    private static bool ContainsAny(string said, string[] words) =>
        Array.Exists(words, word => said.Contains(word, StringComparison.Ordinal));

    private static string LastLines(string said) => string.Join(" ", said.Split('\n').TakeLast(ShownLines));

    private static string Telling(string said)
    {
        string[] lines = said.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string[] telling = Array.FindAll(lines, IsHosts);
        return string.Join('\n', telling.Length > 0 ? telling : lines);
    }

    /// <param name="Fault">What went wrong.</param>
    /// <param name="Kind">Its kind.</param>
    /// <param name="Sentence">What to tell the user; where it ends in a blank, ssh's own words follow.</param>
    /// <param name="Words">Any of these makes the rule apply.</param>
    /// <param name="Remedy">What the user can do.</param>
    private sealed record Rule(
        SshFault Fault,
        NestVirtErrorKind Kind,
        string Sentence,
        string[] Words,
        string? Remedy = null
    )
    {
        /// <summary>Gets what ssh must have said too: of a key that it leaves out it tells even where that does no harm.</summary>
        internal string Beside { get; init; } = string.Empty;

        internal NestVirtException ToException(string shown)
        {
            NestVirtException error = new(Kind, Sentence.EndsWith(' ') ? Sentence + shown : Sentence)
            {
                Remedy = Remedy,
            };
            error.Data[FaultKey] = Fault;
            return error;
        }
    }
}
