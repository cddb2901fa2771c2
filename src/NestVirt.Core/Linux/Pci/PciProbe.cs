using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.Pci;

/// <summary>What sysfs says about the PCI functions of a host.</summary>
/// <param name="Devices">The functions, ordered by address.</param>
/// <param name="UnavailableReason">
/// Why they are not known, or null. A host that has no PCI has no functions, and no reason.
/// </param>
internal sealed record PciListing(IReadOnlyList<PciDevice> Devices, string? UnavailableReason = null);

/// <summary>Reads the PCI functions of a Linux host from sysfs, without root.</summary>
/// <remarks>
/// The files are those of Documentation/ABI/testing/sysfs-bus-pci in the kernel's source.
/// No program runs on a live host, whatever the number of functions. In a tree, links that lead nowhere (a capture
/// often leaves out what they point to) are read by one <c>ls</c>.
/// The listing has one <c>f</c> line a function, and after it what not every function has: <c>d</c> driver,
/// <c>o</c> driver_override, <c>g</c> IOMMU group, <c>p</c> physical function, <c>r</c> reset methods, <c>s</c>
/// SR-IOV, <c>v</c> a resource of a physical function (not on s390, whose firmware maps those of virtual ones; there
/// alone is a file function_id), <c>u</c> the last bus below the bridge above it, <c>w</c> a directory vfio-dev
/// (before all functions it says that those without this line have none; a capture may lack it). Network interfaces
/// (<c>n</c>), disks (<c>b</c>) and NVMe controllers of multipath disks (<c>c</c>) follow with the path that they resolve to. The virtual functions of a physical one are
/// those that name it: the kernel numbers them in the order of their addresses.
/// </remarks>
internal static class PciProbe
{
    private const string Name = "pci";

    /// <summary>Gets the probe.</summary>
    public static ShellProbe Probe { get; } =
        new(
            Name,
            """
            nv_sys=$NESTVIRT_ROOT/sys; nv_pci=$nv_sys/bus/pci/devices; nv_tab=$(printf '\t')
            if [ ! -d "$nv_sys/bus" ]; then printf 'x\tmissing\n'; return 0; fi
            if [ -d "$nv_pci" ] && ! { [ -r "$nv_pci" ] && [ -x "$nv_pci" ]; }; then printf 'x\tunreadable\n'; return 0; fi
            nv_read "$NESTVIRT_ROOT/proc/sys/kernel/osrelease"; printf 'k\t%s\n' "$nv_value"
            [ -n "$NESTVIRT_ROOT" ] || printf 'w\tlive\n'
            cd -P "$nv_sys" || return 0
            nv_top=${PWD%/sys}; set --
            nv_go() {
              cd -P "$1" && return 0
              if [ -n "$NESTVIRT_ROOT" ] && [ -L "$1" ]; then nv_lost=1; fi
              return 1
            }
            nv_line() { case $2 in *"$nv_newline"*) ;; *) printf '%s\t%s\n' "$1" "$2" ;; esac; }
            nv_link() {
              nv_lost=
              [ -L "$nv_d/$2" ] || return 0
              if nv_go "$nv_d/$2"; then nv_line "$1" "${PWD##*/}"; fi
            }
            for nv_d in "$nv_pci"/*:*:*.*; do
              nv_a=${nv_d##*/}
              case $nv_a in *[!0-9a-f:.]*) continue ;; esac
              cd -P "$nv_d" || continue
              nv_up=${PWD%/*}; nv_up=${nv_up##*/}
              case $nv_up in *[!0-9a-f:.]* | [!0-9a-f]*) nv_up= ;; *:*:*.*) ;; *) nv_up= ;; esac
              nv_at=sys/bus/pci/devices/$nv_a
              nv_fields "f$nv_tab$nv_a$nv_tab$nv_up" "$nv_at" class vendor device subsystem_vendor subsystem_device \
                revision numa_node boot_vga
              if [ -e sriov_totalvfs ]; then
                nv_fields s "$nv_at" sriov_totalvfs sriov_numvfs sriov_offset sriov_stride \
                  sriov_vf_device sriov_drivers_autoprobe
                [ -e function_id ] || nv_plain v "$nv_at/resource"
                [ -z "$nv_up" ] || nv_fields u "sys/bus/pci/devices/$nv_up" subordinate_bus_number
              fi
              [ ! -e reset_method ] || nv_fields r "$nv_at" reset_method
              [ ! -e driver_override ] || nv_fields o "$nv_at" driver_override
              [ ! -d vfio-dev ] || printf 'w\tyes\n'
              nv_link d driver; [ -z "$nv_lost" ] || set -- "$@" "bus/pci/devices/$nv_a/driver"
              nv_link g iommu_group; [ -z "$nv_lost" ] || set -- "$@" "bus/pci/devices/$nv_a/iommu_group"
              nv_link p physfn
            done
            for nv_d in "$nv_sys"/class/net/*; do
              nv_lost=; if nv_go "$nv_d"; then
                case $PWD in */devices/virtual/*) ;; *) nv_line n "${nv_d##*/}$nv_tab${PWD#"$nv_top"}" ;; esac
              elif [ -n "$nv_lost" ]; then set -- "$@" "class/net/${nv_d##*/}"; fi
            done
            for nv_d in "$nv_sys"/block/*; do
              nv_lost=; if nv_go "$nv_d"; then
                case $PWD in
                  */devices/virtual/nvme-subsystem/*)
                    for nv_c in "${PWD%/*}"/nvme*; do
                      [ -L "$nv_c" ] && cd -P "$nv_c" 2>/dev/null || continue
                      nv_line c "${nv_d##*/}$nv_tab${PWD#"$nv_top"}"
                    done ;;
                  */devices/virtual/*) ;;
                  *) nv_line b "${nv_d##*/}$nv_tab${PWD#"$nv_top"}" ;;
                esac
              elif [ -n "$nv_lost" ]; then set -- "$@" "block/${nv_d##*/}"; fi
            done
            if [ $# -gt 0 ]; then cd "$nv_sys" && printf 'l\n' && ls -ldn -- "$@" 2>/dev/null; fi
            """
        );

    /// <summary>Gets the reading of the answer.</summary>
    public static ProbeReading<PciListing> Reading { get; } = new(Probe, static text => Parse(text));

    /// <summary>Parses the listing that the probe prints.</summary>
    /// <param name="listing">Tab-separated lines, as the remarks of this class say.</param>
    /// <returns>The functions; of each, what sysfs knows about it.</returns>
    /// <exception cref="ProbeFormatException">A line is not of that form.</exception>
    public static PciListing Parse(ReadOnlySpan<char> listing)
    {
        PciListingReader reader = new();
        int lineNumber = 0;
        foreach (Range range in listing.Split('\n'))
        {
            lineNumber++;
            ReadOnlySpan<char> line = listing[range];
            if (!line.IsWhiteSpace() && !reader.TryRead(line))
            {
                throw new ProbeFormatException(Name, lineNumber, line);
            }
        }

        return reader.ToListing();
    }
}
