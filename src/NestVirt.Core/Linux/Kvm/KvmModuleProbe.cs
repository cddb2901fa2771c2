using System.Globalization;
using NestVirt.Linux.Modprobe;
using NestVirt.Probing;

namespace NestVirt.Linux.Kvm;

/// <summary>Reads which KVM modules are loaded or installed, their parameters, and /dev/kvm; starts one program.</summary>
internal static class KvmModuleProbe
{
    private const string Name = "kvm";
    private const string ModuleFolder = "/sys/module/";
    private const string DevicePath = "/dev/kvm";

    /// <summary>Gets the probe.</summary>
    /// <remarks>
    /// modules.dep is long, so an awk function passes on only its lines about hypervisors; it is given its name, which has no
    /// blanks, and the lines of <c>ls</c>, which have. The mode of a parameter comes from one <c>ls</c>: <c>test -w</c> would say what root may do, not what the kernel offers.
    /// </remarks>
    public static ShellProbe Probe { get; } =
        new(
            Name,
            """
            [ -z "$NESTVIRT_ROOT" ] || printf 'root\t%s\n' "$NESTVIRT_ROOT"
            set --
            for f in "$NESTVIRT_ROOT"/sys/module/kvm*; do
              [ -d "$f" ] || continue
              printf 'module\t%s\n' "${f##*/}"
              [ -e "$f"/initstate ] && printf 'loadable\t%s\n' "${f##*/}"
            done
            for f in "$NESTVIRT_ROOT"/dev/kvm "$NESTVIRT_ROOT"/sys/module/kvm*/parameters/*; do
              [ -e "$f" ] && set -- "$@" "$f"
            done
            if [ $# -gt 0 ]; then
              if nv_feed kvm; then ls -ld -- "$@"; nv_feed
              else ls -ld -- "$@" | while IFS= read -r line; do printf 'mode\t%s\n' "$line"; done
              fi
            fi
            if [ -e "$NESTVIRT_ROOT"/dev/kvm ]; then
              printf 'device\tpresent\n'
              if [ -z "$NESTVIRT_ROOT" ]; then
                nv_value=no; [ -r /dev/kvm ] && [ -w /dev/kvm ] && nv_value=yes
                printf 'usable\t%s\n' "$nv_value"
              fi
            elif [ -e "$NESTVIRT_ROOT"/dev/null ]; then printf 'device\tabsent\n'
            fi
            if [ -e "$NESTVIRT_ROOT"/sys/class/misc/kvm ] || [ -L "$NESTVIRT_ROOT"/sys/class/misc/kvm ]; then
              printf 'misc\tpresent\n'
            elif [ -d "$NESTVIRT_ROOT"/sys/class/misc ]; then printf 'misc\tabsent\n'
            fi
            if [ -f "$NESTVIRT_ROOT"/etc/group ] && [ -r "$NESTVIRT_ROOT"/etc/group ]; then
              while IFS= read -r line; do
                case $line in kvm:*) printf 'group\t%s\n' "$line" ;; esac
              done < "$NESTVIRT_ROOT"/etc/group
            fi
            nv_release=; nv_read "$NESTVIRT_ROOT"/proc/sys/kernel/osrelease && nv_release=$nv_value
            nv_files "$NESTVIRT_ROOT"/sys/module/kvm*/parameters/* "$NESTVIRT_ROOT"/proc/modules
            for d in lib/modules usr/lib/modules run/booted-system/kernel-modules/lib/modules; do
              d=$d/$nv_release
              if [ -n "$nv_release" ] && [ -f "$NESTVIRT_ROOT/$d"/modules.dep ] && [ -r "$NESTVIRT_ROOT/$d"/modules.dep ]; then
                for f in "$d"/modules.builtin "$d"/modules.dep; do
                  [ -f "$NESTVIRT_ROOT/$f" ] && [ -r "$NESTVIRT_ROOT/$f" ] && nv_call kvm "$f"
                done
                break
              fi
            done
            """
        )
        {
            AwkFunction = """
                function kvm(path,   name, line, colon) {
                  if (index(path, " ")) { print "mode\t" path; return }
                  name = path; gsub(/\\/, "&&", name); print "@/" name
                  path = root "/" path
                  while ((getline line < path) > 0) {
                    if (line !~ /kvm|vbox|vmmon/) continue
                    colon = index(line, ":"); if (colon) line = substr(line, 1, colon)
                    if (line ~ /\/(kvm|vbox|vmmon)[^\/]*$/) print "|" line
                  }
                  close(path)
                }
                """,
        };

    /// <summary>Gets the reading of the answer.</summary>
    public static ProbeReading<KvmModuleListing> Reading { get; } = new(Probe, static text => Parse(text));

    /// <summary>Reads what the probe printed.</summary>
    /// <param name="text">The output.</param>
    /// <returns>What the host shows.</returns>
    /// <exception cref="ProbeFormatException">A line is not of the probe's form.</exception>
    public static KvmModuleListing Parse(ReadOnlySpan<char> text)
    {
        ProbeListing listing = ProbeListing.Parse(Name, text);
        Dictionary<string, string> modes = ParseModes(listing);
        return new KvmModuleListing
        {
            Loaded = listing.File("/proc/modules") is { } modules
                ? [.. modules.Lines.Select(ParseLoaded).OfType<LoadedModule>()]
                : null,
            Present = [.. listing.Facts.Where(static fact => fact.Name == "module").Select(static fact => fact.Value)],
            Loadable =
            [
                .. listing.Facts.Where(static fact => fact.Name == "loadable").Select(static fact => fact.Value),
            ],
            Installed = ParseIndex(listing, "modules.dep"),
            BuiltIn = ParseIndex(listing, "modules.builtin"),
            Parameters = ParseParameters(listing, modes),
            Device = ParseDevice(listing, modes.GetValueOrDefault(DevicePath)),
        };
    }

    // "kvm_intel 380928 4 - Live 0x0000000000000000", and "ccp,kvm_amd," in place of the dash.
    private static LoadedModule? ParseLoaded(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 4)
        {
            return null;
        }

        int? useCount = int.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            ? count
            : null;
        string[] users = words[3] == "-" ? [] : words[3].Split(',', StringSplitOptions.RemoveEmptyEntries);
        return new LoadedModule(words[0], useCount, users);
    }

    // "kernel/arch/x86/kvm/kvm-intel.ko.xz:"
    private static string[]? ParseIndex(ProbeListing listing, string name) =>
        listing
            .Files.FirstOrDefault(file => file.Name == name)
            ?.Lines.Select(static line => line[(line.LastIndexOf('/') + 1)..])
            .Select(static file =>
                file.IndexOf(".ko", StringComparison.Ordinal) is int end and > 0
                    ? ModprobeFile.Normalize(file[..end])
                    : string.Empty
            )
            .Where(static module => module.Length > 0)
            .ToArray();

    private static Dictionary<string, string> ParseModes(ProbeListing listing)
    {
        Dictionary<string, string> modes = new(StringComparer.Ordinal);
        foreach (ListedFact fact in listing.Facts.Where(static fact => fact.Name == "mode"))
        {
            int start = fact.Value.LastIndexOf(ModuleFolder, StringComparison.Ordinal);
            start = start < 0 ? fact.Value.LastIndexOf(DevicePath, StringComparison.Ordinal) : start;
            if (start > 0)
            {
                modes[fact.Value[start..]] = fact.Value;
            }
        }

        return modes;
    }

    private static Dictionary<string, IReadOnlyList<ListedParameter>> ParseParameters(
        ProbeListing listing,
        Dictionary<string, string> modes
    )
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (
            ListedFile file in listing.Files.Where(static file =>
                file.Path.StartsWith(ModuleFolder, StringComparison.Ordinal)
            )
        )
        {
            values[file.Path] = file.FirstLine;
        }

        Dictionary<string, SortedDictionary<string, ListedParameter>> modules = new(StringComparer.Ordinal);
        foreach (string path in modes.Keys.Concat(values.Keys))
        {
            string[] parts = path.Split('/');
            if (parts is ["", "sys", "module", string module, "parameters", string name])
            {
                if (!modules.TryGetValue(module, out SortedDictionary<string, ListedParameter>? parameters))
                {
                    modules.Add(
                        module,
                        parameters = new SortedDictionary<string, ListedParameter>(StringComparer.Ordinal)
                    );
                }

                bool? isWritable = modes.TryGetValue(path, out string? mode) && mode.Length > 2 ? mode[2] == 'w' : null;
                parameters[name] = new ListedParameter(name, values.GetValueOrDefault(path), isWritable);
            }
        }

        return modules.ToDictionary(
            static module => module.Key,
            static module => (IReadOnlyList<ListedParameter>)[.. module.Value.Values],
            StringComparer.Ordinal
        );
    }

    // "crw-rw----+ 1 root kvm 10, 232 Nov 21 11:48 /dev/kvm": the plus tells of an ACL.
    private static KvmDevice ParseDevice(ProbeListing listing, string? mode)
    {
        string[] words = mode?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        string[]? group = listing.Fact("group")?.Split(':');
        return new KvmDevice
        {
            IsPresent = listing.Fact("device") switch
            {
                "present" => true,
                "absent" => false,
                _ => null,
            },
            HasStarted = listing.Fact("misc") switch
            {
                "present" => true,
                "absent" => false,
                _ => null,
            },
            IsUsable = listing.Fact("usable") switch
            {
                "yes" => true,
                "no" => false,
                _ => null,
            },
            Mode = words.Length > 3 ? words[0] : null,
            Owner = words.Length > 3 ? words[2] : null,
            Group = words.Length > 3 ? words[3] : null,
            KvmGroupMembers = group is [_, _, _, string members]
                ? members.Split(',', StringSplitOptions.RemoveEmptyEntries)
                : [],
        };
    }
}
