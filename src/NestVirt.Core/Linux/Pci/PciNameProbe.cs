using NestVirt.Probing;

namespace NestVirt.Linux.Pci;

/// <summary>Looks the ids of a host's PCI functions up in the host's own <c>pci.ids</c>.</summary>
/// <remarks>
/// The list has more than a megabyte, so the host itself picks the lines of its own ids: <c>grep</c> drops most of
/// them, and an awk function tells whose the rest are. The format of the list is in its own head (https://pci-ids.ucw.cz/).
/// Compressed lists are not read.
/// Lines of the answer: <c>v</c> vendor name, <c>d</c> vendor device name, <c>c</c> class name, <c>s</c> class
/// subclass name.
/// </remarks>
internal static class PciNameProbe
{
    private const string Name = "pcinames";

    /// <summary>Gets the probe.</summary>
    public static ShellProbe Probe { get; } =
        new(
            Name,
            """
            nv_ids=
            for nv_f in usr/share/misc usr/share/hwdata usr/share var/lib/pciutils run/current-system/sw/share; do
              nv_f=$nv_f/pci.ids
              if [ -f "$NESTVIRT_ROOT/$nv_f" ] && [ -r "$NESTVIRT_ROOT/$nv_f" ]; then nv_ids=$NESTVIRT_ROOT/$nv_f; break; fi
            done
            [ -n "$nv_ids" ] || return 0
            cd "$NESTVIRT_ROOT/sys/bus/pci/devices" 2>/dev/null || return 0
            nv_list=' '; nv_alternatives=
            for nv_d in *:*:*.*; do
              nv_read "$nv_d/vendor" || continue; nv_vendor=${nv_value#0x}
              nv_read "$nv_d/device" || continue; nv_device=${nv_value#0x}
              nv_read "$nv_d/class" || continue; nv_class=${nv_value#0x}
              nv_class=${nv_class%??}
              case $nv_vendor:$nv_device:$nv_class in *[!0-9a-f:]*) continue ;; esac
              case $nv_list in *" $nv_vendor:$nv_device "*) ;; *)
                nv_list="$nv_list$nv_vendor:$nv_device "; nv_alternatives="$nv_alternatives|$nv_device " ;;
              esac
              case $nv_list in *" $nv_class "*) ;; *)
                nv_list="$nv_list$nv_class "; nv_alternatives="$nv_alternatives|${nv_class#??} " ;;
              esac
            done
            [ "$nv_list" != ' ' ] || return 0
            nv_tab=$(printf '\t')
            nv_feed pcinames || return 0
            printf '%s\n' "$nv_list"
            grep -E "^[^$nv_tab#]|^$nv_tab(${nv_alternatives#|})" < "$nv_ids"
            nv_feed
            """
        )
        {
            AwkFunction = """
                function pcinames(line,   count, words, i, w, at, id) {
                  if (substr(line, 1, 1) == " ") {
                    count = split(line, words, " ")
                    for (i = 1; i <= count; i++) {
                      w = words[i]; at = index(w, ":")
                      if (at) { vendors[substr(w, 1, at - 1)] = 1; devices[w] = 1 }
                      else { classes["C " substr(w, 1, 2)] = 1; subclasses[w] = 1 }
                    }
                  } else if (substr(line, 1, 1) != "\t") {
                    vendor = ""; class = ""; id = substr(line, 1, 4)
                    if (id in vendors) { vendor = id; print "v\t" id "\t" substr(line, 7) }
                    else if (id in classes) { class = substr(line, 3, 2); print "c\t" class "\t" substr(line, 7) }
                  } else if (vendor != "") {
                    id = vendor ":" substr(line, 2, 4)
                    if (id in devices) print "d\t" vendor "\t" substr(line, 2, 4) "\t" substr(line, 8)
                  } else if (class != "") {
                    id = class substr(line, 2, 2)
                    if (id in subclasses) print "s\t" class "\t" substr(line, 2, 2) "\t" substr(line, 6)
                  }
                }
                """,
        };

    /// <summary>Gets the reading of the answer.</summary>
    public static ProbeReading<PciNames> Reading { get; } = new(Probe, static text => Parse(text));

    /// <summary>Parses the lines that the probe prints.</summary>
    /// <param name="text">The lines.</param>
    /// <returns>The names; where the host has none, those that are known everywhere.</returns>
    /// <exception cref="ProbeFormatException">A line is not of that form.</exception>
    public static PciNames Parse(ReadOnlySpan<char> text)
    {
        PciNames names = new();
        int lineNumber = 0;
        foreach (Range range in text.Split('\n'))
        {
            lineNumber++;
            ReadOnlySpan<char> line = text[range];
            if (!line.IsWhiteSpace() && !names.TryAdd(line))
            {
                throw new ProbeFormatException(Name, lineNumber, line);
            }
        }

        return names;
    }
}
