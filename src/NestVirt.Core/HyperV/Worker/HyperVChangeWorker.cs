using System.Diagnostics;
using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.HyperV.Settings;
using NestVirt.Transport;

namespace NestVirt.HyperV.Worker;

/// <summary>Changes Hyper-V hosts by methods of theirs, one virtual machine after the other, and keeps the journal here.</summary>
/// <param name="connector">Connects to hosts.</param>
/// <param name="findRoot">Names the folder of the journals.</param>
/// <param name="pace">How long hosts are waited for.</param>
internal sealed class HyperVChangeWorker(HostConnector connector, Func<string> findRoot, ChangePace pace)
    : IChangeWorker
{
    /// <summary>Initializes a new instance of the <see cref="HyperVChangeWorker"/> class with the journals of this user.</summary>
    /// <param name="connector">Connects to hosts.</param>
    internal HyperVChangeWorker(HostConnector connector)
        : this(connector, ClientJournal.DefaultRoot, new ChangePace()) { }

    /// <inheritdoc/>
    public bool GoesOnAlone => false;

    /// <inheritdoc/>
    public async Task<IChangeSession> OpenAsync(
        HostTarget target,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        if (target.IsRecorded)
        {
            throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                "This is a recorded host: it can be read and planned over, not changed."
            );
        }

        string root = findRoot();
        return
            await connector.ConnectAsync(target, cancellationToken).ConfigureAwait(false)
                is HostConnection.Classes classes
            ? new HyperVChangeSession(target, classes.Session, root, pace)
            : throw new UnreachableException();
    }

    /// <inheritdoc/>
    public IReadOnlyList<HostChange> OrderUndo(ChangePlan plan) => [.. plan.Changes.Reverse().Select(OnTheWayBack)];

    // What is interrupted on the way there is not what is on the way back.
    private static HostChange OnTheWayBack(HostChange change) =>
        DeviceStep.Read(change.Step) is { Part: var part } step && part == DevicePart.Driver
            ? change with
            {
                Disrupts = step.Value == part.AtHost ? step.Disrupts : null,
            }
            : change;
}
