using System.Globalization;
using System.Text;

namespace NestVirt.Transport.Shell;

/// <summary>The protocol spoken with a persistent shell: how a script is sent so that its end can be told.</summary>
/// <remarks>
/// A script runs in the background with empty standard input, while the shell itself waits for its next line. So the
/// shell sees at once when the connection closes, and its exit trap ends what still runs.
/// Both streams carry <c>TOKEN begin</c> and <c>TOKEN end CODE</c> lines, each behind a newline of its own, so that a
/// script's last line need not be whole; what comes before the first is noise (a banner, a start-up file's message).
/// </remarks>
internal static class ShellFraming
{
    /// <summary>The command that a host is given over SSH; every login shell, csh and fish among them, understands it.</summary>
    /// <remarks>The files that an account's own environment points to are not taken for the host's.</remarks>
    public const string RemoteCommand = "exec /usr/bin/env -u NESTVIRT_ROOT /bin/sh";

    /// <summary>The lines that a shell is given once, before any script.</summary>
    /// <remarks>
    /// A shell that leads its process group, as under sshd and setsid, ends all of the group when it loses its
    /// client. Another one shares its group with its parents, and so ends only the script.
    /// </remarks>
    public const string Prologue = """
        { read -r nv_ nv_ nv_ nv_ nv_group nv_ < /proc/$$/stat; } 2>/dev/null
        nv_end() {
          trap '' TERM
          if [ "$nv_group" = $$ ]; then kill -TERM 0; elif [ -n "$nv_job" ]; then kill -TERM "$nv_job"; fi
        }
        trap 'nv_end 2>/dev/null' EXIT
        trap 'exit 129' HUP INT TERM

        """;

    /// <summary>The lines that end a shell which has nothing more to do, and nothing to end.</summary>
    public const string Epilogue = "trap - EXIT; exit 0\n";

    /// <summary>Makes a token of 122 random bits from the system's secure generator, as hexadecimal digits.</summary>
    /// <remarks>A Guid is that on every system, and spares each start the loading of a cryptography library.</remarks>
    /// <returns>The token.</returns>
    public static string CreateToken() => Guid.NewGuid().ToString("N");

    /// <summary>Wraps a script in its frame.</summary>
    /// <param name="script">The script.</param>
    /// <param name="token">The token of this run.</param>
    /// <returns>Lines of POSIX sh.</returns>
    public static string Wrap(string script, string token) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            { printf '\n%s begin\n' {{token}} >&2; printf '\n%s begin\n' {{token}}
            (
            {{script}}
            ) </dev/null; nv_code=$?
            printf '\n%s end %s\n' {{token}} "$nv_code" >&2; printf '\n%s end %s\n' {{token}} "$nv_code"; } & nv_job=$!

            """
        );

    /// <summary>Puts a line before a script by which a shell that reads its input byte by byte takes all of it at once.</summary>
    /// <remarks>
    /// A shell may not read past the line that it runs, since the rest may be a program's. bash and ksh ask the kernel for
    /// each byte of a pipe; dash and ash keep what they read too much, and so nothing may be taken away from them.
    /// Only the former have SECONDS, a number that reads back as 0: a variable of the environment cannot feign that.
    /// </remarks>
    /// <param name="text">The script.</param>
    /// <returns>The script, behind that line where it is worth a process.</returns>
    public static string TakenAtOnce(string text)
    {
        const int WorthAProcess = 4096;
        int size = Encoding.UTF8.GetByteCount(text);
        return size < WorthAProcess
            ? text
            : string.Create(
                CultureInfo.InvariantCulture,
                $"SECONDS=00; [ \"$SECONDS\" = 00 ] || ! command -v head >/dev/null 2>&1 || eval \"$(head -c {size})\"\n{text}"
            );
    }

    /// <summary>Gets the line that opens a frame.</summary>
    internal static byte[] BeginMarker(string token) => Encoding.ASCII.GetBytes($"\n{token} begin\n");

    /// <summary>Gets the start of the line that closes a frame.</summary>
    internal static byte[] EndMarker(string token) => Encoding.ASCII.GetBytes($"\n{token} end ");
}
