using System.Globalization;
using NestVirt.Model;

namespace NestVirt.Cli.Tables;

/// <summary>Prints findings of many things, each once with those that it is of.</summary>
internal static class FindingGroups
{
    private const int Indentation = 2;
    private const int MostNames = 5;

    /// <summary>Prints them, the gravest first.</summary>
    /// <param name="page">Where to.</param>
    /// <param name="findings">Each finding with what it is of.</param>
    internal static void Print(Page page, IEnumerable<(string Name, Finding Finding)> findings)
    {
        foreach (
            IGrouping<(string, string), (string Name, Finding Finding)> group in findings
                .GroupBy(static pair => (pair.Finding.Code, pair.Finding.Message))
                .OrderByDescending(static group => group.First().Finding.Severity)
        )
        {
            Print(page, [.. group]);
        }
    }

    // What is evidence of one alone is not shown for all.
    private static void Print(Page page, IReadOnlyList<(string Name, Finding Finding)> found)
    {
        Finding first = found[0].Finding;
        bool isAlike = found.All(pair => pair.Finding.Evidence == first.Evidence);
        string names = string.Join(", ", found.Take(MostNames).Select(static pair => pair.Name));
        string others =
            found.Count > MostNames
                ? string.Create(CultureInfo.InvariantCulture, $" and {found.Count - MostNames} others")
                : string.Empty;
        page.Line($"{names}{others}:");
        FindingLines.Print(page, isAlike ? first : first with { Evidence = null }, Indentation);
    }
}
