using NestVirt.Probing;

namespace NestVirt.Linux.Modprobe;

/// <summary>Reads the files of modprobe.d; starts one program.</summary>
internal static class ModprobeConfigProbe
{
    private const string Name = "modprobe";

    /// <summary>Gets the probe.</summary>
    /// <remarks>
    /// A file that is a link to /dev/null masks others and so is named, though it holds nothing. Where /lib is a link,
    /// its files are those of /usr/lib.
    /// </remarks>
    public static HostProbe Probe { get; } =
        new(
            Name,
            """
            [ -z "$NESTVIRT_ROOT" ] || printf 'root\t%s\n' "$NESTVIRT_ROOT"
            nv_nl='
            '
            set --
            for d in etc run usr/local/lib usr/lib lib; do
              [ ! -L "$NESTVIRT_ROOT/$d" ] && [ -d "$NESTVIRT_ROOT/$d"/modprobe.d ] || continue
              [ -r "$NESTVIRT_ROOT/$d"/modprobe.d ] || printf 'unreadable\t%s\n' "$NESTVIRT_ROOT/$d"/modprobe.d
              for f in "$NESTVIRT_ROOT/$d"/modprobe.d/*; do
                case $f in *"$nv_nl"*) continue ;; esac
                if [ -d "$f" ] || [ ! -e "$f" ]; then continue
                elif [ -f "$f" ] && [ -r "$f" ]; then set -- "$@" "$f"
                elif [ -c "$f" ]; then printf 'null\t%s\n' "$f"
                else printf 'unreadable\t%s\n' "$f"
                fi
              done
            done
            nv_files "$@"
            """
        );

    /// <summary>Gets the reading of the answer.</summary>
    public static ProbeReading<ModprobeConfig> Reading { get; } = new(Probe, static text => Parse(text));

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
            .. listing.Facts.Where(static fact => fact.Name == "unreadable").Select(static fact => fact.Value),
        ];
        return ModprobeConfig.Read(files, unreadable);
    }
}
