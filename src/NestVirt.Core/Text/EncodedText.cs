using System.Text;

namespace NestVirt.Text;

/// <summary>Text of files as editors and shells write it.</summary>
public static class EncodedText
{
    /// <summary>Reads text that is UTF-8, or that a byte order mark says is UTF-16.</summary>
    /// <param name="text">The bytes of a file.</param>
    /// <returns>The text, without the mark.</returns>
    public static string ToText(ReadOnlyMemory<byte> text) => Encoding.UTF8.GetString(ToUtf8(text).Span);

    /// <summary>Makes UTF-8 without a mark of text that is so, or that a byte order mark says is UTF-16.</summary>
    /// <param name="text">The bytes of a file. Notepad and Windows PowerShell's &gt; put marks before them.</param>
    /// <returns>UTF-8 without a mark; the same bytes where they are so.</returns>
    public static ReadOnlyMemory<byte> ToUtf8(ReadOnlyMemory<byte> text) =>
        text.Span switch
        {
            [0xEF, 0xBB, 0xBF, ..] => text[3..],
            [0xFF, 0xFE, ..] => Encoding.UTF8.GetBytes(Encoding.Unicode.GetString(text.Span[2..])),
            [0xFE, 0xFF, ..] => Encoding.UTF8.GetBytes(Encoding.BigEndianUnicode.GetString(text.Span[2..])),
            _ => text,
        };
}
