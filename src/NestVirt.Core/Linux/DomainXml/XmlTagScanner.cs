using System.Buffers;

namespace NestVirt.Linux.DomainXml;

/// <summary>Finds the tags of a text, one by one. An XML reader says beforehand of each that it is well-formed.</summary>
/// <param name="text">The text.</param>
internal sealed class XmlTagScanner(string text)
{
    private static readonly (string Start, string End)[] s_skipped =
    [
        ("<!--", "-->"),
        ("<![CDATA[", "]]>"),
        ("<?", "?>"),
    ];

    private static readonly SearchValues<char> s_nameEnds = SearchValues.Create(" \t\r\n/>");

    private int _at;

    /// <summary>Finds the next tag: one that begins an element, ends one, or is one by itself.</summary>
    /// <returns>Where it stands.</returns>
    public XmlTag Next()
    {
        while (true)
        {
            int open = text.IndexOf('<', _at);
            ReadOnlySpan<char> rest = text.AsSpan(open);
            string? end = null;
            foreach ((string start, string close) in s_skipped)
            {
                if (rest.StartsWith(start))
                {
                    end = close;
                    _at = open + start.Length;
                    break;
                }
            }

            if (end is null)
            {
                return ReadTag(open);
            }

            _at = text.IndexOf(end, _at, StringComparison.Ordinal) + end.Length;
        }
    }

    private XmlTag ReadTag(int open)
    {
        List<XmlAttributeSpan>? attributes = null;
        // The slash of an end tag stands before its name, that of an element without content behind it.
        int nameEnd = open + 2 + text.AsSpan(open + 2).IndexOfAny(s_nameEnds);
        int at = nameEnd;
        while (true)
        {
            int start = SkipSpace(at);
            if (text[start] is '>' or '/')
            {
                _at = text.IndexOf('>', start) + 1;
                return new XmlTag(open, nameEnd, _at, attributes ?? []);
            }

            int quote = SkipSpace(text.IndexOf('=', start) + 1);
            int close = text.IndexOf(text[quote], quote + 1);
            (attributes ??= []).Add(new XmlAttributeSpan(at, start, quote + 1, close));
            at = close + 1;
        }
    }

    private int SkipSpace(int at)
    {
        while (text[at] is ' ' or '\t' or '\r' or '\n')
        {
            at++;
        }

        return at;
    }
}
