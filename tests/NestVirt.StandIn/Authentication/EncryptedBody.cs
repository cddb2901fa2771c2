using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace NestVirt.StandIn.Authentication;

/// <summary>Encrypted bodies (MS-WSMV 2.2.9.1.1): written with tabs, as Windows does, and read with them and without.</summary>
internal static class EncryptedBody
{
    internal const string Negotiate = "application/HTTP-SPNEGO-session-encrypted";
    internal const string Kerberos = "application/HTTP-Kerberos-session-encrypted";

    private const string Multipart = "multipart/encrypted";
    private const string Start = "--Encrypted Boundary\r\n";
    private const string End = "--Encrypted Boundary--\r\n";
    private const string Original = "OriginalContent: type=";
    private const string Length = ";Length=";

    /// <summary>Tells whether a body is one, by its type.</summary>
    internal static bool Is(StandInBody body) =>
        body.ContentType.StartsWith(Multipart, StringComparison.OrdinalIgnoreCase);

    /// <summary>Seals a body.</summary>
    /// <param name="body">The body in the clear.</param>
    /// <param name="seal">What seals it.</param>
    /// <param name="protocol">The name of the protection.</param>
    internal static StandInBody Make(StandInBody body, IMessageSeal seal, string protocol = Negotiate)
    {
        byte[] wrapped = seal.Seal(body.Bytes.Span, out int tokenLength);
        string head = string.Create(
            CultureInfo.InvariantCulture,
            $"{Start}\tContent-Type: {protocol}\r\n\t{Original}{body.ContentType}{Length}{body.Bytes.Length}\r\n"
                + $"{Start}\tContent-Type: application/octet-stream\r\n"
        );
        byte[] length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, tokenLength);
        return new StandInBody(
            $"{Multipart};protocol=\"{protocol}\";boundary=\"Encrypted Boundary\"",
            (byte[])[.. Encoding.ASCII.GetBytes(head), .. length, .. wrapped, .. Encoding.ASCII.GetBytes(End)]
        );
    }

    /// <summary>Opens a body.</summary>
    /// <param name="body">The body as it came.</param>
    /// <param name="seal">What opens it.</param>
    /// <returns>The body in the clear; null where it is in another form, or not what the client sealed next.</returns>
    internal static StandInBody? Open(StandInBody body, IMessageSeal seal)
    {
        ReadOnlySpan<byte> last = "application/octet-stream\r\n"u8;
        ReadOnlySpan<byte> bytes = body.Bytes.Span;
        int headLength = bytes.IndexOf(last) + last.Length;
        if (headLength < last.Length || !bytes.EndsWith(Encoding.ASCII.GetBytes(End)))
        {
            return null;
        }

        ReadOnlySpan<byte> data = bytes[headLength..^End.Length];
        string? original = OriginalOf(Encoding.ASCII.GetString(bytes[..headLength]));
        if (data.Length < sizeof(int) || original?.Split(Length) is not [string type, string length])
        {
            return null;
        }

        byte[]? message = seal.Unseal(data[sizeof(int)..], BinaryPrimitives.ReadInt32LittleEndian(data));
        return message is not null && length == message.Length.ToString(CultureInfo.InvariantCulture)
            ? new StandInBody(type, message)
            : null;
    }

    private static string? OriginalOf(string head) =>
        head.Split("\r\n")
            .Select(static line => line.TrimStart('\t'))
            .Where(static line => line.StartsWith(Original, StringComparison.OrdinalIgnoreCase))
            .Select(static line => line[Original.Length..])
            .FirstOrDefault();
}
