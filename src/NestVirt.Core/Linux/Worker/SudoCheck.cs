using NestVirt.Model;

namespace NestVirt.Linux.Worker;

/// <summary>Tells whether the account of a host becomes root by sudo, by running what is run later.</summary>
internal static class SudoCheck
{
    /// <summary>POSIX sh that prints one word, and behind it what sudo said.</summary>
    internal const string Script = """
        LC_ALL=C; export LC_ALL
        PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin; export PATH
        if [ "$(id -u)" = 0 ]; then echo root
        elif ! command -v sudo >/dev/null 2>&1; then echo none
        elif nv_said=$(sudo -n /bin/sh -c : 2>&1 </dev/null); then echo passwordless
        else
          case $nv_said in *'password is required'*|*'no tty present'*) echo password ;; *) echo refused ;; esac
          printf '%s\n' "$nv_said"
        fi
        """;

    /// <summary>Reads what the script printed.</summary>
    /// <param name="text">What it printed.</param>
    /// <returns>The step, and what to do where it does not stand.</returns>
    internal static (ConnectionStep Step, string? Remedy) Read(string text)
    {
        string[] lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string said = lines.Length > 1 ? $": {lines[1]}" : ".";
        const string Allow =
            "Let the account run /bin/sh by sudo without a password (NOPASSWD in a file of /etc/sudoers.d), log in as root, or do without what needs root.";
        return lines.FirstOrDefault() switch
        {
            "root" => (Of(ConnectionStepState.Passed, "The account is root."), null),
            "passwordless" => (Of(ConnectionStepState.Passed, "sudo makes the account root without a password."), null),
            "password" => (Of(ConnectionStepState.Failed, $"sudo asks for a password{said}"), Allow),
            "refused" => (Of(ConnectionStepState.Failed, $"sudo refuses the account{said}"), Allow),
            "none" => (
                Of(ConnectionStepState.Failed, "The account is not root, and the host has no sudo."),
                "Install sudo there, log in as root, or do without what needs root."
            ),
            _ => (Of(ConnectionStepState.Unknown, "The host did not say."), null),
        };
    }

    private static ConnectionStep Of(ConnectionStepState state, string detail) =>
        new(ConnectionStepName.Sudo, state) { Detail = detail };
}
