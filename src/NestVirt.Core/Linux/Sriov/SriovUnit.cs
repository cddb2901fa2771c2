using System.Globalization;
using NestVirt.Changes;
using NestVirt.Linux.Files;
using NestVirt.Probing;

namespace NestVirt.Linux.Sriov;

/// <summary>Our own unit of systemd, which makes virtual functions at each boot, and the file that says which.</summary>
/// <param name="Files">The unit's files as they are.</param>
internal sealed record SriovUnit(SettingFiles Files)
{
    /// <summary>The file that says which: an address, a word (autoprobe, count, vf) and its values in each line.</summary>
    internal const string SettingsFile = "/etc/nestvirt/sriov.conf";

    /// <summary>The unit.</summary>
    internal const string Name = "nestvirt-sriov.service";

    private const string ScriptFile = "/etc/nestvirt/sriov.sh";
    private const string UnitFile = "/etc/systemd/system/nestvirt-sriov.service";
    private const string LinkTarget = "../nestvirt-sriov.service";
    private const string ProbeName = "rawsriov";

    private const string Unit = $"""
        {SettingText.Header}[Unit]
        Description=Virtual functions of PCI devices (NestVirt)
        Documentation=file:/etc/nestvirt/sriov.conf
        DefaultDependencies=no
        After=local-fs.target systemd-modules-load.service systemd-udevd.service systemd-udev-trigger.service
        Wants=network-pre.target
        Before=network-pre.target libvirtd.service virtqemud.service virtnodedevd.service libvirt-guests.service shutdown.target
        Conflicts=shutdown.target

        [Service]
        Type=oneshot
        RemainAfterExit=yes
        ExecStart=/bin/sh /etc/nestvirt/sriov.sh
        TimeoutStartSec=90

        [Install]
        WantedBy=multi-user.target

        """;

    private const string Script = """
        # Written by NestVirt: makes the virtual functions that /etc/nestvirt/sriov.conf names, at boot.
        # A line is an address, then "autoprobe 0|1", "count NUMBER", or "vf INDEX" with words of "ip link set".
        PATH=/usr/sbin:/usr/bin:/sbin:/bin; export PATH
        code=0 waited=0
        fail() { printf '%s\n' "$*" >&2; code=1; }
        make() { printf '%s\n' "$values" >"$path/sriov_numvfs"; read -r now <"$path/sriov_numvfs"; [ "$now" = "$values" ]; }
        while read -r address word values; do
          case $address in '' | '#'*) continue ;; esac
          path=/sys/bus/pci/devices/$address
          while [ ! -e "$path/driver" ] && [ "$waited" -lt 30 ]; do sleep 1; waited=$((waited + 1)); done
          [ -e "$path/sriov_numvfs" ] || { fail "$address has no SR-IOV"; continue; }
          case $word in
            autoprobe) printf '%s\n' "$values" >"$path/sriov_drivers_autoprobe" || fail "$address: autoprobe was refused" ;;
            count)
              read -r now <"$path/sriov_numvfs"
              [ "$now" != "$values" ] || continue
              [ "$now" = 0 ] || { fail "$address has $now virtual functions already, not $values"; continue; }
              make && continue
              # Some drivers make them only while the interface is up; bnxt_en says no error when it is down.
              for net in "$path"/net/*; do [ ! -e "$net" ] || ip link set dev "${net##*/}" up; done
              make || fail "$address has $now virtual functions, not $values: they were refused" ;;
            vf)
              for net in "$path"/net/*; do
                [ -e "$net" ] || { fail "$address has no network interface"; continue; }
                ip link set dev "${net##*/}" vf $values || fail "$address: vf $values was refused"
              done ;;
          esac
        done </etc/nestvirt/sriov.conf
        exit "$code"

        """;

    /// <summary>Gets the probe that reads the files.</summary>
    internal static ShellProbe Probe { get; } = RawFilesProbe.For(ProbeName, SettingsFile, ScriptFile, UnitFile);

    /// <summary>Reads the files.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <returns>The unit.</returns>
    internal static SriovUnit Read(ProbeAnswers answers) =>
        new(new SettingFiles(RawFilesProbe.Parse(ProbeName, answers[Probe].Text), []));

    /// <summary>Gets the lines that set numbers.</summary>
    /// <returns>The lines with their places.</returns>
    internal IReadOnlyList<SriovBootLine> Counts() =>
        [
            .. SettingText
                .Lines(Files.Text(SettingsFile) ?? string.Empty)
                .Select(
                    static (line, index) =>
                        string.Create(CultureInfo.InvariantCulture, $"{SettingsFile}:{index + 1}:{line.TrimEnd()}")
                )
                .Where(static line => line.Contains(SriovBootLine.OwnKey, StringComparison.Ordinal))
                .Select(static line => new SriovBootLine(line)),
        ];

    /// <summary>Plans what the unit does for one device; the others keep their lines.</summary>
    /// <param name="host">What the host shows, for the link that starts the unit.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="address">The device.</param>
    /// <param name="count">How many functions it will have.</param>
    /// <returns>The changes; none when the unit does so already.</returns>
    internal IReadOnlyList<HostChange> Plan(
        VirtualFunctionHost host,
        VirtualFunctionRequest request,
        string address,
        int count
    )
    {
        string? text = Files.Text(SettingsFile);
        string[] wanted = Lines(text, request, address, count);
        string[] present =
        [
            .. SettingText.Lines(text ?? string.Empty).Where(IsOurs).Select(static line => line.Trim()),
        ];
        string? edited = wanted.SequenceEqual(present)
            ? text
            : SettingText.Set(text, IsOurs, wanted.Length == 0 ? null : string.Join('\n', wanted));
        if (edited is null)
        {
            Files.Set(SettingsFile, null);
            Files.Set(ScriptFile, null);
            Files.Set(UnitFile, null);
            return
            [
                .. LinkAction.Plan(VirtualFunctionProbe.UnitLink, host.UnitLink, null) is { } gone
                    ? new[] { gone }
                    : [],
                .. Files.Changes(),
            ];
        }

        Files.Set(SettingsFile, edited);
        Files.Set(ScriptFile, Script);
        Files.Set(UnitFile, Unit);
        HostChange? link = LinkAction.Plan(VirtualFunctionProbe.UnitLink, host.UnitLink, LinkTarget);
        return [.. Files.Changes(), .. link is null ? [] : new[] { link with { TakesEffect = ChangeTiming.NextBoot } }];

        bool IsOurs(string line) => line.TrimStart().StartsWith($"{address} ", StringComparison.Ordinal);
    }

    // The switch for drivers, the number, then the settings of each function: the order in which the script goes.
    private static string[] Lines(string? text, VirtualFunctionRequest request, string address, int count)
    {
        string? autoprobe = null;
        SortedDictionary<int, SortedDictionary<string, string>> settings = [];
        foreach (
            string[] words in SettingText
                .Lines(text ?? string.Empty)
                .Select(static line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        )
        {
            if (words.Length < 3 || words[0] != address)
            {
                continue;
            }

            autoprobe = words[1] == "autoprobe" ? words[2] : autoprobe;
            if (
                words[1] == "vf"
                && int.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                && index < count
            )
            {
                settings[index] = new(
                    words[3..]
                        .Chunk(2)
                        .Where(static pair => pair.Length == 2)
                        .GroupBy(static pair => pair[0], StringComparer.Ordinal)
                        .ToDictionary(
                            static group => group.Key,
                            static group => group.Last()[1],
                            StringComparer.Ordinal
                        ),
                    StringComparer.Ordinal
                );
            }
        }

        autoprobe = request.BindDrivers switch
        {
            true => "1",
            false => "0",
            null => autoprobe,
        };
        if (request.Index is { } chosen)
        {
            foreach ((string key, string value) in request.Settings)
            {
                (
                    settings.TryGetValue(chosen, out SortedDictionary<string, string>? own)
                        ? own
                        : settings[chosen] = new(StringComparer.Ordinal)
                )[key] = value;
            }
        }

        string number = count.ToString(CultureInfo.InvariantCulture);
        return count == 0 && autoprobe is null or "1"
            ? []
            :
            [
                .. autoprobe is null ? [] : new[] { $"{address} autoprobe {autoprobe}" },
                .. count == 0 ? [] : new[] { $"{address} count {number}" },
                .. settings.Select(pair =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{address} vf {pair.Key} {VirtualFunctionSettings.Words(pair.Value)}"
                    )
                ),
            ];
    }
}
