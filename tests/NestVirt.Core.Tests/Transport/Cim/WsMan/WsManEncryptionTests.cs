using System.Text;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.Core.Tests.Transport.Cim.WsMan;

/// <summary>Against the bytes that pypsrp publishes (tests/tests_pypsrp/test_encryption.py).</summary>
public sealed class WsManEncryptionTests
{
    private const string Type =
        "multipart/encrypted;protocol=\"application/HTTP-SPNEGO-session-encrypted\";boundary=\"Encrypted Boundary\"";

    private const string Tabs =
        "--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n"
        + "\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=9\r\n"
        + "--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n"
        + "\u0010\0\0\0reallylongheaderplaintext-encrypted--Encrypted Boundary--\r\n";

    private const string Blanks =
        "-- Encrypted Boundary\r\n\tContent-Type: application/HTTP-Kerberos-session-encrypted\r\n"
        + "\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=9\r\n"
        + "-- Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n"
        + "\u0010\0\0\0reallylongheaderplaintext-encrypted-- Encrypted Boundary--\r\n";

    private const string NoTabs =
        "--Encrypted Boundary\r\nContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n"
        + "OriginalContent: type=application/soap+xml;charset=UTF-8;Length=9\r\n"
        + "--Encrypted Boundary\r\nContent-Type: application/octet-stream\r\n"
        + "\u0010\0\0\0reallylongheaderplaintext-encrypted--Encrypted Boundary--\r\n";

    private const string NoEnd =
        "--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n"
        + "\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=9\r\n"
        + "--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n"
        + "\u0010\0\0\0reallylongheaderplaintext-encrypted--Encrypted Boundary\r\n";

    private const string Spaced =
        "--Encrypted Boundary\r\ncontent-type: application/http-spnego-session-encrypted\r\n"
        + "OriginalContent: type=application/soap+xml; charset=UTF-8; Length=9\r\n"
        + "--Encrypted Boundary\r\nContent-Type: application/octet-stream\r\n"
        + "\u0010\0\0\0reallylongheaderplaintext-encrypted--Encrypted Boundary--";

    [Fact]
    public void Write_makes_the_published_bytes_without_tabs()
    {
        byte[] body = WsManEncryption.Write("plaintext"u8, new PublishedProtection());

        Assert.Equal(NoTabs, Encoding.Latin1.GetString(body));
        Assert.Equal(Type, WsManEncryption.ContentType);
    }

    [Theory]
    [InlineData(Tabs)]
    [InlineData(Blanks)]
    [InlineData(NoTabs)]
    [InlineData(NoEnd)]
    [InlineData(Spaced)]
    public void Read_takes_every_form_that_servers_write(string body)
    {
        (string type, byte[] message) = Read(body);

        Assert.Equal("application/soap+xml;charset=UTF-8", type);
        Assert.Equal("plaintext", Encoding.ASCII.GetString(message));
    }

    [Theory]
    [InlineData("multipart/encrypted;protocol=application/HTTP-SPNEGO-session-encrypted;boundary=Encrypted Boundary")]
    [InlineData("Multipart/Encrypted; protocol=\"x\"; Boundary=\"Encrypted Boundary\"")]
    [InlineData("multipart/encrypted")]
    public void Read_takes_the_type_quoted_or_not(string contentType)
    {
        Assert.True(WsManEncryption.IsEncrypted(contentType));
        Assert.Equal("plaintext", Encoding.ASCII.GetString(Read(Tabs, contentType).Message));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("application/soap+xml;charset=UTF-8")]
    [InlineData("multipart/encrypted-not")]
    [InlineData("multipart/x-multi-encrypted;boundary=\"Encrypted Boundary\"")]
    public void IsEncrypted_refuses_other_types(string? contentType) =>
        Assert.False(WsManEncryption.IsEncrypted(contentType));

    [Fact]
    public void Read_finds_a_boundary_of_another_name_and_leaves_one_within_the_message_alone()
    {
        string body = NoTabs
            .Replace("Encrypted Boundary", "other", StringComparison.Ordinal)
            .Replace("plaintext-encrypted", "--other--\r\n-encrypted", StringComparison.Ordinal)
            .Replace("Length=9", "Length=11", StringComparison.Ordinal);

        Assert.Equal(
            "--other--\r\n",
            Encoding.ASCII.GetString(Read(body, "multipart/encrypted;boundary=other").Message)
        );
    }

    [Theory]
    [InlineData("Length=9", "Length=10")]
    [InlineData("Length=9", "Length=8")]
    [InlineData("Length=9", "Length=-9")]
    [InlineData("Length=9", "Length=99999999999")]
    [InlineData("Length=9", "Size=9")]
    [InlineData("--Encrypted Boundary\r\n", "--Encrypted Boundary2\r\n")]
    [InlineData("Boundary--\r\n", "Boundar--\r\n")]
    [InlineData("HTTP-SPNEGO", "HTTP-CredSSP")]
    [InlineData("application/octet-stream", "text/plain")]
    [InlineData("\u0010\0\0\0", "\u00FF\0\0\0")]
    [InlineData("\u0010\0\0\0", "\0\0\0\0")]
    [InlineData("\u0010\0\0\0", "\u0010\0\0\u0080")]
    [InlineData("\u0010\0\0\0reallylongheaderplaintext-encrypted", "\u0010\0\0")]
    [InlineData("reallylongheader", "reallylongHeader")]
    public void Read_refuses_what_is_damaged(string from, string to)
    {
        Assert.Contains(from, NoTabs, StringComparison.Ordinal);

        NestVirtException error = Assert.Throws<NestVirtException>(() =>
            Read(NoTabs.Replace(from, to, StringComparison.Ordinal))
        );

        Assert.Equal(NestVirtErrorKind.ProbeOutputInvalid, error.Kind);
    }

    [Fact]
    public void Read_refuses_what_is_cut_off_anywhere()
    {
        // Its last line end, and the two dashes before it, are the only bytes that may be missing.
        for (int length = 0; length < NoTabs.Length - 4; length++)
        {
            string body = NoTabs[..length];
            NestVirtException error = Assert.Throws<NestVirtException>(() => Read(body));
            Assert.Equal(NestVirtErrorKind.ProbeOutputInvalid, error.Kind);
        }
    }

    [Fact]
    public void Read_refuses_a_second_message()
    {
        string part = Tabs[..^"--\r\n".Length] + "\r\n";

        Assert.Throws<NestVirtException>(() => Read(part + Tabs["--Encrypted Boundary\r\n".Length..]));
    }

    private static (string ContentType, byte[] Message) Read(string body, string contentType = Type) =>
        WsManEncryption.Read(contentType, Encoding.Latin1.GetBytes(body), new PublishedProtection());

    // What pypsrp's tests put in place of the cipher.
    private sealed class PublishedProtection : IWsManProtection
    {
        public byte[] Seal(ReadOnlySpan<byte> message, out int tokenLength)
        {
            tokenLength = 16;
            return [.. "reallylongheader"u8, .. message, .. "-encrypted"u8];
        }

        public byte[]? Unseal(ReadOnlySpan<byte> wrapped) =>
            wrapped.StartsWith("reallylongheader"u8) && wrapped.EndsWith("-encrypted"u8)
                ? wrapped[16..^10].ToArray()
                : null;
    }
}
