using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using NestVirt.Text;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>The form in which encrypted messages travel over HTTP (MS-WSMV 2.2.9.1.1).</summary>
internal static class WsManEncryption
{
    /// <summary>The type of the body of a request.</summary>
    internal const string ContentType = $"{Multipart};protocol=\"{Spnego}\";boundary=\"{Boundary}\"";

    private const string Multipart = "multipart/encrypted";
    private const string Spnego = "application/HTTP-SPNEGO-session-encrypted";
    private const string Kerberos = "application/HTTP-Kerberos-session-encrypted";
    private const string Boundary = "Encrypted Boundary";
    private const string SoapType = "application/soap+xml";
    private const int ShownLength = 80;

    /// <summary>Says whether a body is in this form.</summary>
    /// <param name="contentType">Its type.</param>
    internal static bool IsEncrypted(string? contentType) =>
        contentType is not null
        && contentType.Split(';')[0].Trim().Equals(Multipart, StringComparison.OrdinalIgnoreCase);

    /// <summary>Encrypts a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="protection">What encrypts it.</param>
    /// <returns>The body of the request.</returns>
    internal static byte[] Write(ReadOnlySpan<byte> message, IWsManProtection protection)
    {
        byte[] wrapped = protection.Seal(message, out int tokenLength);

        // The document has a tab before each of these headers. OMI refuses it, and Windows takes both.
        string head = string.Create(
            CultureInfo.InvariantCulture,
            $"--{Boundary}\r\nContent-Type: {Spnego}\r\n"
                + $"OriginalContent: type={SoapType};charset=UTF-8;Length={message.Length}\r\n"
                + $"--{Boundary}\r\nContent-Type: application/octet-stream\r\n"
        );
        byte[] length = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)tokenLength);
        return
        [
            .. Encoding.ASCII.GetBytes(head),
            .. length,
            .. wrapped,
            .. Encoding.ASCII.GetBytes($"--{Boundary}--\r\n"),
        ];
    }

    /// <summary>Decrypts a message.</summary>
    /// <param name="contentType">The type of the body, with its boundary.</param>
    /// <param name="body">The body.</param>
    /// <param name="protection">What decrypts it.</param>
    /// <returns>The message and its type.</returns>
    /// <exception cref="NestVirtException">It is in another form, or not from the host that was logged in to.</exception>
    internal static (string ContentType, byte[] Message) Read(
        string contentType,
        ReadOnlySpan<byte> body,
        IWsManProtection protection
    )
    {
        string boundary = ParameterOf(contentType, "boundary") ?? Boundary;
        EncryptedParts parts = new(body, boundary);
        parts.ReadBoundary();
        Dictionary<string, string> first = parts.ReadHeaders();
        Dictionary<string, string> second = parts.ReadHeaders(justOne: true);
        string original = first.GetValueOrDefault("OriginalContent") ?? string.Empty;
        if (
            !IsType(first, Spnego, Kerberos)
            || !IsType(second, "application/octet-stream")
            || !int.TryParse(
                ParameterOf(original, "Length"),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out int length
            )
        )
        {
            throw EncryptedParts.Damaged("its headers are others than those of an encrypted message");
        }

        byte[] message =
            protection.Unseal(parts.ReadWrapped())
            ?? throw new NestVirtException(
                NestVirtErrorKind.ProbeOutputInvalid,
                "The answer was altered on its way, or is not from the host that was logged in to: it is not used. "
                    + "What was asked may have been carried out."
            );
        return message.Length == length
            ? (OriginalTypeOf(original), message)
            : throw EncryptedParts.Damaged(
                string.Create(CultureInfo.InvariantCulture, $"it holds {message.Length} bytes and names {length}")
            );
    }

    private static bool IsType(Dictionary<string, string> headers, params string[] types) =>
        headers.TryGetValue("Content-Type", out string? type)
        && types.Contains(type.Split(';')[0].Trim(), StringComparer.OrdinalIgnoreCase);

    private static string OriginalTypeOf(string original)
    {
        string type = ParameterOf(original, "type") ?? SoapType;
        string? charset = ParameterOf(original, "charset");
        return HostText.ForDisplay(charset is null ? type : $"{type};charset={charset}", ShownLength);
    }

    // Servers write the parameters with and without quotes, and the boundary, which has a blank in it, too.
    private static string? ParameterOf(string header, string name) =>
        header
            .Split(';')
            .Select(static part => part.Split('=', 2))
            .Where(pair => pair.Length == 2 && pair[0].Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(static pair => pair[1].Trim().Trim('"'))
            .FirstOrDefault();
}
