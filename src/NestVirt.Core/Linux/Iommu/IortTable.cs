using System.Buffers.Binary;
using System.Globalization;

namespace NestVirt.Linux.Iommu;

/// <summary>The ACPI table IORT of Arm machines, as far as it names SMMUs.</summary>
/// <remarks>
/// Arm's IO Remapping Table (DEN0049): a header of 36 bytes, the number of nodes and the offset of the first at 36 and
/// 40, and nodes that begin with a type and a length. Types 3 and 4 are SMMUs; an ITS, which each server has, is 0.
/// </remarks>
internal static class IortTable
{
    private const int CountOffset = 36;
    private const int FirstOffset = 40;
    private const int HeaderLength = 48;
    private const int NodeHeaderLength = 16;

    /// <summary>Tells whether the table names an SMMU.</summary>
    /// <param name="lines">The table's bytes in hexadecimal, as od prints them.</param>
    /// <returns>True or false; null where the table was not read, or is cut off before its end.</returns>
    public static bool? HasSmmu(IEnumerable<string> lines)
    {
        List<byte> bytes = [];
        foreach (string word in lines.SelectMany(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            if (!byte.TryParse(word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
            {
                return null;
            }

            bytes.Add(value);
        }

        ReadOnlySpan<byte> table = bytes.ToArray();
        if (table.Length < HeaderLength || !table.StartsWith("IORT"u8))
        {
            return null;
        }

        uint count = BinaryPrimitives.ReadUInt32LittleEndian(table[CountOffset..]);
        ulong at = BinaryPrimitives.ReadUInt32LittleEndian(table[FirstOffset..]);
        for (; count > 0; count--)
        {
            if (at + NodeHeaderLength > (ulong)table.Length)
            {
                return null;
            }

            if (table[(int)at] is 3 or 4)
            {
                return true;
            }

            ushort length = BinaryPrimitives.ReadUInt16LittleEndian(table[(int)(at + 1)..]);
            if (length < NodeHeaderLength)
            {
                return null;
            }

            at += length;
        }

        return false;
    }
}
