using NestVirt.Probing;

namespace NestVirt.Linux.Modprobe;

/// <summary>Reads the files of modprobe.d, and those where options are put by mistake; starts one program.</summary>
internal static class ModprobeConfigProbe
{
    private const string Name = "modprobe";

    /// <summary>Gets the probe.</summary>
    /// <remarks>
    /// A file that is a link to /dev/null masks others and so is named, though it holds nothing. Where /lib is a link,
    /// its files are those of /usr/lib.
    /// </remarks>
    public static ShellProbe Probe { get; } =
        new(
            Name,
            """
            [ -z "$NESTVIRT_ROOT" ] || printf 'root\t%s\n' "$NESTVIRT_ROOT"
            set --
            for d in etc run usr/local/lib usr/lib lib; do
              [ ! -L "$NESTVIRT_ROOT/$d" ] && [ -d "$NESTVIRT_ROOT/$d"/modprobe.d ] || continue
              [ -r "$NESTVIRT_ROOT/$d"/modprobe.d ] || printf 'unreadable\t%s\n' "$NESTVIRT_ROOT/$d"/modprobe.d
              for f in "$NESTVIRT_ROOT/$d"/modprobe.d/*; do
                if [ -d "$f" ] || [ ! -e "$f" ]; then continue
                elif [ -f "$f" ] && [ -r "$f" ]; then set -- "$@" "$f"; continue
                elif [ -c "$f" ]; then nv_value=null
                elif [ -p "$f" ] || [ -S "$f" ]; then nv_value=leftout
                else nv_value=unreadable
                fi
                case $f in *"$nv_newline"*) ;; *) printf '%s\t%s\n' "$nv_value" "$f" ;; esac
              done
            done
            for d in 'etc/modp*' 'etc/mode*' 'etc/modules*' 'etc/modprobe.d/*' run/modules-load.d usr/local/lib/modules-load.d usr/lib/modules-load.d; do
              for f in "$NESTVIRT_ROOT"/$d; do
                case $f in "$NESTVIRT_ROOT"/etc/modprobe.d) continue ;; esac
                if [ -d "$f" ]; then
                  for f in "$f"/*; do [ -f "$f" ] && [ -r "$f" ] && set -- "$@" "$f"; done
                elif [ "$d" != 'etc/modprobe.d/*' ] && [ -f "$f" ] && [ -r "$f" ]; then set -- "$@" "$f"
                fi
              done
            done
            [ -d "$NESTVIRT_ROOT"/run/systemd/system ] || [ ! -e "$NESTVIRT_ROOT"/sbin/openrc-run ] || printf 'init\topenrc\n'
            nv_files "$@"
            """
        );

    /// <summary>Gets the reading of the answer.</summary>
    public static ProbeReading<ModprobeConfig> Reading { get; } = new(Probe, static text => Parse(text));

    // Debian's /etc/modules-load.d/modules.conf is a link to /etc/modules.
    private static bool IsLinkToList(ListedFile file, IEnumerable<ListedFile> files) =>
        file.Path == "/etc/modules-load.d/modules.conf"
        && files.Any(other => other.Path == "/etc/modules" && other.Lines.SequenceEqual(file.Lines));

    /// <summary>Reads what the probe printed.</summary>
    /// <param name="text">The output.</param>
    /// <returns>The configuration as modprobe would see it.</returns>
    /// <exception cref="ProbeFormatException">A line is not of the probe's form.</exception>
    public static ModprobeConfig Parse(ReadOnlySpan<char> text)
    {
        ProbeListing listing = ProbeListing.Parse(Name, text);
        List<ListedFile> files = [.. listing.Files];
        files.AddRange(
            listing
                .Facts.Where(static fact => fact.Name == "null")
                .Select(static fact => new ListedFile(fact.Value, []))
        );
        string[] unreadable =
        [
            .. listing
                .Facts.Where(static fact =>
                    fact.Name == "unreadable" || (fact.Name == FileLimits.Fact && ModprobeConfig.IsInFolder(fact.Value))
                )
                .Select(static fact => fact.Value),
        ];
        ILookup<bool, ListedFile> read = files.ToLookup(static file => ModprobeConfig.IsInFolder(file.Path));
        return ModprobeConfig.Read([.. read[true]], unreadable) with
        {
            Elsewhere = [.. read[false].Where(file => !IsLinkToList(file, read[false]))],
            IsOpenRc = listing.Fact("init") == "openrc",
        };
    }
}
