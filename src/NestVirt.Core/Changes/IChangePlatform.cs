using NestVirt.Hosts;
using NestVirt.Probing;

namespace NestVirt.Changes;

/// <summary>What making changes needs of a kind of host: which requests it plans, and who carries the plans out.</summary>
internal interface IChangePlatform : IHostKind
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
/// <param name="Compare">Makes the plan.</param>
internal sealed record ChangePlanner(
    IReadOnlyList<HostProbe> Probes,
    Func<HostTarget, ChangeRequest, ProbeAnswers, ChangePlan> Compare
)
{
    /// <summary>Plans a request.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">The request.</param>
    /// <param name="answers">The answers of the host.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="ChangeRefusedException">The host cannot have it; the reasons name the commands that mend them.</exception>
    internal ChangePlan Plan(HostTarget target, ChangeRequest request, ProbeAnswers answers)
    {
        try
        {
            return Compare(target, request, answers);
        }
        catch (ChangeRefusedException refused)
        {
            throw refused.For(target, request);
        }
    }
}
