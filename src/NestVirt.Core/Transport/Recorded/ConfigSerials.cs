using System.Globalization;
using System.Text;

namespace NestVirt.Transport.Recorded;

/// <summary>Blanks the Device Serial Number capability in recorded config spaces: it holds the MAC address of network cards.</summary>
/// <remarks>
/// The answer is what <c>ls -ln</c> and <c>od -A x -t x1</c> print, one stream of all files. It is taken apart, changed and
/// written again as od would have written it. An answer that is no such stream is dropped.
/// </remarks>
internal static class ConfigSerials
{
    private const int BlockLength = 16;

    // drivers/pci/pci-sysfs.c: the config space of a PCI Express function.
    private const int LongestSpace = 4096;
    private const int FirstExtended = 0x100;
    private const int LastHeader = 0xFFC;
    private const ushort SerialNumberId = 0x0003;
    private const int SerialNumberLength = 8;

    /// <summary>Blanks the serial numbers.</summary>
    /// <param name="text">The answer.</param>
    /// <returns>The answer without them.</returns>
    public static string Remove(string text)
    {
        string[] lines = text.Split('\n');
        int mark = Array.FindIndex(lines, static line => line.StartsWith("- ", StringComparison.Ordinal));
        if (mark < 0)
        {
            return text;
        }

        Dictionary<string, int> lengths = [];
        foreach (
            string[] fields in lines[..mark]
                .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        )
        {
            if (
                fields.Length > 5
                && int.TryParse(fields[4], NumberStyles.None, CultureInfo.InvariantCulture, out int length)
            )
            {
                lengths[fields[^1]] = Math.Min(length, LongestSpace);
            }
        }

        if (ReadStream(lines[(mark + 1)..], lengths.Count * LongestSpace) is not { } bytes)
        {
            return string.Empty;
        }

        int start = 0;
        foreach (string file in lines[mark].Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            int length = Math.Min(lengths.GetValueOrDefault(file), bytes.Length - start);
            Blank(bytes.AsSpan(start, length));
            start += length;
        }

        return string.Join('\n', lines[..(mark + 1)]) + "\n" + WriteStream(bytes);
    }

    private static void Blank(Span<byte> space)
    {
        // The chain of a broken device may be a ring.
        int header = FirstExtended;
        for (
            int left = space.Length / sizeof(uint);
            left > 0 && header is >= FirstExtended and <= LastHeader && header + sizeof(uint) <= space.Length;
            left--
        )
        {
            ushort id = (ushort)(space[header] | (space[header + 1] << 8));
            int next = ((space[header + 3] << 8) | space[header + 2]) >> 4;
            if (id == SerialNumberId)
            {
                space
                    .Slice(header + sizeof(uint), Math.Min(SerialNumberLength, space.Length - header - sizeof(uint)))
                    .Clear();
            }

            header = next & ~3;
        }
    }

    // A line that stands for many alike must not make more of them than the files can hold.
    private static byte[]? ReadStream(string[] lines, int limit)
    {
        List<byte> bytes = [];
        byte[] last = [];
        foreach (string line in lines.Where(static line => line.Length > 0 && line != "*"))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (
                words.Length == 0
                || !int.TryParse(
                    words[0],
                    NumberStyles.AllowHexSpecifier,
                    CultureInfo.InvariantCulture,
                    out int address
                )
                || address < bytes.Count
                || address > limit
                || (address > bytes.Count && last.Length != BlockLength)
            )
            {
                return null;
            }

            while (bytes.Count < address)
            {
                bytes.AddRange(last);
            }

            byte[] block = new byte[words.Length - 1];
            for (int at = 0; at < block.Length; at++)
            {
                if (
                    !byte.TryParse(
                        words[at + 1],
                        NumberStyles.AllowHexSpecifier,
                        CultureInfo.InvariantCulture,
                        out block[at]
                    )
                )
                {
                    return null;
                }
            }

            bytes.AddRange(block);
            last = block;
        }

        return [.. bytes];
    }

    private static string WriteStream(byte[] bytes)
    {
        StringBuilder text = new();
        bool isRepeated = false;
        for (int start = 0; start < bytes.Length; start += BlockLength)
        {
            ReadOnlySpan<byte> block = bytes.AsSpan(start, Math.Min(BlockLength, bytes.Length - start));
            if (start > 0 && block.SequenceEqual(bytes.AsSpan(start - BlockLength, BlockLength)))
            {
                text.Append(isRepeated ? string.Empty : "*\n");
                isRepeated = true;
                continue;
            }

            isRepeated = false;
            text.Append(CultureInfo.InvariantCulture, $"{start:x6}");
            foreach (byte value in block)
            {
                text.Append(CultureInfo.InvariantCulture, $" {value:x2}");
            }

            text.Append('\n');
        }

        return text.Append(CultureInfo.InvariantCulture, $"{bytes.Length:x6}\n").ToString();
    }
}
