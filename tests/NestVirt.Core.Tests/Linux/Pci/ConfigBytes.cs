using System.Globalization;
using System.Text;

namespace NestVirt.Core.Tests.Linux.Pci;

/// <summary>Makes config spaces, and the listing that the probe prints of them.</summary>
internal static class ConfigBytes
{
    private const int BlockLength = 16;

    /// <summary>Makes the whole config space of a PCI Express function, without extended capabilities.</summary>
    public static byte[] Express(int type)
    {
        byte[] config = new byte[4096];
        Put(config, 0x00, [0x86, 0x80, 0xC9, 0x10, 0x06, 0x00, 0x10, 0x00]);
        config[0x34] = 0x40;
        Put(config, 0x40, [0x10, 0x00, (byte)(0x02 | (type << 4)), 0x00]);
        return config;
    }

    public static void Put(byte[] config, int offset, byte[] bytes) => bytes.CopyTo(config, offset);

    /// <summary>Writes what the probe prints: <c>ls</c>, the order, and <c>od</c> with its repeats.</summary>
    public static string Listing(params (string Address, byte[] Bytes)[] spaces)
    {
        StringBuilder text = new();
        foreach ((string address, byte[] bytes) in spaces.Reverse())
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"-rw-r--r--    1 0        0 {bytes.Length, 8} Nov 21 12:09 {address}/config\n"
            );
        }

        text.Append('-')
            .AppendJoin(string.Empty, spaces.Select(static space => $" {space.Address}/config"))
            .Append('\n');
        AppendDump(text, [.. spaces.SelectMany(static space => space.Bytes)]);
        return text.ToString();
    }

    private static void AppendDump(StringBuilder text, byte[] stream)
    {
        bool isRepeating = false;
        for (int at = 0; at < stream.Length; at += BlockLength)
        {
            byte[] block = stream[at..Math.Min(at + BlockLength, stream.Length)];
            if (
                at > 0
                && block.Length == BlockLength
                && block.AsSpan().SequenceEqual(stream.AsSpan(at - BlockLength, BlockLength))
            )
            {
                text.Append(isRepeating ? string.Empty : "*\n");
                isRepeating = true;
                continue;
            }

            isRepeating = false;
            text.Append(CultureInfo.InvariantCulture, $"{at:x6}");
            foreach (byte value in block)
            {
                text.Append(CultureInfo.InvariantCulture, $" {value:x2}");
            }

            text.Append('\n');
        }

        text.Append(CultureInfo.InvariantCulture, $"{stream.Length:x6}\n");
    }
}
