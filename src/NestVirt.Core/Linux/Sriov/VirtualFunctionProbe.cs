using System.Globalization;
using NestVirt.Linux.Files;
using NestVirt.Linux.Kvm;
using NestVirt.Probing;

namespace NestVirt.Linux.Sriov;

/// <summary>A network interface, and what stands on it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Index">The kernel's number of it.</param>
internal sealed record InterfaceFacts(string Name, string Index)
{
    /// <summary>Gets the interfaces above it: bridges, bonds, VLANs and so on.</summary>
    public IReadOnlyList<string> Upper { get; init; } = [];

    /// <summary>Gets its addresses that are valid beyond the link.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Gets the kernel's flags of it (IFF_UP is the lowest bit), or null.</summary>
    public string? Flags { get; init; }

    /// <summary>Gets a value indicating whether NetworkManager manages it.</summary>
    public bool IsNetworkManagers { get; init; }

    /// <summary>Gets the id of the NetworkManager profile that is active on it, or null.</summary>
    public string? Profile { get; init; }

    /// <summary>Gets the .link file that udev applied to it, or null.</summary>
    public string? LinkFile { get; init; }
}

/// <summary>A process that holds a device through vfio.</summary>
/// <param name="Node">The file that it has open, such as /dev/vfio/14.</param>
/// <param name="Process">Who it is.</param>
internal sealed record VfioHolder(string Node, KvmUser Process);

/// <summary>What uses and sets virtual functions on a host.</summary>
internal sealed record VirtualFunctionHost
{
    /// <summary>Gets a value indicating whether systemd runs the host.</summary>
    public bool HasSystemd { get; init; }

    /// <summary>Gets the interfaces by name.</summary>
    public IReadOnlyDictionary<string, InterfaceFacts> Interfaces { get; init; } =
        new Dictionary<string, InterfaceFacts>();

    /// <summary>Gets who holds devices through vfio.</summary>
    public IReadOnlyList<VfioHolder> Holders { get; init; } = [];

    /// <summary>Gets the vfio device nodes by PCI address, on kernels that have one for each device.</summary>
    public IReadOnlyList<(string Address, string Node)> DeviceNodes { get; init; } = [];

    /// <summary>Gets the settings of virtual functions: the interface, the number and the words of <c>ip</c>.</summary>
    public IReadOnlyDictionary<(string Interface, int Index), string> Settings { get; init; } =
        new Dictionary<(string, int), string>();

    /// <summary>Gets lines of others that set numbers of virtual functions.</summary>
    public IReadOnlyList<SriovBootLine> ForeignLines { get; init; } = [];

    /// <summary>Gets a value indicating whether the service of sysfsutils is there, which alone reads /etc/sysfs.conf and /etc/sysfs.d; not all distributions have it.</summary>
    public bool HasSysfsutils { get; init; }

    /// <summary>Gets the kernel's command line.</summary>
    public string CommandLine { get; init; } = string.Empty;

    /// <summary>Gets what the link that starts our unit points to, or null.</summary>
    public string? UnitLink { get; init; }
}

/// <summary>Reads what uses virtual functions, and what sets them at boot; starts seven programs, whatever the number of functions.</summary>
internal static class VirtualFunctionProbe
{
    /// <summary>The link that starts our unit.</summary>
    internal const string UnitLink = "/etc/systemd/system/multi-user.target.wants/nestvirt-sriov.service";

    /// <summary>An awk program that turns what <c>ip link show</c> prints of virtual functions into words of <c>ip link set</c>.</summary>
    internal const string SettingsAwk = """
        /^[0-9]+:/ { dev = $2; sub(/[@:].*/, "", dev) }
        $1 == "vf" {
          mac = ""; vlan = 0; qos = 0; spoof = ""; state = ""; trust = ""
          for (i = 3; i < NF; i++) {
            next_word = $(i + 1); sub(/,$/, "", next_word)
            if ($i == "link/ether" || $i == "MAC") mac = next_word
            else if ($i == "vlan") vlan = next_word
            else if ($i == "qos") qos = next_word
            else if ($i == "checking") spoof = next_word
            else if ($i == "link-state") state = next_word
            else if ($i == "trust") trust = next_word
          }
          print dev "\t" $2 "\tmac=" mac " vlan=" vlan " qos=" qos " spoofchk=" spoof " state=" state " trust=" trust
        }
        """;

    private const string Name = "vf";

    /// <summary>Gets the probe.</summary>
    internal static ShellProbe Probe { get; } =
        new(
            Name,
            OpenFiles.Script
                + $$"""
                r=$NESTVIRT_ROOT
                [ -z "$r" ] || printf 'root\t%s\n' "$r"
                plain() { case $1 in ''|*[[:cntrl:]]*) return 1;; esac; return 0; }
                nv_read "$r/proc/cmdline" && plain "$nv_value" && printf 'cmdline\t%s\n' "$nv_value"
                [ ! -d "$r/run/systemd/system" ] || printf 'systemd\tyes\n'
                l="$r{{UnitLink}}"
                if [ -L "$l" ]; then printf 'unit\t%s\n' "$(readlink -- "$l")"; fi
                for f in "$r"/sys/class/net/*; do
                  i=${f##*/}
                  plain "$i" && nv_read "$f/ifindex" || continue
                  printf 'net\t%s\t%s\n' "$i" "$nv_value"
                  nv_read "$f/flags" && printf 'flags\t%s\t%s\n' "$i" "$nv_value"
                  for u in "$f"/upper_*; do
                    if [ -L "$u" ] && plain "${u##*/}"; then printf 'upper\t%s\t%s\n' "$i" "${u##*/upper_}"; fi
                  done
                done
                for f in "$r"/sys/bus/pci/devices/*/vfio-dev/vfio*; do
                  [ -e "$f" ] || continue
                  d=${f%/vfio-dev/*}
                  printf 'node\t%s\t/dev/vfio/devices/%s\n' "${d##*/}" "${f##*/}"
                done
                set --
                for f in "$r"/etc/systemd "$r"/run/systemd "$r"/usr/local/lib/systemd "$r"/usr/lib/systemd "$r"/lib/systemd; do
                  if [ "$f" = "$r/lib/systemd" ] && [ -L "$r/lib" ]; then continue; fi
                  [ ! -d "$f" ] || set -- "$@" "$f"/system/*.service "$f"/system/*.service.d/*.conf "$f"/network/*.link "$f"/network/*.d/*.conf
                done
                nv_left=$#
                for f in "$@" "$r"/etc/udev/rules.d/*.rules "$r"/run/udev/rules.d/*.rules "$r"/etc/rc.local "$r"/etc/rc.d/rc.local \
                  "$r"/etc/network/interfaces "$r"/etc/network/interfaces.d/* "$r"/etc/network/if-*.d/* \
                  "$r"/etc/modprobe.d/*.conf "$r"/run/modprobe.d/*.conf "$r"/proc/cmdline \
                  "$r"/etc/netplan/*.yaml "$r"/etc/NetworkManager/dispatcher.d/* "$r"/etc/NetworkManager/system-connections/* \
                  "$r"/etc/crontab "$r"/etc/cron.*/* "$r"/var/spool/cron/* "$r"/var/spool/cron/crontabs/* "$r"/etc/local.d/*.start \
                  "$r"/etc/tmpfiles.d/*.conf "$r"/etc/sysfs.conf "$r"/etc/sysfs.d/*.conf "$r"/boot/config/go; do
                  if [ -f "$f" ] && plain "$f"; then set -- "$@" "$f"; fi
                done
                shift "$nv_left"
                for f in "$r"/etc/init.d/sysfsutils "$r"/lib/systemd/system/sysfsutils.service; do
                  [ ! -e "$f" ] || { printf 'sysfsutils\tyes\n'; break; }
                done
                if [ $# -gt 0 ]; then
                  grep -s -H -n -E -e 'sriov_numvfs|max_vfs|num_vfs|sriov-manage|SR-IOVVirtualFunctions|virtual-function-count|total-vfs' "$@" |
                    while IFS= read -r nv_line; do printf 'foreign\t%.1000s\n' "$nv_line"; done
                fi
                nv_files "$r"/run/NetworkManager/devices/* "$r"/run/udev/data/n*
                [ -z "$r" ] || return 0
                if command -v ip >/dev/null 2>&1; then
                  ip -o addr show scope global 2>/dev/null |
                    while read -r nv_number nv_net nv_family nv_address nv_rest; do printf 'address\t%s\t%s\n' "$nv_net" "$nv_address"; done
                  ip link show 2>/dev/null | awk '{{SettingsAwk}}' |
                    while IFS= read -r nv_line; do printf 'setting\t%s\n' "$nv_line"; done
                fi
                nv_open_once
                printf '%s\n' "$nv_opened_once" | while read -r p f; do
                  case $f in /dev/vfio/vfio) continue ;; /dev/vfio/*) ;; *) continue ;; esac
                  nv_read "/proc/$p/comm" || nv_value='?'
                  printf 'user\t%s\t%s\t%s\n' "$p" "$f" "$nv_value"
                done
                for f in /run/libvirt/qemu/*.pid; do
                  plain "$f" && nv_read "$f" || continue
                  g=${f##*/}
                  printf 'guest\t%s\t%s\n' "$nv_value" "${g%.pid}"
                done
                """
        )
        {
            NeedsRoot = true,
        };

    /// <summary>Gets the reading of the answer.</summary>
    internal static ProbeReading<VirtualFunctionHost> Reading { get; } = new(Probe, static text => Parse(text));

    /// <summary>Reads what the probe printed.</summary>
    /// <param name="text">The output.</param>
    /// <returns>What the host shows.</returns>
    /// <exception cref="ProbeFormatException">A line is not of the probe's form.</exception>
    internal static VirtualFunctionHost Parse(string text)
    {
        ProbeListing listing = ProbeListing.Parse(Name, text);
        ILookup<string, string[]> facts = listing.Facts.ToLookup(
            static fact => fact.Name,
            static fact => fact.Value.Split('\t'),
            StringComparer.Ordinal
        );
        Dictionary<string, string> guests = new(StringComparer.Ordinal);
        foreach (string[] words in facts["guest"].Where(static words => words.Length == 2))
        {
            guests[words[0].Trim()] = words[1];
        }

        Dictionary<string, InterfaceFacts> interfaces = new(StringComparer.Ordinal);
        foreach (string[] words in facts["net"].Where(static words => words.Length == 2))
        {
            interfaces[words[0]] = Interface(words[0], words[1], facts, listing);
        }

        Dictionary<(string, int), string> settings = [];
        foreach (string[] words in facts["setting"].Where(static words => words.Length == 3))
        {
            if (int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            {
                settings[(words[0], index)] = words[2];
            }
        }

        return new VirtualFunctionHost
        {
            HasSystemd = facts["systemd"].Any(),
            HasSysfsutils = facts["sysfsutils"].Any(),
            CommandLine = listing.Fact("cmdline") ?? string.Empty,
            Interfaces = interfaces,
            Holders =
            [
                .. facts["user"]
                    .Where(static words => words.Length == 3)
                    .Select(words => new VfioHolder(
                        words[1],
                        new KvmUser(words[0], words[2], guests.GetValueOrDefault(words[0]))
                    )),
            ],
            DeviceNodes =
            [
                .. facts["node"].Where(static words => words.Length == 2).Select(static words => (words[0], words[1])),
            ],
            Settings = settings,
            ForeignLines =
            [
                .. listing
                    .Facts.Where(static fact => fact.Name == "foreign" && fact.Value.Count(':') > 1)
                    .Select(static fact => new SriovBootLine(fact.Value)),
            ],
            UnitLink = listing.Fact("unit"),
        };
    }

    private static InterfaceFacts Interface(
        string name,
        string index,
        ILookup<string, string[]> facts,
        ProbeListing listing
    )
    {
        ListedFile? manager = listing.File($"/run/NetworkManager/devices/{index}");
        return new InterfaceFacts(name, index)
        {
            Upper =
            [
                .. facts["upper"]
                    .Where(words => words.Length == 2 && words[0] == name)
                    .Select(static words => words[1]),
            ],
            Addresses =
            [
                .. facts["address"]
                    .Where(words => words.Length == 2 && words[0] == name)
                    .Select(static words => words[1]),
            ],
            Flags = facts["flags"].FirstOrDefault(words => words.Length == 2 && words[0] == name)?[1],
            IsNetworkManagers = manager is not null && Value(manager, "managed=") is not "false" and not "0",
            Profile = manager is null ? null : Value(manager, "connection-uuid="),
            LinkFile = listing.File($"/run/udev/data/n{index}") is { } udev ? Value(udev, "E:ID_NET_LINK_FILE=") : null,
        };
    }

    private static string? Value(ListedFile file, string key) =>
        file.Lines.FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?[key.Length..].Trim();
}
