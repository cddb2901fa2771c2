using System.Globalization;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.Iommu;

/// <summary>Reads the IOMMU groups, units and firmware tables of a host.</summary>
internal static class IommuProbe
{
    private const int RegionFields = 3;

    /// <summary>Gets the probe. It starts no process; an awk function stops at the first line of an IO-APIC.</summary>
    public static ShellProbe Probe { get; } =
        new(
            "iommu",
            """
            r=$NESTVIRT_ROOT
            # A name that holds a tab, a newline or another control character is none that a kernel gives.
            plain() { case $1 in ''|*[[:cntrl:]]*) return 1;; esac; return 0; }
            nv_read "$r"/proc/cmdline && printf 'cmdline\t%s\n' "$nv_value"
            nv_read "$r"/proc/sys/kernel/osrelease && plain "$nv_value" && printf 'release\t%s\n' "$nv_value"
            for f in sys_vendor product_name; do
              nv_read "$r/sys/class/dmi/id/$f" && plain "$nv_value" && printf 'maker\t%s\n' "$nv_value"
            done
            for d in "$r"/sys/bus/pci/drivers/*; do
              n=${d##*/}; m=; w=; p=
              [ -d "$d" ] && plain "$n" || continue
              if cd -P "$d/module" 2>/dev/null; then
                p=$PWD; m=${p##*/}; plain "$m" || continue
              else
                while :; do case $n in *-*) m=${m}${n%%-*}_; n=${n#*-} ;; *) m=$m$n; break ;; esac; done
                if cd -P "$r/sys/module/$m" 2>/dev/null; then p=$PWD; fi
              fi
              if [ -n "$p" ]; then if [ -e "$p/initstate" ]; then w=module; else w=builtin; fi; fi
              printf 'driver\t%s\t%s\t%s\n' "${d##*/}" "$m" "$w"
            done
            for f in "$r"/sys/bus/pci/devices/*/reset_method; do
              [ ! -e "$f" ] || printf 'resets\n'
              break
            done
            for f in "$r"/boot/syslinux/syslinux.cfg "$r"/boot/extlinux/extlinux.conf "$r"/syslinux/syslinux.cfg \
              "$r"/boot/limine.conf "$r"/boot/limine/limine.conf "$r"/etc/default/grub "$r"/etc/default/grub.d/*.cfg \
              "$r"/etc/default/limine "$r"/etc/kernel/cmdline "$r"/boot/firmware/cmdline.txt "$r"/boot/refind_linux.conf \
              "$r"/etc/sdboot-manage.conf "$r"/boot/loader/entries/*.conf "$r"/boot/efi/loader/entries/*.conf \
              "$r"/efi/loader/entries/*.conf; do
              [ -f "$f" ] && [ -r "$f" ] || continue
              f=${f#"$r"/}
              plain "$f" && ! nv_call iommu "/$f" || continue
              n=0
              while IFS= read -r line || [ -n "$line" ]; do
                n=$((n + 1))
                case $line in
                *vfio[-_]pci.ids=*)
                  while :; do case $line in [' 	']*) line=${line#?} ;; *) break ;; esac; done
                  case $line in '#'*) ;; *) plain "$line" && printf 'bootids\t/%s:%s\t%s\n' "$f" "$n" "$line" ;; esac ;;
                esac
              done < "$r/$f"
            done
            for f in "$r"/etc/driverctl.d/pci-*; do
              if plain "${f##*/}" && [ -f "$f" ] && nv_read "$f" && plain "$nv_value"; then
                printf 'override\t%s\t%s\n' "${f##*/pci-}" "$nv_value"
              fi
            done
            # Unraid's own list, by address: BIND=0000:01:00.0|10de:1b80 0000:01:00.1|10de:10f0
            f=boot/config/vfio-pci.cfg; n=0
            if [ -f "$r/$f" ] && [ -r "$r/$f" ]; then
              while IFS= read -r line || [ -n "$line" ]; do
                n=$((n + 1))
                [ $n -le 100 ] || break
                line=${line%"$(printf '\r')"}
                case $line in BIND=*) plain "$line" && printf 'bind\t/%s:%s\t%s\n' "$f" "$n" "$line" ;; esac
              done < "$r/$f"
            fi
            if [ -d "$r"/sys/firmware/acpi/tables ]; then
              printf 'acpi\n'
              for t in DMAR IVRS IORT VIOT; do
                if [ -e "$r/sys/firmware/acpi/tables/$t" ]; then printf 'table\t%s\n' "$t"; fi
              done
            fi
            # Firmware's nodes of SMMUs are platform devices, with or without a driver (drivers/acpi/arm64/iort.c).
            if [ -e "$r"/sys/firmware/acpi/tables/IORT ] && [ -d "$r"/sys/bus/platform/devices ]; then
              printf 'platform\n'
              for u in "$r"/sys/bus/platform/devices/arm-smmu*; do
                case ${u##*/} in *pmcg*) continue ;; esac
                if { [ -e "$u" ] || [ -L "$u" ]; } && plain "${u##*/}"; then printf 'smmu\t%s\n' "${u##*/}"; fi
              done
            fi
            if [ -s "$r"/sys/firmware/acpi/tables/IORT ] && [ -r "$r"/sys/firmware/acpi/tables/IORT ]; then
              od -An -v -tx1 "$r"/sys/firmware/acpi/tables/IORT 2>/dev/null | while read -r line; do
                printf 'iort\t%s\n' "$line"
              done
            fi
            # The control domain of Xen, as the kernel tells of it.
            x=
            if nv_read "$r"/proc/xen/capabilities; then
              case $nv_value in *control_d*) x="/proc/xen/capabilities: $nv_value" ;; esac
            fi
            if [ -z "$x" ] && nv_read "$r"/sys/hypervisor/type && [ "$nv_value" = xen ]; then
              if nv_read "$r"/sys/hypervisor/start_flags/initdomain && [ "$nv_value" = 1 ]; then
                x='/sys/hypervisor/start_flags/initdomain: 1'
              elif nv_read "$r"/sys/hypervisor/uuid; then
                case $nv_value in ''|*[!0-]*) ;; *) x='/sys/hypervisor/type: xen, with a uuid of zeros' ;; esac
              fi
            fi
            if [ -n "$x" ] && plain "$x"; then printf 'xen\t%s\n' "$x"; fi
            for u in "$r"/sys/class/iommu/*; do
              if [ -e "$u" ] && plain "${u##*/}"; then printf 'unit\t%s\n' "${u##*/}"; fi
            done
            if [ -z "$r" ] && [ -d /sys/kernel ]; then printf 'live\n'; fi
            [ ! -d "$r"/sys/kernel/iommu_groups ] || printf 'groups\n'
            for g in "$r"/sys/kernel/iommu_groups/*; do
              n=${g##*/}
              case $n in ''|*[!0-9]*) continue;; esac
              [ -d "$g" ] || continue
              printf 'group\t%s\n' "$n"
              nv_group=sys/kernel/iommu_groups/$n
              nv_plain type "$nv_group/type"
              [ ! -e "$g/name" ] || nv_plain name "$nv_group/name"
              nv_plain region "$nv_group/reserved_regions"
              for d in "$g"/devices/*; do
                m=${d##*/}
                { [ -e "$d" ] || [ -L "$d" ]; } && plain "$m" || continue
                w=
                case $m in
                *:*:*.[0-7]) ;;
                *) w=$(cd -P "$d"/driver 2>/dev/null && printf '%s' "${PWD##*/}"); plain "$w" || w= ;;
                esac
                printf 'member\t%s\t%s\n' "$m" "$w"
              done
            done
            for p in vfio/parameters/enable_unsafe_noiommu_mode vfio_iommu_type1/parameters/allow_unsafe_interrupts \
              vfio_pci/parameters/disable_denylist; do
              nv_read "$r/sys/module/$p" && plain "$nv_value" && printf 'param\t%s.%s\t%s\n' "${p%%/*}" "${p##*/}" "$nv_value"
            done
            if [ -r "$r"/proc/interrupts ]; then
              nv_call iommu
            fi
            # What lies inside of the lines of a PCI function. Without root the addresses are zeros, and the nesting is true.
            if [ -r "$r"/proc/iomem ] && ! nv_call iommu /proc/iomem; then
              n=0; nv_deep=-1
              while IFS= read -r line; do
                n=$((n + 1)); w=${line%%[! ]*}
                case $line in *[!\ -~]*) continue ;; esac
                if [ ${#w} -gt $nv_deep ] && [ $nv_deep -ge 0 ]; then
                  [ -z "$nv_held" ] || printf 'memory\t%s\n' "$nv_held"
                  nv_held=; printf 'memory\t%s\t%s\n' "$n" "$line"; continue
                fi
                nv_deep=-1
                case $line in
                *' : '*:[0-9a-f][0-9a-f]:[0-9a-f][0-9a-f].[0-7]) nv_deep=${#w}; nv_held=$(printf '%s\t%s' "$n" "$line") ;;
                esac
              done < "$r"/proc/iomem
            fi
            """
        )
        {
            AwkFunction = """
                function iommu(line,   path, number, deep, held) {
                  if (line != "" && line != "/proc/iomem") {
                    path = root line
                    while ((getline held < path) > 0) {
                      number++
                      if (held !~ /vfio[-_]pci\.ids=/) continue
                      sub(/^[ \t]+/, "", held)
                      if (held !~ /^#/ && held !~ /[\001-\037\177]/) print "bootids\t" line ":" number "\t" held
                    }
                    close(path); return
                  }
                  if (line != "") {
                    path = root line; deep = -1
                    while ((getline line < path) > 0) {
                      number++
                      if (line ~ /[^ -~]/) continue
                      match(line, /^ */)
                      if (deep >= 0 && RLENGTH > deep) {
                        if (held != "") print "memory\t" held
                        held = ""; print "memory\t" number "\t" line; continue
                      }
                      deep = -1
                      if (line ~ / : [0-9a-f]+:[0-9a-f][0-9a-f]:[0-9a-f][0-9a-f]\.[0-7]$/) { deep = RLENGTH; held = number "\t" line }
                    }
                    close(path); return
                  }
                  path = root "/proc/interrupts"
                  while ((getline line < path) > 0) {
                    if (match(line, /(IR-)?IO-APIC/)) { print "irq\t" substr(line, RSTART, RLENGTH); break }
                  }
                  close(path)
                }
                """,
        };

    /// <summary>Gets the reading of the answer.</summary>
    internal static ProbeReading<IommuFacts> Reading { get; } = new(Probe, static text => Parse(text));

    /// <summary>Reads the probe's answer.</summary>
    /// <param name="text">The answer.</param>
    /// <returns>What the host says about its IOMMU.</returns>
    /// <exception cref="ProbeFormatException">A line cannot be read.</exception>
    internal static IommuFacts Parse(string text)
    {
        IommuAnswer answer = new();
        int number = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            number++;
            if (!line.IsEmpty && !answer.TryRead(line))
            {
                throw new ProbeFormatException(Probe.Name, number, line);
            }
        }

        return answer.ToFacts();
    }

    /// <summary>Reads a line of a reserved_regions file: start, end, type.</summary>
    internal static bool TryParseRegion(ReadOnlySpan<char> line, out ReservedRegion region)
    {
        Span<Range> fields = stackalloc Range[RegionFields + 1];
        region = new ReservedRegion(0, 0, string.Empty);
        if (
            line.Split(fields, ' ', StringSplitOptions.RemoveEmptyEntries) != RegionFields
            || !TryParseAddress(line[fields[0]], out ulong start)
            || !TryParseAddress(line[fields[1]], out ulong end)
        )
        {
            return false;
        }

        region = new ReservedRegion(start, end, line[fields[2]].ToString());
        return true;
    }

    private static bool TryParseAddress(ReadOnlySpan<char> text, out ulong value)
    {
        value = 0;
        return text.StartsWith("0x", StringComparison.Ordinal)
            && ulong.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
