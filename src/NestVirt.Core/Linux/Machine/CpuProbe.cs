using NestVirt.Probing;

namespace NestVirt.Linux.Machine;

/// <summary>Reads what the kernel says about the processors, and whether KVM uses their extension.</summary>
internal static class CpuProbe
{
    /// <summary>Gets the probe. An awk function prints each line of /proc/cpuinfo once.</summary>
    /// <remarks>
    /// Lines that differ on every CPU are left out, so that 512 CPUs answer as briefly as one. /dev/kvm proves nothing:
    /// systemd makes the node before the module is loaded. The kernel's own device, in /sys/class/misc, does.
    /// </remarks>
    public static ShellProbe Probe { get; } =
        new(
            "cpu",
            """
            r=$NESTVIRT_ROOT
            printf 'root\t%s\n' "$r"
            if [ -f "$r/proc/cpuinfo" ] && [ -r "$r/proc/cpuinfo" ]; then
              nv_call cpu
            fi
            fact() { if nv_read "$r/$2"; then printf '%s\t%s\n' "$1" "$nv_value"; fi; }
            fact release proc/sys/kernel/osrelease
            fact arch proc/sys/kernel/arch
            fact itlb_multihit sys/devices/system/cpu/vulnerabilities/itlb_multihit
            fact l1tf sys/devices/system/cpu/vulnerabilities/l1tf
            if nv_read "$r/proc/cmdline"; then
              for w in $nv_value; do
                case $w in clearcpuid=*|kvm-arm.mode=*|kvm_arm.mode=*|disable_radix*) printf 'option\t%s\n' "$w";; esac
              done
            fi
            [ ! -d "$r/sys/module" ] || printf 'modules\tlisted\n'
            for m in kvm kvm_intel kvm_amd kvm_pvm kvm_hv kvm_pr; do
              if [ -d "$r/sys/module/$m" ]; then
                nv_read "$r/sys/module/$m/initstate" || nv_value=builtin
                printf 'module\t%s %s\n' "$m" "$nv_value"
              fi
            done
            if [ -e "$r/sys/class/misc/kvm" ] || [ -L "$r/sys/class/misc/kvm" ]; then
              printf 'kvm\tpresent\n'
            elif [ -d "$r/sys/class/misc" ]; then
              printf 'kvm\tabsent\n'
            fi
            """
        )
        {
            AwkFunction = """
                function cpu(line,   path, key, seen, count, numbered) {
                  print "@/proc/cpuinfo"
                  path = root "/proc/cpuinfo"
                  while ((getline line < path) > 0) {
                    if (line ~ /^[ \t]*$/ || line ~ /^processor[ \t]*:[ \t]*[0-9]+[ \t]*$/) continue
                    if (line in seen) continue
                    seen[line] = 1
                    key = line; sub(/[ \t]*:.*/, "", key)
                    if (key ~ /^(cpu number|hart|apicid|initial apicid|physical id|core id|book id|drawer id|address)$/) continue
                    if (key ~ /^(siblings|identification|clock|temperature.*|Cpu[0-9]+.*|CPU[0-9]+|.*MHz.*)$/) continue
                    if (tolower(key) == "bogomips") continue
                    if (key ~ /^processor [0-9]+$/ && numbered++) continue
                    if (count++ < 400) print "|" line
                  }
                  close(path)
                }
                """,
        };

    /// <summary>Gets the reading of the answer.</summary>
    internal static ProbeReading<CpuReading> Reading { get; } = new(Probe, static text => Parse(text));

    /// <summary>Reads the probe's answer.</summary>
    /// <param name="text">The answer.</param>
    /// <returns>What the kernel says.</returns>
    /// <exception cref="ProbeFormatException">A line cannot be read.</exception>
    internal static CpuReading Parse(string text)
    {
        ProbeListing listing = ProbeListing.Parse(Probe.Name, text);
        return new CpuReading(CpuInfo.Parse(listing.File("/proc/cpuinfo")?.Lines ?? []))
        {
            KernelRelease = listing.Fact("release"),
            KernelArchitecture = listing.Fact("arch"),
            ItlbMultihit = listing.Fact("itlb_multihit"),
            L1tf = listing.Fact("l1tf"),
            Options = [.. listing.Facts.Where(static fact => fact.Name == "option").Select(static fact => fact.Value)],
            AreModulesListed = listing.Fact("modules") is not null,
            Modules = listing
                .Facts.Where(static fact => fact.Name == "module")
                .Select(static fact => fact.Value.Split(' ', 2))
                .DistinctBy(static words => words[0])
                .ToDictionary(static words => words[0], static words => words[^1]),
            HasKvmDevice = listing.Fact("kvm") switch
            {
                "present" => true,
                "absent" => false,
                _ => null,
            },
        };
    }
}
