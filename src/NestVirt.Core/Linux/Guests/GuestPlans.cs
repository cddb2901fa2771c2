using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Model;

namespace NestVirt.Linux.Guests;

/// <summary>Makes one plan of what is planned for each guest.</summary>
internal static class GuestPlans
{
    /// <summary>Plans a change of guests that are chosen.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="identity">Which host it is.</param>
    /// <param name="choices">The guests.</param>
    /// <param name="draft">Plans the change of one, or refuses it.</param>
    /// <returns>The changes that are missing.</returns>
    /// <exception cref="ChangeRefusedException">One that is named cannot be changed, or none can.</exception>
    internal static ChangePlan Of(
        HostTarget target,
        ChangeRequest request,
        HostIdentity identity,
        IEnumerable<GuestChoice> choices,
        Func<GuestChoice, GuestDraft> draft
    )
    {
        List<HostChange> changes = [];
        List<Finding> refused = [];
        List<Finding> left = [];
        List<Finding> notes = [];
        List<Finding> pending = [];
        int settled = 0;
        foreach (GuestChoice choice in choices)
        {
            try
            {
                GuestDraft made = draft(choice);
                changes.AddRange(made.Change is { } change ? [change] : []);
                notes.AddRange(Of(choice, made.Notes));
                pending.AddRange(made.Pending is { } waits ? Of(choice, [waits]) : []);
                settled++;
            }
            catch (ChangeRefusedException refusal)
            {
                (choice.IsNamed ? refused : left).AddRange(Of(choice, refusal.Reasons));
            }
        }

        if (refused.Count > 0 || (settled == 0 && left.Count > 0))
        {
            throw new ChangeRefusedException(refused.Count > 0 ? refused : left);
        }

        return new ChangePlan(target, request, identity, changes)
        {
            Findings = [.. left.Select(AsLeft), .. notes],
            Pending = pending,

            // One that did not end in time waits, and is no failure.
            Again = request.StopGuests ? request with { StopGuests = false } : null,
        };
    }

    private static IEnumerable<Finding> Of(GuestChoice choice, IEnumerable<Finding> findings) =>
        findings.Select(finding => finding with { Message = $"{choice.Word}: {finding.Message}" });

    // Errors of a result are those of what was asked for alone, and what is left is to be seen.
    private static Finding AsLeft(Finding finding) =>
        finding with
        {
            Severity = Severity.Warning,
            Message = $"{finding.Message} It is left as it is.",
        };
}

/// <summary>What is planned for a guest.</summary>
/// <param name="Change">The change; null where there is nothing to do.</param>
/// <param name="Pending">What it waits for, or null.</param>
/// <param name="Notes">What there is to know of it.</param>
internal sealed record GuestDraft(HostChange? Change, Finding? Pending, IReadOnlyList<Finding> Notes);
