using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Changes;

/// <summary>A plan as a document has it.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Fingerprint">The fingerprint that the document claims.</param>
public sealed record ReviewedPlan(ChangePlan Plan, string Fingerprint)
{
    /// <summary>Gets the fingerprint that the document claims.</summary>
    public string Fingerprint
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Fingerprint);

    /// <summary>Makes the plan one for a host that is reached in another way, or for the live host of a recorded one.</summary>
    /// <param name="host">The host.</param>
    /// <returns>The plan.</returns>
    public ReviewedPlan For(HostTarget host) => this with { Plan = Plan with { Target = host } };

    /// <summary>Finds the plans of hosts: the only one is for whichever host is named, and of several each is for the host of its name.</summary>
    /// <param name="plans">The plans.</param>
    /// <param name="hosts">The hosts.</param>
    /// <returns>The plans of these hosts.</returns>
    /// <exception cref="NestVirtException">A host has no plan, or several.</exception>
    public static IReadOnlyList<ReviewedPlan> Address(
        IReadOnlyList<ReviewedPlan> plans,
        IReadOnlyList<HostTarget> hosts
    ) =>
        plans.Count == 1 && hosts.Count == 1
            ? [plans[0].For(hosts[0])]
            : [.. hosts.Select(host => Find(plans, host).For(host))];

    private static ReviewedPlan Find(IReadOnlyList<ReviewedPlan> plans, HostTarget host)
    {
        ReviewedPlan[] found =
        [
            .. plans.Where(plan => plan.Plan.HostName.Equals(host.Name, StringComparison.OrdinalIgnoreCase)),
        ];
        return found.Length == 1
            ? found[0]
            : throw new NestVirtException(
                NestVirtErrorKind.PlanInvalid,
                found.Length == 0 ? $"There is no plan for {host.Name}." : $"There are several plans for {host.Name}."
            )
            {
                Remedy =
                    $"There are plans for: {string.Join(", ", plans.Select(static plan => plan.Plan.HostName).Distinct())}.",
            };
    }
}
