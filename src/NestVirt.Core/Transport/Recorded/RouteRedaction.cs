using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Numerics;

namespace NestVirt.Transport.Recorded;

/// <summary>Replaces the addresses in the tables of /proc/net, which the kernel writes as hexadecimal numbers.</summary>
/// <param name="addresses">Replaces one address.</param>
internal sealed class RouteRedaction(AddressRedaction addresses)
{
    private const int AddressDigits = 32;

    /// <summary>Replaces the addresses of a line.</summary>
    /// <param name="file">The path of the table.</param>
    /// <param name="line">The line.</param>
    /// <returns>The line with stand-ins; as it was where it is of another form.</returns>
    public string Redact(string file, string line) =>
        file switch
        {
            _ when file.EndsWith("/net/ipv6_route", StringComparison.Ordinal)
                    || file.EndsWith("/net/if_inet6", StringComparison.Ordinal) => string.Join(
                ' ',
                line.Split(' ').Select(RedactWord)
            ),
            _ when file.EndsWith("/net/route", StringComparison.Ordinal) => RedactRoute(line),
            _ => line,
        };

    private string RedactWord(string word) =>
        word.Length == AddressDigits && word.All(char.IsAsciiHexDigit)
            ? Convert.ToHexStringLower(addresses.Redact(new IPAddress(Convert.FromHexString(word))).GetAddressBytes())
            : word;

    // Interface, destination, gateway, flags, references, uses, metric, mask: numbers in the byte order of the host.
    private string RedactRoute(string line)
    {
        string[] fields = line.Split('\t');
        if (
            fields.Length < 8
            || !TryParse(fields[7], out uint mask)
            || !TryParse(fields[1], out _)
            || !TryParse(fields[2], out _)
        )
        {
            return line;
        }

        bool isBigEndian = mask >= 0x8000_0000 && mask % 2 == 0;
        fields[1] = RedactNumber(fields[1], isBigEndian, mask);
        fields[2] = RedactNumber(fields[2], isBigEndian, uint.MaxValue);
        return string.Join('\t', fields);
    }

    private string RedactNumber(string digits, bool isBigEndian, uint mask)
    {
        _ = TryParse(digits, out uint number);
        uint inOrder = isBigEndian ? BinaryPrimitives.ReverseEndianness(number) : number;
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, inOrder);
        uint redacted = BinaryPrimitives.ReadUInt32LittleEndian(
            addresses.Redact(new IPAddress(bytes)).GetAddressBytes()
        );
        uint result = (isBigEndian ? BinaryPrimitives.ReverseEndianness(redacted) : redacted) & mask;
        return BitOperations.PopCount(number) == 0 ? digits : result.ToString("X8", CultureInfo.InvariantCulture);
    }

    private static bool TryParse(string digits, out uint value) =>
        uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
