using NestVirt.Changes;
using NestVirt.Model;

namespace NestVirt.Cli.Tables;

/// <summary>Prints what would change, every byte of it.</summary>
/// <param name="page">Where to.</param>
internal sealed class PlanTable(Page page) : HostTable<ChangePlan>(page)
{
    /// <inheritdoc/>
    protected override string NothingText => "Nothing to change.";

    /// <inheritdoc/>
    protected override void Print(IReadOnlyList<ChangePlan> results)
    {
        foreach (ChangePlan plan in results)
        {
            Page.Line(plan.Changes.Count == 0 ? $"{plan.Title}: nothing to change" : plan.Title, Tables.Page.Bold);
            if (plan.IsRecorded)
            {
                Page.Line("planned over a recorded host", Tables.Page.Doubtful, ChangeLines.Indentation);
            }

            ChangeLines.Print(Page, plan.Changes);
            foreach (string allowed in plan.Allowances)
            {
                Page.Line(allowed, Tables.Page.Doubtful, ChangeLines.Indentation);
            }

            foreach (Finding finding in plan.Findings.Concat(plan.Pending))
            {
                FindingLines.Print(Page, finding, ChangeLines.Indentation);
            }
        }
    }
}
