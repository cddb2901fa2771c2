using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Cli.Tables;

/// <summary>Prints findings: what is so, what shows it, what to do.</summary>
internal static class FindingLines
{
    private const int LabelWidth = 8;
    private const int EvidenceLength = 400;

    /// <summary>Prints a finding.</summary>
    /// <param name="page">Where to.</param>
    /// <param name="finding">The finding.</param>
    /// <param name="indentation">How many columns it starts in.</param>
    internal static void Print(Page page, Finding finding, int indentation)
    {
        (string word, Spectre.Console.Style style) = Wording.MarkOf(finding.Severity);
        page.Labelled(word, finding.Message, LabelWidth, style, indentation);
        if (!string.IsNullOrWhiteSpace(finding.Evidence))
        {
            page.Labelled(
                string.Empty,
                $"seen: {HostText.ForDisplay(finding.Evidence, EvidenceLength)}",
                LabelWidth,
                Page.Faint,
                indentation
            );
        }

        if (finding.Remedy is not null)
        {
            page.Labelled(string.Empty, $"do: {finding.Remedy}", LabelWidth, null, indentation);
        }

        if (finding.Command is not null)
        {
            page.Labelled(string.Empty, $"run: {finding.Command}", LabelWidth, null, indentation);
        }
    }
}
