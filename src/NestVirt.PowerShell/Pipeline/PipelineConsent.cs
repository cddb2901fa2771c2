using System.Management.Automation;
using System.Management.Automation.Host;
using NestVirt.Changes;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Formatting;
using NestVirt.Text;

namespace NestVirt.PowerShell.Pipeline;

/// <summary>Asks as PowerShell does: each change by ShouldProcess, and what is interrupted by ShouldContinue.</summary>
/// <param name="cmdlet">The cmdlet.</param>
/// <param name="force">Whether nobody is asked about what is interrupted.</param>
/// <param name="restart">Whether hosts may be restarted.</param>
/// <param name="isReviewed">Whether the plans come from elsewhere, and may allow more than who applies them has said.</param>
/// <param name="onDeclined">Takes the plans that nobody agreed to.</param>
internal sealed class PipelineConsent(
    PSCmdlet cmdlet,
    bool force,
    bool restart,
    bool isReviewed,
    Action<ChangePlan> onDeclined
) : IConsent
{
    private bool _yesToAll;
    private bool _noToAll;

    /// <inheritdoc/>
    public IReadOnlyList<PreparedChange> Ask(IReadOnlyList<PreparedChange> changes)
    {
        List<PreparedChange> agreed = [];
        foreach (PreparedChange change in changes)
        {
            if (Agreed(change) is { } part && MayInterrupt(part.Plan))
            {
                agreed.Add(part);
            }
            else
            {
                onDeclined(change.Plan);
            }
        }

        return agreed;
    }

    private PreparedChange? Agreed(PreparedChange change)
    {
        ChangePlan plan = change.Plan;
        if (plan.Changes.Count == 0)
        {
            return cmdlet.ShouldProcess(NameOf(plan), $"{plan.Title}: Restart the host") ? change : null;
        }

        if (change.IsWhole)
        {
            string all = string.Join("; ", plan.Changes.Select(ChangeText.Of));
            return cmdlet.ShouldProcess(NameOf(plan), $"{plan.Title}: {all}") ? change : null;
        }

        HostChange[] wanted = [.. plan.Changes.Where(one => cmdlet.ShouldProcess(NameOf(plan), ChangeText.Of(one)))];
        return wanted.Length == 0 ? null : change.Part(wanted);
    }

    private static string NameOf(ChangePlan plan) =>
        plan.IsRecorded ? $"{plan.HostName} (a recorded host)" : plan.HostName;

    private bool MayInterrupt(ChangePlan plan)
    {
        string[] disruptions =
        [
            .. plan.Disruptions,
            .. isReviewed ? plan.Allowances : [],
            .. restart ? ["restarts the host if the change waits for that"] : Array.Empty<string>(),
        ];
        if (disruptions.Length == 0 || force || cmdlet.MyInvocation.BoundParameters.ContainsKey("Confirm"))
        {
            return true;
        }

        string question = HostText.ForDisplay($"This {string.Join(", and ", disruptions)}. Go on?");
        try
        {
            return cmdlet.ShouldContinue(question, $"Interrupt {plan.HostName}", ref _yesToAll, ref _noToAll);
        }
        catch (Exception error) when (error is PSInvalidOperationException or HostException)
        {
            cmdlet.WriteError(ErrorRecords.ConfirmationNotPossible(error, plan.Target, question));
            return false;
        }
    }
}
