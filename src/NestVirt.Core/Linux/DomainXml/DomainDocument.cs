using System.Xml;

namespace NestVirt.Linux.DomainXml;

/// <summary>The definition of a guest as text that stays as it is, and where its elements stand in it.</summary>
/// <remarks>
/// .NET's reader says what is well-formed, what an element is called and what a value is; the scanner, tag by tag beside it, says
/// where each stands. An edit replaces a part of the text and reads all of it again: what was not replaced cannot have changed.
/// </remarks>
internal sealed class DomainDocument
{
    // What libvirt's protocol takes as one string (REMOTE_STRING_MAX, src/remote/remote_protocol.x).
    private const int MostCharacters = 4 << 20;
    private const int DeepestLevel = 256;
    private const string Bom = "\uFEFF";

    private DomainDocument(string text, DomainElement root) => (Text, Root) = (text, root);

    /// <summary>Gets the text.</summary>
    public string Text { get; }

    /// <summary>Gets the element <c>domain</c>.</summary>
    public DomainElement Root { get; }

    /// <summary>Reads a definition.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The definition.</returns>
    /// <exception cref="DomainXmlException">It is not well-formed, has a document type, is too large or too deep, or is none.</exception>
    public static DomainDocument Parse(string text)
    {
        if (text.Length > MostCharacters)
        {
            throw new DomainXmlException("is longer than 4194304 characters", 1, 1);
        }

        RefuseDocumentType(text);
        XmlReaderSettings settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        using StringReader characters = new(text.StartsWith(Bom, StringComparison.Ordinal) ? text[1..] : text);
        using XmlReader reader = XmlReader.Create(characters, settings);
        try
        {
            DomainElement root = Read(reader, new XmlTagScanner(text));
            return root.Is("domain") ? new DomainDocument(text, root) : throw Fault(text, root.Start, "has no domain");
        }
        catch (XmlException exception)
        {
            // The words of .NET are left out: a program without them says names of resources instead.
            throw new DomainXmlException(
                "is not well-formed XML",
                Math.Max(exception.LineNumber, 1),
                Math.Max(exception.LinePosition, 1),
                exception
            );
        }
    }

    /// <summary>Replaces a part of the text.</summary>
    /// <param name="start">Where the part begins.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="replacement">What comes in its place.</param>
    /// <returns>The new definition; this one where that is the same.</returns>
    internal DomainDocument Replace(int start, int end, string replacement) =>
        Text.AsSpan(start, end - start).SequenceEqual(replacement)
            ? this
            : Parse(string.Concat(Text.AsSpan(0, start), replacement, Text.AsSpan(end)));

    private static DomainElement Read(XmlReader reader, XmlTagScanner scanner)
    {
        DomainElement? root = null;
        DomainElement? open = null;
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    if (reader.Depth >= DeepestLevel)
                    {
                        IXmlLineInfo place = (IXmlLineInfo)reader;
                        throw new DomainXmlException(
                            "has more than 256 elements within each other",
                            place.LineNumber,
                            place.LinePosition
                        );
                    }

                    bool isOneTag = reader.IsEmptyElement;
                    DomainElement element = ReadElement(reader, scanner.Next(), open);
                    root ??= element;
                    open = isOneTag ? open : element;
                    break;
                case XmlNodeType.EndElement:
                    open!.Close(scanner.Next());
                    open = open.Parent;
                    break;
                case XmlNodeType.Text
                or XmlNodeType.CDATA
                or XmlNodeType.Whitespace
                or XmlNodeType.SignificantWhitespace:
                    open?.Add(reader.Value);
                    break;
            }
        }

        return root!;
    }

    private static DomainElement ReadElement(XmlReader reader, XmlTag tag, DomainElement? parent)
    {
        string name = reader.LocalName;
        string space = reader.NamespaceURI;
        DomainAttribute[] attributes = new DomainAttribute[reader.AttributeCount];
        for (int at = 0; at < attributes.Length; at++)
        {
            reader.MoveToAttribute(at);
            attributes[at] = new DomainAttribute(reader.Name, reader.Value, tag.Attributes[at]);
        }

        return new DomainElement(name, space, parent, tag, attributes);
    }

    // .NET refuses a document type too, but in no words of its own; it can only stand before the first element.
    private static void RefuseDocumentType(string text)
    {
        int at = 0;
        while ((at = text.IndexOf('<', at)) >= 0)
        {
            ReadOnlySpan<char> rest = text.AsSpan(at);
            if (rest.StartsWith("<!DOCTYPE"))
            {
                throw Fault(text, at, "has a document type, which is not read");
            }

            string? end =
                rest.StartsWith("<!--") ? "-->"
                : rest.StartsWith("<?") ? "?>"
                : null;
            int found = end is null ? -1 : text.IndexOf(end, at, StringComparison.Ordinal);
            if (found < 0)
            {
                return;
            }

            at = found;
        }
    }

    private static DomainXmlException Fault(string text, int at, string fault)
    {
        ReadOnlySpan<char> before = text.AsSpan(0, at);
        return new DomainXmlException(fault, before.Count('\n') + 1, at - before.LastIndexOf('\n'));
    }
}
