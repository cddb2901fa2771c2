using NestVirt.Model;
using Spectre.Console;

namespace NestVirt.Cli.Tables;

/// <summary>Prints which devices share a group with others than before.</summary>
/// <param name="page">Where to.</param>
internal sealed class IommuDiffTable(Page page) : HostTable<IommuDifference>(page)
{
    private const int Indentation = 2;

    /// <inheritdoc/>
    protected override string NothingText => "No device joined, left or shares a group with others than before.";

    /// <inheritdoc/>
    protected override void Print(IReadOnlyList<IommuDifference> results)
    {
        foreach (IommuDifference difference in results)
        {
            Style style = difference.Change switch
            {
                IommuChange.TurnedOn => Tables.Page.Good,
                IommuChange.TurnedOff => Tables.Page.Bad,
                IommuChange.Moved => Tables.Page.Doubtful,
                _ => Style.Plain,
            };
            Page.Line(
                $"{Sentence(difference)}{(difference.Description is null ? string.Empty : $": {difference.Description}")}",
                style
            );
            PrintList("now together with", difference.Gained);
            PrintList("no longer with", difference.Lost);
        }
    }

    private static string Sentence(IommuDifference difference)
    {
        string renamed =
            difference.PreviousAddress is { } previous && previous != difference.Address
                ? $" (was {previous})"
                : string.Empty;
        return difference.Change switch
        {
            IommuChange.Joined => $"{difference.Address} joined, in group {difference.Group}",
            IommuChange.TurnedOn => "The IOMMU is on now, and was not",
            IommuChange.TurnedOff => "The IOMMU is off now, and was not",
            IommuChange.Left => $"{difference.Address} left group {difference.PreviousGroup}",
            _ when difference.PreviousGroup == difference.Group =>
                $"{difference.Address}{renamed} shares group {difference.Group} with others than before",
            _ => $"{difference.Address}{renamed} moved from group {difference.PreviousGroup} to {difference.Group}",
        };
    }

    private void PrintList(string label, IReadOnlyList<string> addresses)
    {
        if (addresses.Count > 0)
        {
            Page.Line($"{label}: {string.Join(", ", addresses)}", indentation: Indentation);
        }
    }
}
