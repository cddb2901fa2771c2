using System.Globalization;
using System.Text;

namespace NestVirt.Transport;

/// <summary>Puts fragments together into one script, and takes its output apart again.</summary>
/// <remarks>
/// Each answer follows a line <c>TOKEN name</c>, and the script ends with <c>TOKEN .</c>. The token is random for each
/// run, so that nothing a host's files hold can be taken for a frame.
/// </remarks>
public static class ProbeScript
{
    private const string EndName = ".";
    private const string SudoName = "sudo";

    // nv_files prints each file that can be read: a line "@path", then its lines, each behind "|".
    // One awk reads them all, so their number costs no processes. In a path, \ is written \\ and a newline \n.
    // Where there is no awk, or it gives up (mawk does at a file that opens and does not read, such as the speed of a
    // network link that is down), the shell reads them itself; names that would need the escapes are left out then.
    // nv_pick names what can be read by number: to turn a list of 2,000 names around word by word takes a second.
    private const string Preamble = """
        LC_ALL=C; export LC_ALL
        PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin; export PATH
        unset CDPATH
        nv_files() {
          for nv_name do
            if [ -f "$nv_name" ] && [ -r "$nv_name" ]; then continue; fi
            nv_pick "$@"
            eval "set -- $nv_kept"
            break
          done
          [ $# -gt 0 ] || return 0
          if nv_text=$(nv_awk "$@" 2>/dev/null); then printf '%s\n' "$nv_text"; else nv_lines "$@"; fi
        }
        nv_pick() {
          nv_kept= nv_number=0
          for nv_name do
            nv_number=$((nv_number + 1))
            if [ -f "$nv_name" ] && [ -r "$nv_name" ]; then nv_kept="$nv_kept \"\${$nv_number}\""; fi
          done
        }
        nv_awk() {
          awk 'BEGIN {
            for (i = 1; i < ARGC; i++) {
              n = ARGV[i]; gsub(/\\/, "&&", n); gsub(/\n/, "\\n", n); print "@" n
              while ((getline line < ARGV[i]) > 0) print "|" line
              close(ARGV[i])
            }
          }' "$@"
        }
        nv_lines() {
          for nv_name do
            case $nv_name in *[\\"$nv_newline"]*) continue ;; esac
            printf '@%s\n' "$nv_name"
            { while IFS= read -r nv_line || [ -n "$nv_line" ]; do printf '|%s\n' "$nv_line"; done < "$nv_name"; } 2>/dev/null
          done
        }
        nv_newline='
        '
        nv_pass() {
          if command -v cat >/dev/null 2>&1; then cat; else
            while IFS= read -r nv_line || [ -n "$nv_line" ]; do printf '%s\n' "$nv_line"; done
          fi
        }
        nv_read() { nv_value=; { IFS= read -r nv_value < "$1"; } 2>/dev/null; [ -n "$nv_value" ]; }

        """;

    /// <summary>Writes the script that answers the probes in one round trip.</summary>
    /// <param name="probes">The probes; their order is kept among those that need root, and among those that do not.</param>
    /// <param name="token">Letters and digits that no answer can hold by chance.</param>
    /// <param name="allowSudo">Whether <c>sudo -n</c> may be tried for probes that need root.</param>
    /// <returns>A POSIX sh script. It reads NESTVIRT_ROOT from its environment.</returns>
    public static string Compose(IReadOnlyList<HostProbe> probes, string token, bool allowSudo)
    {
        StringBuilder script = new(Preamble);
        HostProbe[] privileged = [.. probes.Where(static probe => probe.NeedsRoot)];
        if (privileged.Length > 0)
        {
            StringBuilder inner = new(Preamble);
            AppendFragments(inner, privileged, token);
            script.Append("{\n");
            AppendPrivileged(script, inner.ToString(), token, allowSudo);
            script.Append("} | {\n");
        }

        AppendFragments(script, probes.Where(static probe => !probe.NeedsRoot), token);

        // The two halves run at the same time, on two CPUs; the pipe holds the first one's answers until their turn.
        script.Append(privileged.Length > 0 ? "nv_pass\n}\n" : string.Empty);

        return script.Append(CultureInfo.InvariantCulture, $"printf '\\n%s %s\\n' {token} {EndName}\n").ToString();
    }

    /// <summary>Takes the output of a composed script apart.</summary>
    /// <param name="output">The output.</param>
    /// <param name="probes">The probes that were asked.</param>
    /// <param name="token">The token given to <see cref="Compose"/>.</param>
    /// <returns>An answer for each probe.</returns>
    /// <exception cref="NestVirtException">The output ends before the script did.</exception>
    public static ProbeAnswers Split(string output, IReadOnlyList<HostProbe> probes, string token)
    {
        ProbeAnswers answers = new();
        string marker = $"\n{token} ";
        string? sudo = null;
        int at = output.IndexOf(marker, StringComparison.Ordinal);
        while (at >= 0)
        {
            int nameStart = at + marker.Length;
            int nameEnd = output.IndexOf('\n', nameStart);
            if (nameEnd < 0)
            {
                break;
            }

            string name = output[nameStart..nameEnd];
            if (name == EndName)
            {
                return WithReasons(answers, probes, sudo);
            }

            at = output.IndexOf(marker, nameEnd, StringComparison.Ordinal);
            string text = at < 0 ? output[(nameEnd + 1)..] : output[(nameEnd + 1)..Math.Max(at, nameEnd + 1)];
            if (name == SudoName)
            {
                sudo = text.Trim();
            }
            else if (probes.Any(probe => probe.Name == name))
            {
                answers.Set(name, new ProbeAnswer(text));
            }
        }

        throw new NestVirtException(NestVirtErrorKind.ProbeOutputInvalid, "The host's answer ends before the probe script does.");
    }

    private static void AppendFragments(StringBuilder script, IEnumerable<HostProbe> probes, string token)
    {
        foreach (HostProbe probe in probes)
        {
            script.Append(CultureInfo.InvariantCulture, $"printf '\\n%s %s\\n' {token} {probe.Name}\n(\n{probe.Script}\n) </dev/null\n");
        }
    }

    // A tree is read as plain files, with the rights that the user has. Root runs the fragments itself.
    private static void AppendPrivileged(StringBuilder script, string inner, string token, bool allowSudo)
    {
        script.Append("nv_inner=").Append(ShellQuote.Word(inner)).Append('\n');
        script.Append("nv_uid=0; [ -n \"$NESTVIRT_ROOT\" ] || nv_uid=$(id -u)\n");
        script.Append("if [ \"$nv_uid\" = 0 ]; then (eval \"$nv_inner\") </dev/null\n");
        script.Append(allowSudo
            ? "elif command -v sudo >/dev/null 2>&1; then sudo -n /bin/sh -c \"$nv_inner\" </dev/null || nv_sudo='refused'\n"
            : "elif :; then nv_sudo='not allowed'\n");
        script.Append("else nv_sudo='not installed'; fi\n");
        script.Append(CultureInfo.InvariantCulture, $"printf '\\n%s %s\\n%s' {token} {SudoName} \"$nv_sudo\"\n");
    }

    private static ProbeAnswers WithReasons(ProbeAnswers answers, IReadOnlyList<HostProbe> probes, string? sudo)
    {
        foreach (HostProbe probe in probes.Where(probe => !answers.All.ContainsKey(probe.Name)))
        {
            answers.Set(probe.Name, new ProbeAnswer(string.Empty, probe.NeedsRoot ? RootReason(sudo) : "the host did not answer"));
        }

        return answers;
    }

    private static string RootReason(string? sudo) => sudo switch
    {
        "refused" => "it needs root, and sudo -n is not allowed for this account",
        "not installed" => "it needs root, and the host has no sudo",
        "not allowed" => "it needs root, and sudo was not to be used",
        _ => "it needs root",
    };
}
