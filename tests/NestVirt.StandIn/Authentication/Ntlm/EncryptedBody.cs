using System.Buffers.Binary;
using System.Text;

namespace NestVirt.Core.Tests.Transport.Cim.WsMan.Server;

/// <summary>The server's own reading and writing of encrypted bodies (MS-WSMV 2.2.9.1.1), with tabs as Windows writes them.</summary>
internal static class EncryptedBody
{
    public const string ContentType =
        "multipart/encrypted;protocol=\"application/HTTP-SPNEGO-session-encrypted\";boundary=\"Encrypted Boundary\"";

    private const string End = "--Encrypted Boundary--\r\n";
    private const int SignatureBytes = 16;

    public static byte[] Make(byte[] message, NtlmSession session)
    {
        byte[] wrapped = session.Seal(message, out _);
        string head =
            "--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n"
            + $"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length={message.Length}\r\n"
            + "--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n";
        return [.. Encoding.ASCII.GetBytes(head), SignatureBytes, 0, 0, 0, .. wrapped, .. Encoding.ASCII.GetBytes(End)];
    }

    public static byte[] Open(byte[] body, NtlmSession session)
    {
        ReadOnlySpan<byte> last = "application/octet-stream\r\n"u8;
        ReadOnlySpan<byte> data = body.AsSpan(body.AsSpan().IndexOf(last) + last.Length);
        Assert.Equal(SignatureBytes, BinaryPrimitives.ReadInt32LittleEndian(data));
        Assert.True(data.EndsWith(Encoding.ASCII.GetBytes(End)));
        byte[] message = session.Unseal(data[4..^End.Length]) ?? throw new IOException("not sealed by the client");
        Assert.Contains($";Length={message.Length}\r\n", Encoding.Latin1.GetString(body), StringComparison.Ordinal);
        return message;
    }
}
