using System.Text;
using System.Xml;

namespace NestVirt.StandIn.Protocol;

/// <summary>Text inside XML.</summary>
internal static class XmlText
{
    /// <summary>Writes a text so that it reads back; what XML cannot hold becomes a question mark.</summary>
    internal static string Escape(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 && text.AsSpan().IndexOfAny("&<>\"") < 0)
        {
            return text;
        }

        var escaped = new StringBuilder(text.Length + 16);
        for (int at = 0; at < text.Length; at++)
        {
            char one = text[at];
            bool isPair = at + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[at + 1], one);
            if (isPair)
            {
                escaped.Append(one).Append(text[++at]);
                continue;
            }

            _ = one switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '"' => escaped.Append("&quot;"),
                '\r' => escaped.Append("&#xD;"),
                _ => escaped.Append(XmlConvert.IsXmlChar(one) ? one : '?'),
            };
        }

        return escaped.ToString();
    }
}
