namespace NestVirt.Transport.Ssh;

/// <summary>The server closed the connection before it asked who we are; it may let us in a moment later.</summary>
/// <param name="message">A sentence for the user.</param>
internal sealed class SshRefusedException(string message) : NestVirtException(NestVirtErrorKind.HostUnreachable, message);

/// <summary>Reads from the ssh client's own words why it failed.</summary>
internal static class SshFailure
{
    // The client's exit code for failures of its own; any other is the remote command's (ssh(1), EXIT STATUS).
    private const int ClientFailed = 255;
    private const int ShownLength = 400;

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
                $"The log-in did not give a POSIX shell (exit code {exitCode}){(shown.Length == 0 ? "." : $": {shown}")}")
            {
                Remedy = "Use an account whose login shell runs commands, with no forced command.",
            };
        }

        if (Says("REMOTE HOST IDENTIFICATION HAS CHANGED") || Says("host key for") && Says("has changed"))
        {
            return new NestVirtException(NestVirtErrorKind.HostKeyMismatch, "The host's key is not the one known for it: the host was reinstalled, or another answers in its place.")
            {
                Remedy = "Compare the key's fingerprint with the host's own, then correct known_hosts (ssh-keygen -R).",
            };
        }

        if (Says("Host key verification failed") || Says("host key is known for"))
        {
            return new NestVirtException(NestVirtErrorKind.HostKeyUnknown, "No key is known for the host, and none is accepted unseen.")
            {
                Remedy = "Connect once with ssh and check the fingerprint, or put the host's key into known_hosts.",
            };
        }

        if (Says("Permission denied (") || Says("Too many authentication failures") || Says("No more authentication methods"))
        {
            return new NestVirtException(NestVirtErrorKind.HostAuthenticationFailed, $"The host refused the log-in: {shown}")
            {
                Remedy = "Load a key that the host accepts into the agent, or name one (--identity, -KeyFilePath). Passwords are never asked for.",
            };
        }

        bool isRefused = Says("kex_exchange_identification") || Says("Connection closed by") || Says("Connection reset by")
            || Says("ssh_exchange_identification") || Says("Not allowed at this time");
        return isRefused
            ? new SshRefusedException($"The host closed the connection before the log-in: {shown}")
            : new NestVirtException(NestVirtErrorKind.HostUnreachable, shown.Length == 0 ? "ssh failed without a word." : $"The host cannot be reached: {shown}");

        bool Says(string words) => said.Contains(words, StringComparison.OrdinalIgnoreCase);
    }

    private static string LastLines(string said) => string.Join(
        " ",
        said.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).TakeLast(2));
}
