using NestVirt.Execution;
using NestVirt.Hosts;

namespace NestVirt.Changes;

/// <summary>Hears how changes go; every call comes on the thread that runs them.</summary>
public interface IChangeObserver
{
    /// <summary>Takes a plan when it is made, before anybody is asked.</summary>
    /// <param name="plan">The plan; without changes where there is nothing to do.</param>
    void OnPlan(ChangePlan plan);

    /// <summary>Takes what became of a change.</summary>
    /// <param name="result">The result.</param>
    void OnResult(ChangeResult result);

    /// <summary>Takes the error of a host that could not be planned, or changed.</summary>
    /// <param name="host">The host.</param>
    /// <param name="failure">The error.</param>
    void OnFailure(HostTarget host, Exception failure);

    /// <summary>Hears that waiting was given up, while some hosts go on by themselves to the end of what they began.</summary>
    /// <param name="hosts">The hosts, in the order of their names.</param>
    void OnLeft(IReadOnlyList<HostTarget> hosts);

    /// <summary>Hears that waiting was given up, while some hosts are in the middle of what does not go on without this process: it is brought to a place where it can end, and then told as any other.</summary>
    /// <param name="hosts">The hosts, in the order of their names.</param>
    void OnEnding(IReadOnlyList<HostTarget> hosts);

    /// <summary>Shows how far the planning, or the changing, is.</summary>
    /// <param name="progress">How far.</param>
    void OnProgress(HostProgress progress);

    /// <summary>Takes the progress away; called only when it was shown.</summary>
    void OnProgressEnded();
}
