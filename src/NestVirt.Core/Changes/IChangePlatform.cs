using NestVirt.Hosts;
using NestVirt.Probing;

namespace NestVirt.Changes;

/// <summary>What making changes needs of a kind of host: which requests it plans, and who carries the plans out.</summary>
internal interface IChangePlatform
{
    /// <summary>Gets its name for messages, as in "a KVM host".</summary>
    string Name { get; }

    /// <summary>Gets what changes its hosts.</summary>
    IChangeWorker Worker { get; }

    /// <summary>Finds what plans a request.</summary>
    /// <param name="request">The request.</param>
    /// <returns>What plans it; null where the platform cannot do this.</returns>
    ChangePlanner? FindPlanner(ChangeRequest request);
}

/// <summary>How a platform plans a request: the probes, and the pure planner that reads what they said.</summary>
/// <param name="Probes">The probes, asked in one round trip.</param>
/// <param name="Plan">Makes the plan.</param>
internal sealed record ChangePlanner(
    IReadOnlyList<HostProbe> Probes,
    Func<HostTarget, ChangeRequest, ProbeAnswers, ChangePlan> Plan
);
