using NestVirt.Changes;
using NestVirt.Hosts;

namespace NestVirt.HyperV.Worker;

/// <summary>Says that hosts with Hyper-V are read, and not changed yet.</summary>
internal sealed class HyperVChangeWorker : IChangeWorker
{
    /// <inheritdoc/>
    public Task<IChangeSession> OpenAsync(HostTarget target, TimeSpan timeout, CancellationToken cancellationToken) =>
        throw new NestVirtException(
            NestVirtErrorKind.FeatureNotSupported,
            target.IsRecorded
                ? "This is a recorded host: it can be read and planned over, not changed."
                : "This release reads Hyper-V hosts, and changes none: it keeps no journal of them."
        );

    /// <inheritdoc/>
    public IReadOnlyList<HostChange> OrderUndo(ChangePlan plan) => [.. plan.Changes.Reverse()];
}
