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
    private const int ShownLength = 400;
    private const int ShownLines = 2;

    // The first rule with words in what ssh said is the one; the words are OpenSSH's, 7.4 to 10.
    private static readonly Rule[] s_rules =
    [
        new(
            NestVirtErrorKind.HostKeyMismatch,
            "The host's key is not the one known for it: the host was reinstalled, or another answers in its place.",
            ["REMOTE HOST IDENTIFICATION HAS CHANGED", "has changed and you have requested strict checking"],
            "Compare the key's fingerprint with the host's own, then correct known_hosts (ssh-keygen -R)."
        ),
        new(
            NestVirtErrorKind.HostKeyMismatch,
            "The host's key is marked as revoked: it may be stolen.",
            ["REVOKED HOST KEY DETECTED", "was revoked and you have requested strict checking"],
            "Give the host a new key."
        ),
        new(
            NestVirtErrorKind.HostKeyUnknown,
            "No key is known for the host, and none is accepted unseen.",
            ["Host key verification failed", "host key is known for"],
            "Connect once with ssh and check the fingerprint, or put the host's key into known_hosts."
        ),
        new(
            NestVirtErrorKind.HostAuthenticationFailed,
            "The host refused the log-in: ",
            ["Permission denied (", "Too many authentication failures"],
            Advice.Of(
                $"Load a key that the host accepts into the agent, or name one by {HostSetting.KeyFile}. Passwords are never asked for."
            )
        ),
        new(
            NestVirtErrorKind.HostTimeout,
            "The host accepts connections and then says nothing: ",
            ["timed out during banner exchange", "Timeout, server "]
        ),
        new(
            NestVirtErrorKind.HostConnectionLost,
            "The host let us in and closed the connection: ",
            [" closed by remote host.", "client_loop: send disconnect", "Read from remote host"]
        ),
        new(
            NestVirtErrorKind.HostUnreachable,
            "What answers is not an SSH server: ",
            ["banner line ", "invalid format", "bad remote protocol version", "Protocol major versions differ"]
        ),
        new(
            NestVirtErrorKind.HostUnreachable,
            "The host cannot be reached: ",
            ["ssh: connect to host", "Could not resolve hostname", "stdio forwarding failed", "Unable to negotiate"]
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
    /// <returns>The error.</returns>
    internal static NestVirtException Explain(int exitCode, string said)
    {
        string shown = HostText.ForDisplay(LastLines(said), ShownLength);
        if (exitCode != ClientFailed)
        {
            return new NestVirtException(
                NestVirtErrorKind.HostShellInvalid,
                $"The log-in did not give a POSIX shell (exit code {exitCode}){(shown.Length == 0 ? "." : $": {shown}")}"
            )
            {
                Remedy = "Use an account whose login shell runs commands, with no forced command.",
            };
        }

        Rule? rule = Array.Find(s_rules, rule => ContainsAny(said, rule.Words));
        if (rule is not null)
        {
            string message = rule.Sentence.EndsWith(' ') ? rule.Sentence + shown : rule.Sentence;
            return new NestVirtException(rule.Kind, message) { Remedy = rule.Remedy };
        }

        return ContainsAny(said, s_refusals)
            ? new SshRefusedException($"The host closed the connection before the log-in: {shown}")
            : new NestVirtException(
                NestVirtErrorKind.HostUnreachable,
                shown.Length == 0 ? "ssh failed without a word." : $"The connection failed: {shown}"
            );
    }

    private static bool ContainsAny(string said, string[] words) =>
        Array.Exists(words, word => said.Contains(word, StringComparison.Ordinal));

    // Behind a jump host the last line only says that the client saw no server ("Connection closed by UNKNOWN port 65535").
    // That a host's key is known from now on is no reason either.
    private static string LastLines(string said)
    {
        string[] lines = said.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string[] telling = Array.FindAll(
            lines,
            static line =>
                !line.Contains(" UNKNOWN port ", StringComparison.Ordinal)
                && !line.StartsWith("Warning: Permanently added ", StringComparison.Ordinal)
        );
        return string.Join(" ", (telling.Length > 0 ? telling : lines).TakeLast(ShownLines));
    }

    /// <param name="Kind">What went wrong.</param>
    /// <param name="Sentence">What to tell the user; where it ends in a blank, ssh's own words follow.</param>
    /// <param name="Words">Any of these makes the rule apply.</param>
    /// <param name="Remedy">What the user can do.</param>
    private sealed record Rule(NestVirtErrorKind Kind, string Sentence, string[] Words, string? Remedy = null);
}
