using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace NestVirt.Transport;

/// <summary>The protocol spoken with a persistent shell: how a script is sent so that its end can be told.</summary>
/// <remarks>
/// A script runs in the background with empty standard input, while the shell itself waits for its next line. So the
/// shell sees at once when the connection closes, and its exit trap ends what still runs.
/// Both streams carry <c>TOKEN begin</c> and <c>TOKEN end CODE</c> lines; what comes before the first is noise (a banner,
/// a start-up file's message).
/// </remarks>
public static class ShellFraming
{
    /// <summary>Makes a token of 128 random bits, as hexadecimal digits.</summary>
    /// <returns>The token.</returns>
    public static string CreateToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Gets the lines that a shell is given once, before any script.</summary>
    /// <param name="ownsProcessGroup">
    /// Whether the shell leads its own process group, as under sshd: then all of the group ends with it.
    /// </param>
    /// <returns>Lines of POSIX sh.</returns>
    public static string Prologue(bool ownsProcessGroup) => ownsProcessGroup
        ? "trap 'trap \"\" TERM; kill -TERM 0 2>/dev/null' EXIT; trap 'exit 129' HUP\n"
        : "trap '[ -z \"$nv_job\" ] || kill -TERM \"$nv_job\" 2>/dev/null' EXIT; trap 'exit 129' HUP\n";

    /// <summary>Wraps a script in its frame.</summary>
    /// <param name="script">The script.</param>
    /// <param name="token">The token of this run.</param>
    /// <returns>Lines of POSIX sh.</returns>
    public static string Wrap(string script, string token) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        { printf '\n%s begin\n' {{token}} >&2; printf '\n%s begin\n' {{token}}
        (
        {{script}}
        ) </dev/null; nv_code=$?
        printf '\n%s end %s\n' {{token}} "$nv_code" >&2; printf '\n%s end %s\n' {{token}} "$nv_code"; } & nv_job=$!

        """);

    /// <summary>Gets the line that opens a frame.</summary>
    internal static byte[] BeginMarker(string token) => Encoding.ASCII.GetBytes($"\n{token} begin\n");

    /// <summary>Gets the start of the line that closes a frame.</summary>
    internal static byte[] EndMarker(string token) => Encoding.ASCII.GetBytes($"\n{token} end ");
}
