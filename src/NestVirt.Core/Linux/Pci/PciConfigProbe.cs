using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.Pci;

/// <summary>What the config spaces of a host say.</summary>
/// <param name="Spaces">The config spaces that were read, by address.</param>
/// <param name="UnknownReason">Why none could be read, or null.</param>
internal sealed record PciConfigListing(
    IReadOnlyDictionary<PciAddress, PciConfigSpace> Spaces,
    string? UnknownReason = null
);

/// <summary>Reads the config spaces of physical functions and bridges, as root: others see 64 bytes of each.</summary>
/// <remarks>
/// Two processes at most, whatever the number of functions: <c>ls</c> gives the length of each file and <c>od</c>
/// prints the bytes of all of them as one stream. The lengths say where each file ends, so no content can be taken for a border; where
/// they do not add up to the stream, nothing is believed. <c>od</c> writes <c>*</c> for lines that repeat the one
/// before, which its addresses make exact again; most of a config space is zeros, so a function takes about 1.5 KiB.
/// To read a config space takes a millisecond on real hardware, and 20 on some virtual machines. So functions that the
/// kernel knows to be conventional PCI are not read, but named: they have no extended capabilities.
/// Virtual functions are left out: they share the abilities of the physical one, the kernel takes each for a
/// single-function device, and there may be thousands.
/// </remarks>
internal static class PciConfigProbe
{
    private const string Name = "pciconfig";
    private const string FileName = "/config";
    private const string StreamMark = "- ";
    private const string ConventionalMark = "c ";
    private const int LengthField = 4;
    private const int PathField = 8;

    // The kernel's PCI_CFG_SPACE_EXP_SIZE.
    private const int MaximumLength = 4096;

    /// <summary>Gets the probe.</summary>
    public static ShellProbe Probe { get; } =
        new(
            Name,
            """
            cd "$NESTVIRT_ROOT/sys/bus/pci/devices" || return 0
            # Whether a function is of PCI Express is told by a file that came with Linux 4.13, and that a capture may lack.
            nv_known=
            nv_read "$NESTVIRT_ROOT"/proc/sys/kernel/osrelease
            case $NESTVIRT_ROOT:$nv_value in :[5-9].* | :[1-9][0-9].*) nv_known=1 ;; esac
            nv_list=
            for nv_d in *:*:*.*; do
              case $nv_d in *[!0-9a-f:.]*) continue ;; esac
              [ -f "$nv_d/config" ] && [ -r "$nv_d/config" ] || continue
              if [ -L "$nv_d/config" ] || [ -L "$nv_d/physfn" ]; then continue; fi
              if [ -n "$nv_known" ] && [ ! -e "$nv_d/max_link_speed" ]; then printf 'c %s\n' "$nv_d"
              else nv_list="$nv_list $nv_d/config"; fi
            done
            [ -n "$nv_list" ] || return 0
            ls -ln $nv_list
            printf '%s\n' "-$nv_list"
            od -A x -t x1 $nv_list
            """
        )
        {
            NeedsRoot = true,
            PassesAwk = true,
        };

    /// <summary>Parses what the probe prints.</summary>
    /// <param name="text">Lines of conventional functions, lines of <c>ls</c>, a line of the files in their order, lines of <c>od</c>.</param>
    /// <returns>The config spaces.</returns>
    /// <exception cref="ProbeFormatException">A line is not of that form.</exception>
    public static PciConfigListing Parse(ReadOnlySpan<char> text)
    {
        Dictionary<PciAddress, PciConfigSpace> spaces = [];
        Dictionary<PciAddress, int> lengths = [];
        PciConfigStream? stream = null;
        int lineNumber = 0;
        foreach (Range range in text.Split('\n'))
        {
            lineNumber++;
            ReadOnlySpan<char> line = text[range];
            if (line.IsWhiteSpace())
            {
                continue;
            }

            bool isRead =
                stream is not null ? stream.TryRead(line)
                : line.StartsWith(StreamMark) ? TryReadOrder(line, lengths, out stream)
                : line.StartsWith(ConventionalMark) ? TryReadConventional(line, spaces)
                : TryReadLength(line, lengths);
            if (!isRead)
            {
                throw new ProbeFormatException(Name, lineNumber, line);
            }
        }

        if (stream is null)
        {
            return new PciConfigListing(spaces);
        }

        if (stream.IsComplete)
        {
            foreach ((PciAddress address, PciConfigSpace space) in stream.Spaces)
            {
                spaces[address] = space;
            }

            return new PciConfigListing(spaces);
        }

        return new PciConfigListing(
            spaces,
            stream.IsEmpty
                ? "the host has no od that prints bytes in hexadecimal"
                : "the config spaces could not be read in full"
        );
    }

    // "c 0000:00:01.0"
    private static bool TryReadConventional(ReadOnlySpan<char> line, Dictionary<PciAddress, PciConfigSpace> spaces) =>
        PciAddress.TryParse(line[ConventionalMark.Length..], out PciAddress address)
        && spaces.TryAdd(address, PciConfigSpace.Conventional);

    // "-rw-r--r-- 1 0 0 4096 Nov 21 12:09 0000:00:00.0/config"
    private static bool TryReadLength(ReadOnlySpan<char> line, Dictionary<PciAddress, int> lengths)
    {
        Span<Range> fields = stackalloc Range[PathField + 2];
        return line.Split(fields, ' ', StringSplitOptions.RemoveEmptyEntries) == PathField + 1
            && int.TryParse(line[fields[LengthField]], NumberStyles.None, CultureInfo.InvariantCulture, out int length)
            && length <= MaximumLength
            && TryReadPath(line[fields[PathField]], out PciAddress address)
            && lengths.TryAdd(address, length);
    }

    // "- 0000:00:00.0/config 0000:00:01.0/config": the order of od, which ls need not share.
    private static bool TryReadOrder(
        ReadOnlySpan<char> line,
        Dictionary<PciAddress, int> lengths,
        [NotNullWhen(true)] out PciConfigStream? stream
    )
    {
        stream = null;
        List<PciConfigFile> files = new(lengths.Count);
        ReadOnlySpan<char> paths = line[StreamMark.Length..];
        foreach (Range range in paths.Split(' '))
        {
            if (!TryReadPath(paths[range], out PciAddress address))
            {
                return false;
            }

            files.Add(new PciConfigFile(address, lengths.GetValueOrDefault(address)));
        }

        stream = new PciConfigStream(files);
        return true;
    }

    private static bool TryReadPath(ReadOnlySpan<char> path, out PciAddress address)
    {
        address = default;
        return path.EndsWith(FileName) && PciAddress.TryParse(path[..^FileName.Length], out address);
    }
}

/// <summary>One config space in the stream of all.</summary>
/// <param name="Address">The function.</param>
/// <param name="Length">How many bytes of it there are.</param>
internal readonly record struct PciConfigFile(PciAddress Address, int Length);
