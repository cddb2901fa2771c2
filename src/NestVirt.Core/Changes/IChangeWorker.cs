using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Changes;

/// <summary>Carries plans out on the hosts of one platform, takes them back, and keeps the journal.</summary>
internal interface IChangeWorker
{
    /// <summary>Gets a value indicating whether a change that has begun goes on at the host by itself, whatever becomes of this process.</summary>
    bool GoesOnAlone { get; }

    /// <summary>Connects to a host.</summary>
    /// <param name="target">The host.</param>
    /// <param name="timeout">How long one change may take.</param>
    /// <param name="cancellationToken">Stops connecting.</param>
    /// <returns>The connection.</returns>
    Task<IChangeSession> OpenAsync(HostTarget target, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Orders the changes of a plan as they are taken back.</summary>
    /// <param name="plan">The plan.</param>
    /// <returns>Its changes, as they were made.</returns>
    IReadOnlyList<HostChange> OrderUndo(ChangePlan plan);
}

/// <summary>One connection to a host that is changed: all that a change, or its way back, needs goes over it.</summary>
internal interface IChangeSession : IAsyncDisposable
{
    /// <summary>Asks probes, in one round trip.</summary>
    /// <param name="probes">The probes.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>An answer for each probe, which may say why there is none.</returns>
    Task<ProbeAnswers> ReadAsync(IReadOnlyList<HostProbe> probes, CancellationToken cancellationToken);

    /// <summary>Reads the journal.</summary>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>The changes, the newest first, each with what it <see cref="JournalEntry.Touches"/>.</returns>
    /// <exception cref="NestVirtException">The account may not read it.</exception>
    Task<IReadOnlyList<JournalEntry>> ReadJournalAsync(CancellationToken cancellationToken);

    /// <summary>Makes the changes of a plan: all or none, or on a host that does not go on alone all or none of each virtual machine.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="progress">Takes what is done right now, as phrases.</param>
    /// <param name="cancellationToken">Stops waiting; a host that goes on alone does.</param>
    /// <returns>What the journal calls it, and what may surprise.</returns>
    /// <exception cref="NestVirtException">The host has changed, is locked, or a change failed.</exception>
    Task<ChangeReceipt> ApplyAsync(ChangePlan plan, IProgress<string> progress, CancellationToken cancellationToken);

    /// <summary>Takes a change back.</summary>
    /// <param name="entry">The change; one whose plan can be read.</param>
    /// <param name="newestId">The newest number of the journal that was looked at: a newer one is refused.</param>
    /// <param name="scope">What may be interrupted.</param>
    /// <param name="progress">Takes what is done right now, as phrases.</param>
    /// <param name="cancellationToken">Stops waiting; the host goes on.</param>
    /// <returns>What may surprise.</returns>
    /// <exception cref="NestVirtException">Something was changed since, or could not be put back.</exception>
    Task<IReadOnlyList<Finding>> UndoAsync(
        JournalEntry entry,
        int newestId,
        ChangeScope scope,
        IProgress<string> progress,
        CancellationToken cancellationToken
    );

    /// <summary>Says what keeps a change in effect that was taken back.</summary>
    /// <param name="entry">The change.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>A finding; null where nothing does.</returns>
    Task<Finding?> FindWaitingAsync(JournalEntry entry, CancellationToken cancellationToken);

    /// <summary>Restarts the host, and waits until it is back. The session is of no use any more then.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="NestVirtException">The host is this machine, or did not come back.</exception>
    Task RestartAsync(CancellationToken cancellationToken);
}

/// <summary>What a worker says of a plan that it carried out.</summary>
/// <param name="Id">The number in the journal.</param>
/// <param name="Findings">What may surprise.</param>
internal sealed record ChangeReceipt(int? Id, IReadOnlyList<Finding> Findings);
