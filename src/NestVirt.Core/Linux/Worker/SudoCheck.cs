using NestVirt.Model;
using NestVirt.Transport.Shell;

namespace NestVirt.Linux.Worker;

/// <summary>Tells whether the account of a host becomes root by sudo, by running what is run later.</summary>
internal static class SudoCheck
{
    /// <summary>POSIX sh that prints one word, and behind it what sudo said, or why it refused the password.</summary>
    internal const string Script = """
        LC_ALL=C; export LC_ALL
        PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin; export PATH
        if [ "$(id -u)" = 0 ]; then echo root
        elif [ -n "$nv_refused" ]; then printf 'denied\n%s\n' "$nv_refused"
        elif ! command -v sudo >/dev/null 2>&1; then echo none
        elif nv_said=$(sudo -n /bin/sh </dev/null 2>&1); then echo passwordless
        else printf 'refused\n%s\n' "$nv_said"
        fi
        """;

    /// <summary>Reads what the script printed.</summary>
    /// <param name="text">What it printed.</param>
    /// <returns>The step, and what to do where it does not stand.</returns>
    internal static (ConnectionStep Step, string? Remedy) Read(string text)
    {
        string[] parts = text.Split('\n', 2);
        string said = parts.ElementAtOrDefault(1)?.Trim() ?? string.Empty;
        return parts[0] switch
        {
            "root" => (Of(ConnectionStepState.Passed, "What is asked is asked as root."), null),
            "passwordless" => (Of(ConnectionStepState.Passed, "sudo makes the account root without a password."), null),
            "denied" => Refused(said, SudoRefusal.RemedyIn(said)),
            "refused" => Refused(SudoRefusal.Of(said)),
            "none" => Refused(SudoRefusal.NotInstalled),
            _ => (Of(ConnectionStepState.Unknown, "The host did not say."), null),
        };
    }

    private static (ConnectionStep Step, string? Remedy) Refused(SudoRefusal refusal) =>
        Refused(refusal.Reason, refusal.Remedy);

    private static (ConnectionStep Step, string? Remedy) Refused(string reason, string remedy) =>
        (Of(ConnectionStepState.Failed, $"The account is not root, and {reason}."), remedy);

    private static ConnectionStep Of(ConnectionStepState state, string detail) =>
        new(ConnectionStepName.Sudo, state) { Detail = detail };
}
