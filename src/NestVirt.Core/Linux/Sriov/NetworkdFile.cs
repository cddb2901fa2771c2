using System.Globalization;
using NestVirt.Changes;
using NestVirt.Linux.Files;
using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Sriov;

/// <summary>A file by which systemd-networkd sets up an interface, with a section [SR-IOV] for a virtual function.</summary>
/// <remarks>
/// systemd.network(5): a section [SR-IOV] has VirtualFunction= and the settings of that function, which networkd makes
/// when it sets up the interface, after our unit made the functions. Without a section it leaves a function alone. The
/// number of functions has no key there.
/// </remarks>
/// <param name="file">The file.</param>
/// <param name="lines">Its lines, with their ends.</param>
/// <param name="start">The index of the section's line.</param>
/// <param name="end">The index behind its last line.</param>
internal sealed class NetworkdFile(RawFile file, IReadOnlyList<string> lines, int start, int end)
{
    private const string Name = "networkd";
    private const string LinkFolder = "/run/systemd/netif/links/";
    private const string Section = "[SR-IOV]";

    private static readonly (string Setting, string Key, Func<string, string?> Value)[] s_keys =
    [
        ("mac", "MACAddress", static value => value),
        ("vlan", "VLANId", static value => value == "0" ? null : value),
        ("qos", "QualityOfService", static value => value == "0" ? null : value),
        ("spoofchk", "MACSpoofCheck", static value => value == "on" ? "yes" : "no"),
        ("trust", "Trust", static value => value == "on" ? "yes" : "no"),
        (
            "state",
            "LinkState",
            static value =>
                value switch
                {
                    "enable" => "yes",
                    "disable" => "no",
                    _ => value,
                }
        ),
    ];

    /// <summary>Gets the probe that reads what networkd says of interfaces of physical functions, and the files it took.</summary>
    internal static ShellProbe Probe { get; } =
        RawFilesProbe.Where(
            Name,
            $$"""
            set --
            for f in "$NESTVIRT_ROOT"/sys/class/net/*/device/sriov_totalvfs; do
              [ -e "$f" ] && nv_read "${f%/device/*}/ifindex" || continue
              d=$NESTVIRT_ROOT{{LinkFolder}}$nv_value
              [ -r "$d" ] || continue
              while IFS= read -r nv_line; do
                case $nv_line in
                  NETWORK_FILE=/*.network)
                    n=${nv_line##*/}
                    set -- "$@" "$d" "$NESTVIRT_ROOT${nv_line#*=}"
                    for r in /etc /run /usr/local/lib /usr/lib; do set -- "$@" "$NESTVIRT_ROOT$r/systemd/network/$n.d"/*.conf; done ;;
                esac
              done <"$d"
            done
            """
        );

    /// <summary>Gets the path of the file.</summary>
    internal string Path => file.Path;

    /// <summary>Gets a value indicating whether the file is the administrator's, and no program's.</summary>
    internal bool IsAdministrators => file.Path.StartsWith("/etc/", StringComparison.Ordinal);

    /// <summary>Finds the section of a virtual function.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <param name="network">The interface of its physical function.</param>
    /// <param name="index">The function.</param>
    /// <returns>The file with the section; null where networkd leaves the function alone.</returns>
    internal static NetworkdFile? Find(ProbeAnswers answers, InterfaceFacts network, int index)
    {
        IReadOnlyDictionary<string, RawFile> files = RawFilesProbe.Parse(Name, answers[Probe].Text);
        string? path = files.GetValueOrDefault(LinkFolder + network.Index) is { } link
            ? SettingText
                .Lines(link.Text)
                .Where(static line => IniLine.Key(line) == "NETWORK_FILE")
                .Select(IniLine.Value)
                .FirstOrDefault()
            : null;
        return path is null
            ? null
            : files
                .Values.Where(file =>
                    file.Path == path
                    || file.Path.Contains($"{path[path.LastIndexOf('/')..]}.d/", StringComparison.Ordinal)
                )
                .Select(file => Find(file, index))
                .FirstOrDefault(static found => found is not null);
    }

    /// <summary>Plans the section's settings.</summary>
    /// <param name="settings">The settings, by the words of <c>ip</c>.</param>
    /// <returns>The edit; null when it says so already.</returns>
    internal HostChange? Plan(IReadOnlyDictionary<string, string> settings)
    {
        List<string> edited = [.. lines];
        List<string> more = [];
        int last = end - 1;
        while (edited[last].Trim().Length == 0)
        {
            last--;
        }

        string newline = edited[last].EndsWith("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        edited[last] += edited[last].EndsWith('\n') ? string.Empty : newline;
        foreach ((string setting, string key, Func<string, string?> write) in s_keys)
        {
            // A VLAN without a priority has none, as ip sets it now.
            string? wanted =
                settings.GetValueOrDefault(setting) ?? (setting == "qos" && settings.ContainsKey("vlan") ? "0" : null);
            if (wanted is null)
            {
                continue;
            }

            // Of a key that is there twice the last counts.
            string? value = write(wanted);
            string? line = value is null ? null : $"{key}={value}{newline}";
            int[] present = [.. Enumerable.Range(start, last + 1 - start).Where(at => IniLine.Key(edited[at]) == key)];
            if (present.Length == 0)
            {
                more.AddRange(line is null ? [] : [line]);
            }
            else if (value is null || !IsSame(IniLine.Value(edited[present[^1]]), value))
            {
                Array.ForEach(present, at => edited[at] = string.Empty);
                edited[present[^1]] = line ?? string.Empty;
            }
        }

        edited.InsertRange(last + 1, more);
        string text = string.Concat(edited);
        if (text.TrimEnd() == file.Text.TrimEnd())
        {
            return null;
        }

        return FileAction.Plan(file.Path, file, text) is { } change
            ? change with
            {
                TakesEffect = ChangeTiming.NextBoot,
            }
            : null;
    }

    private static NetworkdFile? Find(RawFile file, int index)
    {
        string[] lines = [.. SettingText.Lines(file.Text)];
        int[] sections = [.. Enumerable.Range(0, lines.Length).Where(line => IniLine.IsSection(lines[line]))];
        for (int i = 0; i < sections.Length; i++)
        {
            int end = i + 1 < sections.Length ? sections[i + 1] : lines.Length;
            if (
                lines[sections[i]].Trim() == Section
                && lines[sections[i]..end].LastOrDefault(static line => IniLine.Key(line) == "VirtualFunction")
                    is { } named
                && int.TryParse(IniLine.Value(named), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                && number == index
            )
            {
                return new NetworkdFile(file, lines, sections[i], end);
            }
        }

        return null;
    }

    // parse_boolean() of systemd knows more than one word of each.
    private static bool IsSame(string present, string wanted) =>
        wanted switch
        {
            "yes" => present.ToLowerInvariant() is "1" or "yes" or "y" or "true" or "t" or "on",
            "no" => present.ToLowerInvariant() is "0" or "no" or "n" or "false" or "f" or "off",
            _ => present.Equals(wanted, StringComparison.OrdinalIgnoreCase),
        };
}
