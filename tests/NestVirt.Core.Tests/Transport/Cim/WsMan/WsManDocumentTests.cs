using System.Text;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.Core.Tests.Transport.Cim.WsMan;

public sealed class WsManDocumentTests
{
    private const string Text = "<a:X xmlns:a='urn:a'>é仮<b>1</b></a:X>";

    public static TheoryData<string, byte[]> Encodings =>
        new()
        {
            { "UTF-8", Encoding.UTF8.GetBytes(Text) },
            { "UTF-8 with a mark", [.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes(Text)] },
            { "UTF-16", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Text)] },
            { "UTF-16 without a mark", Encoding.Unicode.GetBytes(Text) },
            {
                "UTF-16, the other way round",
                [.. Encoding.BigEndianUnicode.GetPreamble(), .. Encoding.BigEndianUnicode.GetBytes(Text)]
            },
            {
                "UTF-16 that declares itself",
                [
                    .. Encoding.Unicode.GetPreamble(),
                    .. Encoding.Unicode.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-16\"?>" + Text),
                ]
            },
            {
                "UTF-8 that declares another",
                Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-16\"?>" + Text)
            },
        };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Read_takes_the_encodings_of_servers(string name, byte[] body)
    {
        WsManElement root = WsManDocument.Read(new WsManReply(200, null, body));

        Assert.True(root is { Name: "X", Namespace: "urn:a", Text: "é仮" }, name);
        Assert.Equal("1", root.Child("b")?.Text);
    }

    [Theory]
    [InlineData("<!DOCTYPE html><html><head><title>IIS</title>", 404, "web page", "404")]
    [InlineData("\r\n<HTML><BODY>\r\nNot Found<br></BODY></HTML>", 404, "web page", "<BODY> Not Found")]
    [InlineData("", 500, "nothing", "500")]
    [InlineData("  \r\n", 200, "nothing", "200")]
    [InlineData("Service Unavailable", 503, "no XML", "503")]
    [InlineData("{\"error\":1}", 200, "no XML", "error")]
    [InlineData("<s:Envelope xmlns:s='urn:s'><s:Body><a>1", 200, "ends early", "40 bytes")]
    [InlineData("<s:Envelope xmlns:s='urn:s'><s:Body></s:Envelope>", 200, "no XML", "Body")]
    [InlineData("<html xmlns='http://www.w3.org/1999/xhtml'><body/></html>", 200, "web page", "xhtml")]
    [InlineData("<s:Envelope></s:Envelope>", 200, "no XML", "'s'")]
    [InlineData("<Envelope>&nbsp;</Envelope>", 200, "no XML", "nbsp")]
    public void Read_says_what_came_instead(string text, int status, string what, string part)
    {
        NestVirtException error = Assert.Throws<NestVirtException>(() =>
            WsManDocument.Read(new WsManReply(status, "text/html", Encoding.UTF8.GetBytes(text)))
        );

        Assert.Equal(NestVirtErrorKind.ProbeOutputInvalid, error.Kind);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Security")]
    public void Read_refuses_declared_entities_before_they_grow()
    {
        const string Text =
            "<!DOCTYPE Envelope [<!ENTITY a \"0123456789\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><Envelope>&b;</Envelope>";

        AssertRefused(Encoding.UTF8.GetBytes(Text), "type of document");
        AssertRefused(
            Encoding.UTF8.GetBytes("<!DOCTYPE Envelope SYSTEM \"file:///etc/passwd\"><Envelope/>"),
            "type of document"
        );
    }

    [Fact]
    [Trait("Category", "Security")]
    public void Read_refuses_bytes_that_are_no_text()
    {
        AssertRefused([(byte)'<', (byte)'a', 0xE9, (byte)'>'], "neither UTF-8 nor UTF-16");
        AssertRefused([0xFF, 0xFE, (byte)'<', 0, 0x00], "neither UTF-8 nor UTF-16");
    }

    [Fact]
    [Trait("Category", "Security")]
    public void Read_takes_depth_to_its_bound_and_no_further()
    {
        static byte[] Deep(int depth) =>
            Encoding.UTF8.GetBytes(
                string.Concat(Enumerable.Repeat("<a>", depth)) + string.Concat(Enumerable.Repeat("</a>", depth))
            );

        Assert.Equal("a", WsManDocument.Read(new WsManReply(200, null, Deep(WsManDocument.MostDepth))).Name);
        AssertRefused(Deep(WsManDocument.MostDepth + 1), "too many elements");
        AssertRefused(Deep(200_000), "too many elements");
    }

    [Fact]
    [Trait("Category", "Security")]
    public void Read_refuses_too_many_elements_and_too_many_bytes()
    {
        AssertRefused(
            Encoding.UTF8.GetBytes($"<a>{string.Concat(Enumerable.Repeat("<b/>", 300_000))}</a>"),
            "too many elements"
        );
        AssertRefused(new byte[WsManDocument.MostBytes + 1], "4 MiB");
    }

    [Fact]
    public void Read_joins_the_parts_of_a_text_and_keeps_characters_that_XML_has_not() =>
        Assert.Equal(
            "a<\u0001b",
            WsManDocument.Read(WsManTexts.Reply("<x>a<![CDATA[<]]><!-- no --><?no no?>&#x1;b</x>")).Text
        );

    [Fact]
    public void An_error_shows_text_of_the_host_without_what_a_terminal_obeys() =>
        Assert.DoesNotContain(
            '\u001b',
            Assert.Throws<NestVirtException>(() => WsManDocument.Read(WsManTexts.Reply("\u001b[2Jhello"))).Message
        );

    private static void AssertRefused(byte[] body, string what)
    {
        NestVirtException error = Assert.Throws<NestVirtException>(() =>
            WsManDocument.Read(new WsManReply(200, null, body))
        );
        Assert.Equal(NestVirtErrorKind.ProbeOutputInvalid, error.Kind);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }
}
