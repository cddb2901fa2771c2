using System.Globalization;
using System.Text;

namespace NestVirt.Text;

/// <summary>Makes text that a host sent safe to show.</summary>
public static class HostText
{
    /// <summary>Replaces what could move a terminal's cursor or reorder its text, and bounds the length.</summary>
    /// <param name="text">Text from a host.</param>
    /// <param name="maximumLength">How many characters to keep; an ellipsis stands for the rest.</param>
    /// <returns>The text without control, format (such as right-to-left marks) and line-breaking characters.</returns>
    public static string ForDisplay(ReadOnlySpan<char> text, int maximumLength = int.MaxValue)
    {
        StringBuilder result = new(Math.Min(text.Length, maximumLength));
        foreach (char character in text)
        {
            if (result.Length >= maximumLength)
            {
                return result.Append('…').ToString();
            }

            result.Append(IsHarmless(character) ? character : '\uFFFD');
        }

        return result.ToString();
    }

    private static bool IsHarmless(char character) =>
        char.GetUnicodeCategory(character)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            );
}
