using System.Globalization;
using NestVirt.Changes;
using NestVirt.Linux.Files;
using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Sriov;

/// <summary>The profile by which NetworkManager sets up an interface, a keyfile below /etc/NetworkManager/system-connections.</summary>
/// <remarks>
/// nm-settings-keyfile(5) and nm-settings(5): the section [sriov] has total-vfs, autoprobe-drivers and a key vf.INDEX for
/// each function, with mac, spoof-check, trust and vlans=ID.PRIORITY. Where the section is, NetworkManager enforces the
/// number at each activation. A vf.INDEX beyond the number makes the whole profile invalid (verify() of
/// nm-setting-sriov.c), so such keys go. There is no key for the state of the link.
/// </remarks>
/// <param name="file">The profile as it is.</param>
internal sealed class NetworkManagerProfile(RawFile file)
{
    private const string Name = "nmprofiles";
    private const string Folder = "/etc/NetworkManager/system-connections/";
    private const string Section = "[sriov]";
    private const string FunctionKey = "vf.";

    /// <summary>Gets the probe that reads the profiles that are active on interfaces of physical functions; starts three programs.</summary>
    internal static ShellProbe Probe { get; } =
        RawFilesProbe.Where(
            Name,
            $$"""
            set --
            for f in "$NESTVIRT_ROOT"/sys/class/net/*/device/sriov_totalvfs; do
              [ -e "$f" ] && nv_read "${f%/device/*}/ifindex" || continue
              d=$NESTVIRT_ROOT/run/NetworkManager/devices/$nv_value
              [ -r "$d" ] || continue
              while IFS= read -r nv_line; do
                case $nv_line in
                  connection-uuid=*[!0-9a-fA-F-]*) ;;
                  connection-uuid=?*) set -- "$@" -e "^uuid *= *${nv_line#*=} *\$" ;;
                esac
              done <"$d"
            done
            [ $# -gt 0 ] || return 0
            set -- "$@" --
            for f in "$NESTVIRT_ROOT"{{Folder}}*; do [ ! -f "$f" ] || set -- "$@" "$f"; done
            nv_value=$(grep -l -s "$@")
            IFS=$nv_newline; set -f
            set -- $nv_value
            set +f; unset IFS
            """
        ) with
        {
            MayHoldSecrets = static _ => true,
        };

    /// <summary>Finds the profile of an interface.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <param name="uuid">The profile's id.</param>
    /// <returns>The profile; null where it is no keyfile of the administrator's.</returns>
    internal static NetworkManagerProfile? Find(ProbeAnswers answers, string uuid) =>
        RawFilesProbe
            .Parse(Name, answers[Probe].Text)
            .Values.Where(file =>
                SettingText.Lines(file.Text).Any(line => IniLine.Key(line) is "uuid" && IniLine.Value(line) == uuid)
            )
            .Select(static file => new NetworkManagerProfile(file))
            .FirstOrDefault();

    /// <summary>Gets the file.</summary>
    internal string Path => file.Path;

    /// <summary>Plans what the profile says of virtual functions.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="count">How many there will be.</param>
    /// <returns>The edit, and what has NetworkManager read it; none when it says so already.</returns>
    internal IReadOnlyList<HostChange> Plan(VirtualFunctionRequest request, int count) =>
        FileAction.Plan(file.Path, file, Edit(request, count)) is not { } edit
            ? []
            :
            [
                // A profile may hold passwords: the lines around are not shown.
                edit with
                {
                    TakesEffect = ChangeTiming.NextBoot,
                    Diff = [.. edit.Diff.Where(static line => line[0] != ' ')],
                },
                ToolAction.Plan(
                    "nmcli",
                    $"{file.Path} in NetworkManager",
                    "as loaded",
                    "loaded again",
                    [],
                    [file.Path],
                    [file.Path]
                ),
            ];

    private string Edit(VirtualFunctionRequest request, int count)
    {
        Dictionary<string, string> present = Read();
        Dictionary<string, string> wanted = new(StringComparer.Ordinal);
        foreach (
            (string key, string value) in present.Where(pair =>
                count > 0
                    ? !IsFunction(pair.Key) || Index(pair.Key) < count
                    : pair.Key is not "total-vfs" && !IsFunction(pair.Key)
            )
        )
        {
            wanted[key] = value;
        }

        if (count > 0)
        {
            wanted["total-vfs"] = count.ToString(CultureInfo.InvariantCulture);
        }

        if (request.BindDrivers is { } bind && (count > 0 || present.ContainsKey("autoprobe-drivers")))
        {
            wanted["autoprobe-drivers"] = bind ? "1" : "0";
        }

        if (request.Index is { } index && index < count && request.Settings.Count > 0)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"{FunctionKey}{index}");
            wanted[key] = Attributes(present.GetValueOrDefault(key) ?? string.Empty, request.Settings);
        }

        return Write(present, wanted);
    }

    // Of a key that is there twice the last counts, as in GLib.
    private Dictionary<string, string> Read()
    {
        Dictionary<string, string> keys = new(StringComparer.Ordinal);
        bool isInside = false;
        foreach (string line in SettingText.Lines(file.Text))
        {
            isInside = IniLine.IsSection(line) ? line.Trim() == Section : isInside;
            if (isInside && IniLine.Key(line) is { } key)
            {
                keys[key] = IniLine.Value(line);
            }
        }

        return keys;
    }

    private string Write(Dictionary<string, string> present, Dictionary<string, string> wanted)
    {
        if (wanted.Count == present.Count && wanted.All(pair => present.GetValueOrDefault(pair.Key) == pair.Value))
        {
            return file.Text;
        }

        string end = file.Text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        List<string> lines = [.. SettingText.Lines(file.Text)];
        if (lines.Count > 0 && !lines[^1].EndsWith('\n'))
        {
            lines[^1] += end;
        }

        int last = -1;
        HashSet<string> written = new(StringComparer.Ordinal);
        for (int i = 0, inside = 0; i < lines.Count; i++)
        {
            inside = IniLine.IsSection(lines[i])
                ? lines[i].Trim() == Section
                    ? 1
                    : 0
                : inside;
            if (inside == 0)
            {
                continue;
            }

            last = lines[i].Trim().Length > 0 ? i : last;
            if (IniLine.Key(lines[i]) is { } key)
            {
                string? value = written.Contains(key) ? null : wanted.GetValueOrDefault(key);
                lines[i] =
                    value is null ? string.Empty
                    : value == IniLine.Value(lines[i]) ? lines[i]
                    : $"{key}={value}{end}";
                written.Add(key);
            }
        }

        string[] more =
        [
            .. wanted.Where(pair => !written.Contains(pair.Key)).Select(pair => $"{pair.Key}={pair.Value}{end}"),
        ];
        if (last >= 0)
        {
            lines.InsertRange(last + 1, more);
        }
        else if (more.Length > 0)
        {
            lines.AddRange([end, Section + end, .. more]);
        }

        return wanted.Count > 0 ? string.Concat(lines) : WithoutEmptySection(lines);
    }

    // With the section, NetworkManager would enforce none; a comment in it is the administrator's, and keeps it.
    private static string WithoutEmptySection(List<string> lines)
    {
        lines.RemoveAll(static line => line.Length == 0);
        int start = lines.FindIndex(static line => line.Trim() == Section);
        int next = start < 0 ? -1 : lines.FindIndex(start + 1, static line => line.Trim().Length > 0);
        if (start >= 0 && (next < 0 || IniLine.IsSection(lines[next])))
        {
            // With the blank lines before it, where it is the last; with those behind it, otherwise.
            int first = start;
            while (next < 0 && first > 0 && lines[first - 1].Trim().Length == 0)
            {
                first--;
            }

            lines.RemoveRange(first, (next < 0 ? lines.Count : next) - first);
        }

        return string.Concat(lines);
    }

    private static string Attributes(string present, IReadOnlyDictionary<string, string> settings)
    {
        List<string> words = [.. present.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];
        foreach ((string key, string? value) in Wanted(settings))
        {
            int at = words.FindIndex(word => word.StartsWith($"{key}=", StringComparison.Ordinal));
            if (value is null)
            {
                words.RemoveAll(word => word.StartsWith($"{key}=", StringComparison.Ordinal));
            }
            else if (at >= 0)
            {
                words[at] = $"{key}={value}";
            }
            else
            {
                words.Add($"{key}={value}");
            }
        }

        return string.Join(' ', words);
    }

    private static IEnumerable<(string Key, string? Value)> Wanted(IReadOnlyDictionary<string, string> settings)
    {
        if (settings.GetValueOrDefault("mac") is { } mac)
        {
            yield return ("mac", mac);
        }

        if (settings.GetValueOrDefault("spoofchk") is { } spoof)
        {
            yield return ("spoof-check", spoof == "on" ? "true" : "false");
        }

        if (settings.GetValueOrDefault("trust") is { } trust)
        {
            yield return ("trust", trust == "on" ? "true" : "false");
        }

        if (settings.GetValueOrDefault("vlan") is { } vlan)
        {
            yield return (
                "vlans",
                vlan == "0" ? null
                : settings.GetValueOrDefault("qos") is { } qos and not "0" ? $"{vlan}.{qos}"
                : vlan
            );
        }
    }

    private static bool IsFunction(string key) => Index(key) >= 0;

    private static int Index(string key) =>
        key.StartsWith(FunctionKey, StringComparison.Ordinal)
        && int.TryParse(key.AsSpan(FunctionKey.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? index
            : -1;
}
