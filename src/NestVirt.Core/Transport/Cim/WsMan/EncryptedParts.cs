using System.Buffers.Binary;
using System.Text;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Reads the parts of an encrypted body, as Windows, OMI and others write them: with a tab, with a blank, or with neither.</summary>
internal ref struct EncryptedParts
{
    private const int LongestLine = 1024;
    private const int MostHeaders = 8;

    private readonly string _boundary;
    private ReadOnlySpan<byte> _rest;

    /// <summary>Initializes a new instance of the <see cref="EncryptedParts"/> struct.</summary>
    /// <param name="body">The body.</param>
    /// <param name="boundary">What stands between its parts.</param>
    internal EncryptedParts(ReadOnlySpan<byte> body, string boundary)
    {
        _rest = body;
        _boundary = boundary;
    }

    /// <summary>Makes the error of a body that cannot be read.</summary>
    /// <param name="why">Why not, as the end of a sentence.</param>
    internal static NestVirtException Damaged(string why) =>
        new(
            NestVirtErrorKind.ProbeOutputInvalid,
            $"The encrypted answer cannot be read: {why}. What was asked may have been carried out."
        );

    /// <summary>Reads the line before the first part.</summary>
    internal void ReadBoundary()
    {
        if (!IsBoundary(ReadLine()))
        {
            throw Damaged("it does not start with its boundary");
        }
    }

    /// <summary>Reads the headers of a part.</summary>
    /// <param name="justOne">True for the part with the message, which follows its one header without a blank line.</param>
    /// <returns>The headers, by name.</returns>
    internal Dictionary<string, string> ReadHeaders(bool justOne = false)
    {
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        for (int count = 0; count < MostHeaders; count++)
        {
            string line = ReadLine();
            if (IsBoundary(line))
            {
                return headers;
            }

            string[] pair = line.Split(':', 2);
            headers[pair[0].Trim()] = pair[^1].Trim();
            if (justOne)
            {
                return headers;
            }
        }

        throw Damaged("it has too many headers");
    }

    /// <summary>Reads the token and the encrypted message, which go up to the last boundary.</summary>
    /// <returns>Both together.</returns>
    internal ReadOnlySpan<byte> ReadWrapped()
    {
        ReadOnlySpan<byte> end = Without(Without(_rest, "\r\n"), "--");
        ReadOnlySpan<byte> before = Without(end, _boundary);
        ReadOnlySpan<byte> wrapped = Without(before, "-- ");
        wrapped = wrapped.Length < before.Length ? wrapped : Without(before, "--");
        if (before.Length == end.Length || wrapped.Length == before.Length || wrapped.Length < sizeof(uint))
        {
            throw Damaged("it does not end with its boundary");
        }

        uint tokenLength = BinaryPrimitives.ReadUInt32LittleEndian(wrapped);
        wrapped = wrapped[sizeof(uint)..];
        return tokenLength > 0 && tokenLength < wrapped.Length
            ? wrapped
            : throw Damaged("what protects it is named with a length that it does not have");
    }

    private static ReadOnlySpan<byte> Without(ReadOnlySpan<byte> bytes, string ending) =>
        bytes.Length >= ending.Length && Encoding.ASCII.GetString(bytes[^ending.Length..]) == ending
            ? bytes[..^ending.Length]
            : bytes;

    private readonly bool IsBoundary(string line) =>
        line.StartsWith("--", StringComparison.Ordinal) && line[2..].Trim() == _boundary;

    private string ReadLine()
    {
        int end = _rest[..Math.Min(_rest.Length, LongestLine)].IndexOf("\r\n"u8);
        if (end < 0)
        {
            throw Damaged("it ends in its headers");
        }

        string line = Encoding.ASCII.GetString(_rest[..end]);
        _rest = _rest[(end + 2)..];
        return line;
    }
}
