using NestVirt.Linux.Machine;
using NestVirt.Probing;

namespace NestVirt.Linux.Virtualization;

/// <summary>Reads what a machine shows of the hypervisor or the container it runs in.</summary>
internal static class HypervisorProbe
{
    private const string LscpuFile = "lscpu";
    private const string PciFile = "pci";

    /// <summary>
    /// Gets the probe. It starts three processes at most: lscpu, a tr, and a grep where there is no DMI.
    /// </summary>
    /// <remarks>
    /// Of /proc/1/environ, which may hold passwords, only the word that names the container leaves the host; of cgroup
    /// paths only the word that names their kind. Strings of a device tree end in NUL, which read passes over.
    /// </remarks>
    public static ShellProbe Probe { get; } =
        new("hypervisor", Functions + Firmware + Containers + Programs)
        {
            // It is given the lines of lscpu, and names of files.
            AwkFunction = """
                function hypervisor(line,   part, path) {
                  if (line !~ /^\//) { if (line !~ /^(NUMA|Vulnerab|L[1-4])/) print "|" line; return }
                  path = root line
                  while ((getline line < path) > 0) {
                    if (path ~ /devices$/) {
                      split(line, part, "\t")
                      if (tolower(part[2]) ~ /^(58530001|1414|15ad|80ee|1b36)/) print "|" part[2]
                    } else if (path ~ /status$/) {
                      if (line ~ /^(VxID|s_context|envID):/) print "status\t" line
                    } else if (line ~ / \/etc\/host(s|name) /) { print "mounts\tcontainer"; break }
                  }
                  close(path)
                }
                """,
        };

    private const string Functions = """
        r=$NESTVIRT_ROOT
        printf 'root\t%s\n' "$r"
        fact() { if nv_read "$2"; then printf '%s\t%s\n' "$1" "$nv_value"; fi; }
        have() { if [ -e "$2" ]; then printf '%s\tpresent\n' "$1"; fi; }

        """;

    private const string Firmware = """
        dmi=$r/sys/class/dmi/id
        [ -e "$dmi" ] || dmi=$r/sys/devices/virtual/dmi/id
        for f in sys_vendor product_name board_name bios_vendor; do
          fact "dmi.$f" "$dmi/$f"
        done
        h=$r/sys/hypervisor
        fact hypervisor.type "$h/type"
        fact hypervisor.guest_type "$h/guest_type"
        fact hypervisor.features "$h/properties/features"
        fact hypervisor.initdomain "$h/start_flags/initdomain"
        if nv_read "$h/uuid"; then
          case $nv_value in *[!0-]*) nv_value=set;; *) nv_value=zero;; esac
          printf 'hypervisor.uuid\t%s\n' "$nv_value"
        fi
        have xen "$r/proc/xen"
        fact xen.capabilities "$r/proc/xen/capabilities"
        if [ -d "$r/sys/bus/xen" ] && [ ! -d "$r/sys/bus/xen-backend" ]; then printf 'xen.bus\tpresent\n'; fi
        dt=$r/proc/device-tree
        if [ -L "$dt" ] || [ ! -d "$dt" ]; then dt=$r/sys/firmware/devicetree/base; fi
        have tree "$dt"
        fact tree.compatible "$dt/compatible"
        fact tree.model "$dt/model"
        have tree.hypervisor "$dt/hypervisor"
        fact tree.hypervisor.compatible "$dt/hypervisor/compatible"
        fact tree.partition "$dt/ibm,partition-name"
        have tree.partition.there "$dt/ibm,partition-name"
        have tree.hmc "$dt/hmc-managed?"
        have tree.qemu "$dt/chosen/qemu,graphic-width"
        for f in "$dt"/fw-cfg*; do have tree.fwcfg "$f"; break; done
        have iseries "$r/proc/iSeries"
        fact lparcfg "$r/proc/ppc64/lparcfg"
        have mdesc "$r/dev/mdesc"
        fact clocksources "$r/sys/devices/system/clocksource/clocksource0/available_clocksource"
        fact release "$r/proc/sys/kernel/osrelease"
        if nv_read "$r/proc/version"; then
          case $nv_value in
          *BrandZ*) printf 'brandz\tpresent\n';;
          *microsoft-standard*|*-Microsoft*) printf 'release\t%s\n' "$nv_value";;
          esac
        fi
        if [ -r "$r/proc/sysinfo" ]; then
          printf 'sysinfo\tpresent\n'
          while IFS= read -r line; do
            case $line in
            'LPAR Number:'*) printf 'sysinfo.lpar\tpresent\n';;
            VM[0-9][0-9]' Control Program:'*) printf 'sysinfo.program\t%s\n' "$line";;
            esac
          done < "$r/proc/sysinfo"
        fi

        """;

    private const string Containers = """
        have wslinterop "$r/proc/sys/fs/binfmt_misc/WSLInterop"
        have vz "$r/proc/vz"
        have bc "$r/proc/bc"
        have dockerenv "$r/.dockerenv"
        have dockerenv "$r/.dockerinit"
        have containerenv "$r/run/.containerenv"
        fact container.systemd "$r/run/systemd/container"
        fact container.manager "$r/run/host/container-manager"
        if [ -r "$r/proc/self/status" ] && ! nv_call hypervisor /proc/self/status; then
          while IFS= read -r line; do
            case $line in VxID:*|s_context:*|envID:*) printf 'status\t%s\n' "$line";; esac
          done < "$r/proc/self/status"
        fi
        if [ -r "$r/proc/self/cgroup" ]; then
          printf 'cgroup\tread\n'
          while IFS= read -r line; do
            case $line in
            *kubepods*) printf 'cgroup\tkubernetes\n'; break;;
            */docker/*|*/docker-*) printf 'cgroup\tdocker\n'; break;;
            */libpod*) printf 'cgroup\tpodman\n'; break;;
            */lxc/*|*/lxc.payload*) printf 'cgroup\tlxc\n'; break;;
            esac
          done < "$r/proc/self/cgroup"
        fi
        if [ -e "$r/.dockerenv" ] && [ -r "$r/proc/self/mountinfo" ]; then
          printf 'mounts\tread\n'
          nv_call hypervisor /proc/self/mountinfo || while IFS= read -r line; do
            case $line in *' /etc/hosts '*|*' /etc/hostname '*) printf 'mounts\tcontainer\n'; break;; esac
          done < "$r/proc/self/mountinfo"
        fi
        if [ -r "$r/proc/1/environ" ]; then
          { tr '\000' '\n' < "$r/proc/1/environ"; } 2>/dev/null | while IFS= read -r line; do
            case $line in container=*) printf 'container.environ\t%s\n' "${line#container=}"; break;; esac
          done
        fi

        """;

    private const string Programs = """
        if [ ! -r "$dmi/sys_vendor" ] && [ -r "$r/proc/bus/pci/devices" ]; then
          printf '@pci\n'
          nv_call hypervisor /proc/bus/pci/devices ||
            while read -r slot id rest; do
              case $id in 58530001*|1414*|15[aA][dD]*|80[eE][eE]*|1[bB]36*) printf '|%s\n' "$id" ;; esac
            done < "$r/proc/bus/pci/devices"
        fi
        if [ -z "$r" ] && command -v lscpu >/dev/null 2>&1; then
          printf '@lscpu\n'
          if nv_feed hypervisor; then lscpu; nv_feed; else
            lscpu | while IFS= read -r line; do
              case $line in NUMA*|Vulnerab*|L[1-4]*) ;; *) printf '|%s\n' "$line";; esac
            done
          fi
        fi
        """;

    /// <summary>Gets the reading of the answer.</summary>
    internal static ProbeReading<HypervisorReading> Reading { get; } = new(Probe, static text => Parse(text));

    /// <summary>Reads the probe's answer.</summary>
    /// <param name="text">The answer.</param>
    /// <returns>What the machine shows.</returns>
    /// <exception cref="ProbeFormatException">A line cannot be read.</exception>
    internal static HypervisorReading Parse(string text)
    {
        ProbeListing listing = ProbeListing.Parse(Probe.Name, text);
        ILookup<string, string> facts = listing.Facts.ToLookup(static fact => fact.Name, static fact => fact.Value);
        return new HypervisorReading(facts)
        {
            Lscpu = LscpuReading.Parse(listing.File(LscpuFile)?.Lines ?? []),
            PciIds = listing.File(PciFile)?.Lines ?? [],
        };
    }
}

/// <summary>What a machine shows of the hypervisor or the container it runs in.</summary>
/// <param name="Facts">The facts, by the names that the probe gives them.</param>
internal sealed record HypervisorReading(ILookup<string, string> Facts)
{
    /// <summary>Gets what lscpu printed.</summary>
    public required LscpuReading Lscpu { get; init; }

    /// <summary>
    /// Gets vendor and device ids, as eight hexadecimal digits, of PCI functions that virtual machines have.
    /// </summary>
    public required IReadOnlyList<string> PciIds { get; init; }

    /// <summary>Gets the first value of a fact, or nothing.</summary>
    /// <param name="name">The fact's name.</param>
    /// <returns>The value, without blanks around it.</returns>
    public string this[string name] => Facts[name].FirstOrDefault()?.Trim() ?? string.Empty;

    /// <summary>Tells whether a fact was printed.</summary>
    /// <param name="name">The fact's name.</param>
    /// <returns>True if it was.</returns>
    public bool Has(string name) => Facts.Contains(name);
}
