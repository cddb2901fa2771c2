using System.Security.Cryptography;
using System.Text;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Transport.Shell;

/// <summary>Makes a shell that of root, by sudo and the password that the user gave.</summary>
/// <remarks>
/// sudo runs in the foreground of the shell and reads from the connection, one byte at a time. It is sent the password
/// when it has asked for it and not before: a sudo that needs none never sees it, and no shell can take it for a
/// command. The root's shell then reads the same stream. A second question means that the password was wrong, and ends
/// the connection, so that nothing is tried twice. -k keeps a log-in of before from answering for this one.
/// </remarks>
/// <param name="password">The password.</param>
/// <param name="send">Sends bytes to the shell.</param>
internal sealed class SudoLogin(HostSecret password, Func<ReadOnlyMemory<byte>, Task> send)
{
    private const int Limit = 1 << 20;
    private const int ShownLength = 200;

    // sudo's words for a wrong password, and those of sudo-rs.
    private static readonly string[] s_wrong =
    [
        "incorrect password",
        "Sorry, try again",
        "incorrect authentication",
        "Authentication fail",
    ];

    // It stands in a command line for as long as sudo runs, unlike those of the frames that follow, and is worth nothing then.
    private readonly string _token = ShellFraming.CreateToken();
    private int _answered = -1;

    // SSH_CONNECTION tells the worker which network device it must not take away, and sudo passes no variable on.
    // A sudo that ran a shell has done its work: only its own refusal, code 1, goes back to the account's shell.
    private const string Script = """
        nv_sudo_login() {
          PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
          [ "$(id -u)" != 0 ] || return 4
          command -v sudo >/dev/null 2>&1 || return 3
          LC_ALL=C SUDO_PROMPT="$1 ask " sudo -k -S /bin/sh -c '
            [ -z "$2" ] || { SSH_CONNECTION=$2; export SSH_CONNECTION; }
            printf "\n%s end 0\n" "$1" >&2; printf "\n%s end 0\n" "$1"; exec /bin/sh' sh "$1" "${SSH_CONNECTION:-}"
          [ $? = 1 ] || exit
          return 1
        }

        """;

    /// <summary>Gets the frame of standard output.</summary>
    internal FrameReader Output => field ??= new FrameReader(_token, Limit, Limit);

    /// <summary>Gets the frame of standard error.</summary>
    internal FrameReader Error => field ??= new FrameReader(_token, Limit, Limit);

    /// <summary>Gets what is sent to the shell.</summary>
    internal string Request =>
        Script
        + $$"""
            { printf '\n%s begin\n' {{_token}} >&2; printf '\n%s begin\n' {{_token}}; nv_sudo_login {{_token}}; nv_code=$?
            printf '\n%s end %s\n' {{_token}} "$nv_code" >&2; printf '\n%s end %s\n' {{_token}} "$nv_code"; }

            """;

    /// <summary>Gets why sudo refused; null where the shell is root's now.</summary>
    /// <exception cref="NestVirtException">The password was wrong.</exception>
    internal SudoRefusal? Refusal =>
        Output.ExitCode switch
        {
            0 or 4 => null,
            3 => SudoRefusal.NotInstalled,
            _ when Array.Exists(s_wrong, word => Said.Contains(word, StringComparison.OrdinalIgnoreCase)) =>
                throw Wrong(),
            _ => SudoRefusal.Of(Said),
        };

    private string Said => Text(0).Replace($"{_token} ask", string.Empty, StringComparison.Ordinal).Trim();

    /// <summary>Answers the question for the password when it stands in what sudo has said so far.</summary>
    /// <returns>A task that ends when the answer is sent.</returns>
    /// <exception cref="NestVirtException">It is asked a second time: the password was wrong.</exception>
    internal async Task AnswerAsync()
    {
        if (!Error.HasBegun || Error.IsComplete || !Asks(Text(Math.Max(_answered, 0))))
        {
            return;
        }

        if (_answered >= 0)
        {
            throw Wrong();
        }

        _answered = Error.Content.Length;
        byte[] line = password.CopyLine();
        try
        {
            await send(line).ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(line);
        }
    }

    /// <summary>Says that sudo did not end in time.</summary>
    /// <param name="time">The time.</param>
    /// <returns>The error; null where sudo has said nothing.</returns>
    internal NestVirtException? TimedOut(TimeSpan time)
    {
        string asked = HostText.ForDisplay(Said.Split('\n')[^1], ShownLength);
        return Output.IsComplete || asked.Length == 0
            ? null
            : new SudoFailedException(
                $"sudo did not come to an end within {DurationText.Of(time)}; it only said: {asked}"
            )
            {
                Remedy =
                    "Where sudo asks for more than a password, log in as root, or let the account use sudo without.",
            };
    }

    // Where a module of PAM asks in words of its own, sudo leaves out its own prompt.
    private bool Asks(string said)
    {
        string last = said[(said.LastIndexOf('\n') + 1)..];
        return said.Contains($"{_token} ask", StringComparison.Ordinal)
            || (last.Contains("password", StringComparison.OrdinalIgnoreCase) && last.TrimEnd().EndsWith(':'));
    }

    private string Text(int from) => Encoding.UTF8.GetString(Error.Content.Span[from..]);

    private static SudoFailedException Wrong() =>
        new("sudo does not accept the password. It was tried once.")
        {
            Remedy = Advice.Of(
                $"Give the right one by {HostSetting.SudoPassword}: that of the account, or of root where sudoers says rootpw or targetpw."
            ),
        };
}
