using System.Runtime.InteropServices;
using System.Text;
using System.Xml;
using NestVirt.Text;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Reads the XML of an answer, and says what came where it is none.</summary>
internal static class WsManDocument
{
    /// <summary>How long an answer may be: eight times what is asked for, since not every server keeps to that.</summary>
    internal const int MostBytes = 4 << 20;

    /// <summary>How deep elements may lie in each other: an instance in a reference in an instance is 12 deep.</summary>
    internal const int MostDepth = 64;

    // An envelope of the size that is asked for holds at most 43,000: "<p:A>1</p:A>" are 12 bytes.
    private const int MostElements = 250_000;
    private const int ShownLength = 120;

    // Arrays and texts of 85,000 bytes and more are collected with all the rest alone, which takes longer than reading them.
    private const int PartBytes = 16 << 10;

    private static readonly XmlReaderSettings s_settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        CheckCharacters = false,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    private static readonly Encoding s_utf8 = new UTF8Encoding(false, throwOnInvalidBytes: true);
    private static readonly Encoding s_littleEndian = new UnicodeEncoding(false, false, throwOnInvalidBytes: true);
    private static readonly Encoding s_bigEndian = new UnicodeEncoding(true, false, throwOnInvalidBytes: true);

    /// <summary>Reads an answer.</summary>
    /// <param name="reply">The answer.</param>
    /// <returns>Its root.</returns>
    /// <exception cref="NestVirtException">It is no XML, or more of it than anybody needs.</exception>
    internal static WsManElement Read(WsManReply reply)
    {
        if (reply.Body.Length > MostBytes)
        {
            throw Invalid($"The answer of the host is longer than {MostBytes >> 20} MiB");
        }

        try
        {
            WsManElement root = ReadElements(reply);
            return root.Name.Equals("html", StringComparison.OrdinalIgnoreCase)
                ? throw WebPage(reply, Decode(reply.Body.Span))
                : root;
        }
        catch (XmlException error)
        {
            throw Explain(reply, Decode(reply.Body.Span), error);
        }
        catch (DecoderFallbackException error)
        {
            throw NoText(reply.Body.Span, error);
        }
    }

    private static WsManElement ReadElements(WsManReply reply)
    {
        using Stream bytes = StreamOf(reply.Body);
        using StreamReader text = new(bytes, EncodingOf(reply.Body.Span), false, PartBytes);
        while (IsBlank(text.Peek()))
        {
            text.Read();
        }

        return text.Peek() >= 0
            ? ReadElements(text)
            : throw Invalid($"The host answered with nothing (status {reply.StatusCode} of HTTP)");
    }

    private static WsManElement ReadElements(TextReader text)
    {
        using XmlReader reader = XmlReader.Create(text, s_settings);
        WsManElement root = new(string.Empty, string.Empty);
        Stack<WsManElement> open = new([root]);
        for (int count = 0; reader.Read(); )
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    if (open.Count > MostDepth || ++count > MostElements)
                    {
                        throw Invalid("The answer of the host has too many elements, or too many in each other");
                    }

                    WsManElement element = WsManElement.Of(reader);
                    open.Peek().Add(element);
                    if (!reader.IsEmptyElement)
                    {
                        open.Push(element);
                    }

                    break;
                case XmlNodeType.EndElement:
                    open.Pop();
                    break;
                case XmlNodeType.Text
                or XmlNodeType.CDATA
                or XmlNodeType.Whitespace
                or XmlNodeType.SignificantWhitespace:
                    open.Peek().Add(reader.Value);
                    break;
            }
        }

        return root.Children[0];
    }

    private static MemoryStream StreamOf(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> part)
            ? new MemoryStream(part.Array!, part.Offset, part.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);

    private static bool IsBlank(int letter) => letter is '\uFEFF' or ' ' or '\t' or '\r' or '\n';

    // A mark tells the encoding, and so does the first "<". What the declaration says of it is not needed.
    private static Encoding EncodingOf(ReadOnlySpan<byte> bytes) =>
        bytes switch
        {
            [0xFF, 0xFE, ..] or [(byte)'<', 0, ..] => s_littleEndian,
            [0xFE, 0xFF, ..] or [0, (byte)'<', ..] => s_bigEndian,
            _ => s_utf8,
        };

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return EncodingOf(bytes).GetString(bytes).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        }
        catch (DecoderFallbackException error)
        {
            throw NoText(bytes, error);
        }
    }

    private static NestVirtException NoText(ReadOnlySpan<byte> bytes, DecoderFallbackException error) =>
        Invalid(
            $"The answer of the host is text in neither UTF-8 nor UTF-16: '{Shown(Encoding.Latin1.GetString(bytes))}'",
            error
        );

    private static NestVirtException Explain(WsManReply reply, string text, XmlException error)
    {
        if (IsWebPage(text))
        {
            return WebPage(reply, text, error);
        }

        if (text[0] != '<')
        {
            return Invalid(
                $"The answer of the host (status {reply.StatusCode} of HTTP) is no XML: '{Shown(text)}'",
                error
            );
        }

        if (text.Contains("<!DOCTYPE", StringComparison.Ordinal))
        {
            return Invalid("The answer of the host declares a type of document, which SOAP forbids", error);
        }

        return text.AsSpan().TrimEnd().EndsWith("Envelope>")
            ? Invalid($"The answer of the host is no XML that can be read: {error.Message.TrimEnd('.')}", error)
            : Invalid($"The answer of the host ends early, after {reply.Body.Length} bytes", error);
    }

    private static bool IsWebPage(string text) =>
        text.StartsWith("<!DOCTYPE html", StringComparison.OrdinalIgnoreCase)
        || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase);

    private static NestVirtException WebPage(WsManReply reply, string text, XmlException? error = null) =>
        new(
            NestVirtErrorKind.ProbeOutputInvalid,
            $"A web page came where WS-Management was to answer (status {reply.StatusCode} of HTTP): '{Shown(text)}'.",
            error
        )
        {
            Remedy = "Name the port of WS-Management: it is 5985, or 5986 with TLS, unless somebody changed it.",
        };

    private static string Shown(string text) =>
        HostText.ForDisplay(
            string.Join(
                ' ',
                text[..Math.Min(text.Length, 2 * ShownLength)]
                    .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            ),
            ShownLength
        );

    private static NestVirtException Invalid(string what, Exception? error = null) =>
        new(NestVirtErrorKind.ProbeOutputInvalid, $"{what}.", error);
}
