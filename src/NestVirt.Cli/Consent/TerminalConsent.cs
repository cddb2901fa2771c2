using NestVirt.Changes;
using NestVirt.Cli.Tables;

namespace NestVirt.Cli.Consent;

/// <summary>Shows all plans on the terminal, and asks once.</summary>
/// <param name="isYes">Whether nobody is asked.</param>
internal sealed class TerminalConsent(bool isYes) : IConsent
{
    /// <inheritdoc/>
    public IReadOnlyList<PreparedChange> Ask(IReadOnlyList<PreparedChange> changes)
    {
        if (isYes)
        {
            return changes;
        }

        // The plans are shown where the question is.
        PlanTable table = new(new Page(Console.OpenStandardError()));
        table.Begin([.. changes.Select(static change => change.Plan.Target)]);
        foreach (PreparedChange change in changes)
        {
            table.Take(change.Plan.Target, [change.Plan]);
        }

        table.End();
        Console.Error.Write(
            changes.Count == 1
                ? "\nMake these changes? [y/N] "
                : $"\nMake these changes on {changes.Count} hosts? [y/N] "
        );
        if (Console.ReadLine()?.Trim() is "y" or "Y" or "yes" or "Yes" or "YES")
        {
            return changes;
        }

        Console.Error.WriteLine("Nothing was changed.");
        return [];
    }
}
