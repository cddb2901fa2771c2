using System.Globalization;
using System.Text;
using NestVirt.Text;
using NestVirt.Transport.Recorded;
using NestVirt.Transport.Shell;

namespace NestVirt.Probing;

/// <summary>Puts fragments together into one script, and takes its output apart again.</summary>
/// <remarks>
/// Each answer follows a line <c>TOKEN name</c>, and the script ends with <c>TOKEN .</c>. The token is random for each
/// run, so that nothing a host's files hold can be taken for a frame; and it is in no command line, where all accounts
/// of the host could read it while a probe still runs.
/// </remarks>
internal static class ProbeScript
{
    private const string EndName = ".";
    private const string SudoName = "sudo";
    private const string Refused = "refused";

    /// <summary>Writes the script that answers the probes in one round trip.</summary>
    /// <param name="probes">The probes; their order is kept among those that need root, and among those that do not.</param>
    /// <param name="token">Letters and digits that no answer can hold by chance.</param>
    /// <param name="allowSudo">Whether <c>sudo -n</c> may be tried for probes that need root.</param>
    /// <returns>A POSIX sh script. It reads NESTVIRT_ROOT from its environment.</returns>
    public static string Compose(IReadOnlyList<ShellProbe> probes, string token, bool allowSudo)
    {
        StringBuilder script = new();
        script.Append(CultureInfo.InvariantCulture, $"nv_token={token}\nnv_preamble=");
        script.Append(ShellQuote.Word(ProbePreamble.Compose(probes))).Append("\neval \"$nv_preamble\"\n");
        AppendFragments(script, "nv_open", probes.Where(static probe => !probe.NeedsRoot));
        ShellProbe[] privileged = [.. probes.Where(static probe => probe.NeedsRoot)];
        if (privileged.Length == 0)
        {
            script.Append("nv_run nv_open\n");
        }
        else
        {
            AppendPrivileged(script, privileged, allowSudo);
        }

        return script.Append(CultureInfo.InvariantCulture, $"printf '\\n%s %s\\n' {token} {EndName}\n").ToString();
    }

    /// <summary>Takes the output of a composed script apart.</summary>
    /// <param name="output">The output.</param>
    /// <param name="probes">The probes that were asked.</param>
    /// <param name="token">The token given to <see cref="Compose"/>.</param>
    /// <param name="errorOutput">What the script wrote to standard error, which says why sudo refused.</param>
    /// <returns>An answer for each probe.</returns>
    /// <exception cref="NestVirtException">The output ends before the script did.</exception>
    public static ProbeAnswers Split(
        ReadOnlySpan<byte> output,
        IReadOnlyList<ShellProbe> probes,
        string token,
        string errorOutput = ""
    )
    {
        ProbeAnswers answers = new();
        byte[] marker = Encoding.ASCII.GetBytes($"\n{token} ");
        string? sudo = null;
        int at = output.IndexOf(marker);
        while (at >= 0)
        {
            int nameStart = at + marker.Length;
            int nameLength = output[nameStart..].IndexOf((byte)'\n');
            if (nameLength < 0)
            {
                break;
            }

            int nameEnd = nameStart + nameLength;
            string name = Encoding.UTF8.GetString(output[nameStart..nameEnd]);
            if (name == EndName)
            {
                return WithReasons(answers, probes, sudo == Refused ? SudoRefusal.Of(errorOutput).Reason : sudo);
            }

            int next = output[nameEnd..].IndexOf(marker);
            at = next < 0 ? -1 : nameEnd + next;
            ReadOnlySpan<byte> text = output[(nameEnd + 1)..(at < 0 ? output.Length : Math.Max(at, nameEnd + 1))];
            if (name == SudoName)
            {
                sudo = Encoding.UTF8.GetString(text).Trim();
            }
            else if (probes.Any(probe => probe.Name == name))
            {
                answers.Set(name, new ProbeAnswer(HostEncoding.Decode(text)));
            }
        }

        throw new NestVirtException(
            NestVirtErrorKind.ProbeOutputInvalid,
            "The host's answer ends before the probe script does."
        );
    }

    // A function starts no process, as a subshell does; a fragment says return where it has no more to say.
    private static void AppendFragments(StringBuilder script, string function, IEnumerable<ShellProbe> probes)
    {
        StringBuilder calls = new();
        foreach (ShellProbe probe in probes)
        {
            script.Append(CultureInfo.InvariantCulture, $"nv_{probe.Name}_probe() {{\n{probe.Script}\n}}\n");
            calls.Append(
                CultureInfo.InvariantCulture,
                $"printf '\\n%s %s\\n' \"$nv_token\" {probe.Name}\nnv_{probe.Name}_probe </dev/null 2>/dev/null\n"
            );
        }

        script.Append(function).Append("() {\n:\n").Append(calls).Append("}\n");
    }

    // A tree is read as plain files, with the rights that the user has. Root runs the fragments itself.
    private static void AppendPrivileged(StringBuilder script, ShellProbe[] probes, bool allowSudo)
    {
        StringBuilder inner = new();
        AppendFragments(inner, "nv_closed", probes.Where(static probe => !probe.PassesAwk));
        AppendFragments(inner, "nv_past", probes.Where(static probe => probe.PassesAwk));

        // What goes past awk runs beside the rest, on a CPU of its own; the pipe holds the others' answers until then.
        string past = probes.Any(static probe => probe.PassesAwk) ? " | { nv_past; nv_pass; }" : string.Empty;
        script.Append("nv_inner=").Append(ShellQuote.Word(inner.ToString())).Append('\n');
        script.Append(
            CultureInfo.InvariantCulture,
            $$"""
            if [ -n "$NESTVIRT_ROOT" ] || [ "$nv_uid" = 0 ]; then
            eval "$nv_inner"
            nv_all() { nv_open; nv_closed; }
            nv_run nv_all{{past}}
            else
            nv_run nv_open

            """
        );
        script.Append(
            allowSudo
                ? $$"""
                if [ -n "$nv_refused" ]; then nv_sudo=$nv_refused
                elif command -v sudo >/dev/null 2>&1; then
                nv_inner="nv_by_sudo=1; read -r nv_token$nv_newline$nv_preamble$nv_inner${nv_newline}nv_run nv_closed{{past}}"
                printf '%s\n' "$nv_token" | sudo -n /bin/sh -c "$nv_inner" || nv_sudo={{Refused}}
                else nv_sudo={{ShellQuote.Word(SudoRefusal.NotInstalled.Reason)}}; fi

                """
                : $"nv_sudo={ShellQuote.Word(SudoRefusal.Forbidden.Reason)}\n"
        );
        script.Append(
            CultureInfo.InvariantCulture,
            $"fi\nprintf '\\n%s %s\\n%s' \"$nv_token\" {SudoName} \"$nv_sudo\"\n"
        );
    }

    private static ProbeAnswers WithReasons(ProbeAnswers answers, IReadOnlyList<ShellProbe> probes, string? sudo)
    {
        string rootReason = string.IsNullOrEmpty(sudo) ? "it needs root" : $"it needs root, and {HostText.Shown(sudo)}";
        foreach (ShellProbe probe in probes.Where(probe => !answers.All.ContainsKey(probe.Name)))
        {
            answers.Set(
                probe.Name,
                new ProbeAnswer(string.Empty, probe.NeedsRoot ? rootReason : "the host did not answer")
            );
        }

        return answers;
    }
}
