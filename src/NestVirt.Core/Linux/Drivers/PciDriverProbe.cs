using System.Collections.Frozen;
using NestVirt.Linux.Files;
using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Drivers;

/// <summary>A process that holds a device open.</summary>
/// <param name="ProcessId">Its number.</param>
/// <param name="Command">Its name as the kernel keeps it.</param>
/// <param name="Path">The device file, such as <c>/dev/vfio/12</c>.</param>
internal sealed record DeviceHolder(string ProcessId, string Command, string Path)
{
    /// <inheritdoc/>
    public override string ToString() => $"{HostText.ForDisplay(Command, 40)} (process {ProcessId})";
}

/// <summary>What decides on who may have a PCI device, beside the device itself.</summary>
internal sealed record PciDriverFacts
{
    /// <summary>Gets the PCI drivers that the kernel has now.</summary>
    public required IReadOnlySet<string> Drivers { get; init; }

    /// <summary>Gets the modules that are installed, with underscores; empty when the kernel's index cannot be read.</summary>
    public required IReadOnlySet<string> Modules { get; init; }

    /// <summary>Gets a value indicating whether the kernel has driver_override: Linux 3.16 and later.</summary>
    public bool HasOverride { get; init; }

    /// <summary>Gets a value indicating whether udevd runs.</summary>
    public bool HasUdev { get; init; }

    /// <summary>Gets a value indicating whether driverctl is installed, with files of the form <c>pci-ADDRESS</c>.</summary>
    public bool HasDriverctl { get; init; }

    /// <summary>Gets the interfaces that are up.</summary>
    public required IReadOnlySet<string> InterfacesUp { get; init; }

    /// <summary>Gets the device files of a function other than its group's, by its address.</summary>
    public required ILookup<string, string> DeviceFiles { get; init; }

    /// <summary>Gets who holds device files of VFIO, UIO and disks open.</summary>
    public required IReadOnlyList<DeviceHolder> Holders { get; init; }
}

/// <summary>Reads which drivers a host has, whether it has udev and driverctl, and who holds devices open; starts four programs.</summary>
internal static class PciDriverProbe
{
    private const string Name = "pcidriver";

    /// <summary>Gets the probe.</summary>
    public static ShellProbe Probe { get; } =
        new(
            Name,
            OpenFiles.Script
                + """
                r=$NESTVIRT_ROOT
                plain() { case $1 in ''|*[[:cntrl:]]*) return 1;; esac; return 0; }
                for d in "$r"/sys/bus/pci/drivers/*; do
                  [ -d "$d" ] && plain "${d##*/}" && printf 'driver\t%s\n' "${d##*/}"
                done
                for d in "$r"/sys/bus/pci/devices/*; do
                  [ ! -e "$d/driver_override" ] || { printf 'override\tyes\n'; break; }
                done
                [ ! -e "$r"/run/udev/control ] || printf 'udev\tyes\n'
                for f in "$r"/usr/sbin/driverctl "$r"/sbin/driverctl "$r"/usr/bin/driverctl; do
                  [ ! -x "$f" ] || { printf 'driverctl\tyes\n'; break; }
                done
                for d in "$r"/sys/class/net/*; do
                  nv_read "$d/flags" && [ $((nv_value & 1)) = 1 ] && plain "${d##*/}" && printf 'up\t%s\n' "${d##*/}"
                done
                for d in "$r"/sys/bus/pci/devices/*; do
                  for f in "$d"/vfio-dev/vfio*; do
                    if [ -e "$f" ]; then a=${d##*/}; printf 'node\t%s\t/dev/vfio/devices/%s\n' "$a" "${f##*/}"; fi
                  done
                  for f in "$d"/uio/uio*; do
                    if [ -e "$f" ]; then a=${d##*/}; printf 'node\t%s\t/dev/%s\n' "$a" "${f##*/}"; fi
                  done
                done
                nv_read "$r"/proc/sys/kernel/osrelease
                for d in lib usr/lib; do
                  if plain "$nv_value" && [ -r "$r/$d/modules/$nv_value/modules.dep" ]; then
                    awk -F: '{ n = split($1, part, "/"); name = part[n]; sub(/\.ko.*/, "", name); gsub(/-/, "_", name); line = line " " name }
                      END { print "modules\t" line }' "$r/$d/modules/$nv_value/modules.dep"
                    break
                  fi
                done
                nv_open_once
                printf '%s\n' "$nv_opened_once" | while read -r p f; do
                  case $f in /dev/kvm | '') continue ;; /dev/*) ;; *) continue ;; esac
                  nv_read "$r/proc/$p/comm" && plain "$nv_value" || nv_value='?'
                  printf 'holder\t%s\t%s\t%s\n' "$p" "$f" "$nv_value"
                done
                for d in lib usr/lib; do
                  [ ! -r "$r/$d/udev/rules.d/05-driverctl.rules" ] || { nv_files "$r/$d/udev/rules.d/05-driverctl.rules"; break; }
                done
                """
        )
        {
            NeedsRoot = true,
        };

    /// <summary>Gets the reading of the answer.</summary>
    public static ProbeReading<PciDriverFacts> Reading { get; } = new(Probe, static text => Parse(text));

    /// <summary>Reads what the probe printed.</summary>
    /// <param name="text">The output.</param>
    /// <returns>What it says.</returns>
    /// <exception cref="ProbeFormatException">A line is not of the probe's form.</exception>
    public static PciDriverFacts Parse(string text)
    {
        ProbeListing listing = ProbeListing.Parse(Name, text);
        return new PciDriverFacts
        {
            Drivers = Values(listing, "driver").ToFrozenSet(StringComparer.Ordinal),
            Modules = (listing.Fact("modules") ?? string.Empty)
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .ToFrozenSet(StringComparer.Ordinal),
            HasOverride = listing.Fact("override") is not null,
            HasUdev = listing.Fact("udev") is not null,

            // Releases that name the files otherwise would not find ours.
            HasDriverctl =
                listing.Fact("driverctl") is not null
                && listing.Files.Any(static file =>
                    file.Lines.Any(static line =>
                        line.Contains("driverctl.d/$env{SUBSYSTEM}-$kernel", StringComparison.Ordinal)
                    )
                ),
            InterfacesUp = Values(listing, "up").ToFrozenSet(StringComparer.Ordinal),
            DeviceFiles = Values(listing, "node")
                .Select(static value => value.Split('\t', 2))
                .ToLookup(static words => words[0], static words => words[^1], StringComparer.Ordinal),
            Holders = [.. listing.Facts.Where(static fact => fact.Name == "holder").Select(fact => ReadHolder(fact))],
        };
    }

    private static DeviceHolder ReadHolder(ListedFact fact) =>
        fact.Value.Split('\t', 3) is [string id, string path, string command]
            ? new DeviceHolder(id, command, path)
            : throw new ProbeFormatException(Name, fact.LineNumber, fact.Value);

    private static IEnumerable<string> Values(ProbeListing listing, string name) =>
        listing.Facts.Where(fact => fact.Name == name).Select(static fact => fact.Value);
}
