using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using NestVirt.Text;

namespace NestVirt.PowerShell.Completion;

/// <summary>Turns values into words of a command line.</summary>
internal static partial class CompletionWord
{
    private static readonly char[] s_quotes =
    [
        '\'',
        '"',
        '\u2018',
        '\u2019',
        '\u201A',
        '\u201B',
        '\u201C',
        '\u201D',
        '\u201E',
    ];

    /// <summary>Offers the values that begin with what was typed.</summary>
    /// <param name="typed">What was typed, an opening quote included.</param>
    /// <param name="values">The values.</param>
    /// <returns>The words.</returns>
    internal static IEnumerable<CompletionResult> Complete(string? typed, IEnumerable<string> values)
    {
        string start = Unquote(typed ?? string.Empty);
        foreach (string value in values)
        {
            if (value.StartsWith(start, StringComparison.OrdinalIgnoreCase))
            {
                string shown = HostText.ForDisplay(value);
                yield return new CompletionResult(Quote(value), shown, CompletionResultType.ParameterValue, shown);
            }
        }
    }

    /// <summary>Makes one word of any text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The text, in single quotes where it needs them.</returns>
    internal static string Quote(string text) =>
        PlainWord().IsMatch(text) ? text : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

    /// <summary>Takes the opening quote off, and the closing one.</summary>
    /// <param name="typed">What was typed.</param>
    /// <returns>What was meant.</returns>
    internal static string Unquote(string typed) =>
        typed.Length > 0 && s_quotes.Contains(typed[0]) ? typed[1..].TrimEnd(s_quotes) : typed;

    // A word of these characters is itself in argument mode; one that starts with a digit or letter is no operator.
    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._:/\\-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlainWord();
}
