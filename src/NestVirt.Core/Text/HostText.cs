using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace NestVirt.Text;

/// <summary>Makes text that a host sent safe to show.</summary>
/// <remarks>
/// What is taken away is what a terminal obeys instead of showing it, and what it does not show at all: control and format
/// characters, line breaks, and all that Unicode calls default-ignorable, such as zero-width characters, marks of direction,
/// variation selectors and tags. Scalar values are judged, since tags lie beyond what one UTF-16 unit can say.
/// </remarks>
public static class HostText
{
    private const char Instead = '\uFFFD';

    // Plain ASCII, which nearly all text of hosts is, is looked through fast.
    private static readonly SearchValues<char> s_plain = SearchValues.Create([
        .. Enumerable.Range(' ', '~' - ' ' + 1).Select(static code => (char)code),
    ]);

    // Default-ignorable code points that are no format characters (DerivedCoreProperties.txt of Unicode).
    private static readonly (int First, int Last)[] s_unseen =
    [
        (0x034F, 0x034F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x2060, 0x206F),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xFFF0, 0xFFF8),
        (0x1BCA0, 0x1BCA3),
        (0x1D173, 0x1D17A),
        (0xE0000, 0xE0FFF),
    ];

    /// <summary>Makes a line of a text: nothing in it moves a cursor, reorders text or hides in it, and it is not too long.</summary>
    /// <param name="text">Text from a host.</param>
    /// <param name="maximumLength">How many characters to keep; an ellipsis stands for the rest.</param>
    /// <returns>The text with a replacement character for each such character, and a blank for a tab.</returns>
    public static string ForDisplay(ReadOnlySpan<char> text, int maximumLength = int.MaxValue)
    {
        StringBuilder result = new(Math.Min(text.Length, maximumLength));
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (result.Length + rune.Utf16SequenceLength > maximumLength)
            {
                return result.Append('…').ToString();
            }

            Append(result, rune.Value == '\t' ? new Rune(' ') : rune);
        }

        return result.ToString();
    }

    /// <summary>Makes a text of a record, which anything may show, of one line; tabs stay.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    internal static string? Shown(string? text) => text is null ? null : Shown(text, "\t");

    /// <summary>Makes a text of a record of several lines, with the line ends of Unix or of Windows.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    internal static string? ShownLines(string? text) =>
        text is null ? null : string.Join("\r\n", text.Split("\r\n").Select(static part => Shown(part, "\t\n")));

    /// <summary>Makes the name of a file, which is found by it again: what joins the letters of scripts and colours emoji stays.</summary>
    [return: NotNullIfNotNull(nameof(path))]
    internal static string? ShownPath(string? path) => path is null ? null : Shown(path, "\u200C\u200D\uFE0E\uFE0F");

    /// <summary>Makes the texts of a record, each of one line.</summary>
    internal static IReadOnlyList<string> Shown(IReadOnlyList<string>? texts) =>
        TextList<string>.Of(texts?.All(IsShown) == false ? [.. texts.Select(static text => Shown(text))] : texts);

    /// <summary>Says whether a text is shown as it is.</summary>
    internal static bool IsShown(string text) => ReferenceEquals(Shown(text), text);

    private static string Shown(string text, string kept)
    {
        int first = text.AsSpan().IndexOfAnyExcept(s_plain);
        if (first < 0)
        {
            return text;
        }

        StringBuilder result = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.IsBmp && kept.Contains((char)rune.Value, StringComparison.Ordinal))
            {
                result.Append((char)rune.Value);
            }
            else
            {
                Append(result, rune);
            }
        }

        return result.Equals(text) ? text : result.ToString();
    }

    private static void Append(StringBuilder result, Rune rune)
    {
        if (!IsSeen(rune))
        {
            result.Append(Instead);
            return;
        }

        Span<char> units = stackalloc char[2];
        result.Append(units[..rune.EncodeToUtf16(units)]);
    }

    /// <summary>Says whether a character is one that a reader sees.</summary>
    /// <param name="rune">The character.</param>
    /// <returns>False for what moves a cursor, reorders text or is not shown.</returns>
    public static bool IsSeen(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            )
        && (rune.IsAscii || !Array.Exists(s_unseen, range => range.First <= rune.Value && rune.Value <= range.Last));
}
