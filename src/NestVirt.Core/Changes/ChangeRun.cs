using System.Collections.Concurrent;
using NestVirt.Execution;
using NestVirt.Hosts;

namespace NestVirt.Changes;

/// <summary>Plans on every host at once, asks, then changes every host at once; each change ends with a look at what it made.</summary>
/// <remarks>
/// Nobody is asked before every host is planned, and nothing begins before everybody is asked. Of several changes of one
/// host each is planned when the one before it is made. Recorded hosts are planned, and never changed.
/// </remarks>
/// <param name="consent">Asks about the plans; null where plans are all that is wanted.</param>
/// <param name="observer">Hears how it goes.</param>
/// <param name="throttleLimit">How many hosts are planned, or changed, at once.</param>
/// <param name="mayRestart">Whether hosts may be restarted: then what waits for that is a change, too.</param>
/// <param name="cancellationToken">Ends the waiting.</param>
public sealed class ChangeRun(
    IConsent? consent,
    IChangeObserver observer,
    int throttleLimit,
    bool mayRestart,
    CancellationToken cancellationToken
)
{
    private readonly List<Work> _waiting = [];

    /// <summary>Adds a change.</summary>
    /// <param name="target">The host.</param>
    /// <param name="prepare">Plans the change. It runs on other threads.</param>
    public void Add(HostTarget target, Func<HostTarget, CancellationToken, Task<PreparedChange>> prepare) =>
        _waiting.Add(new Work(target, prepare));

    /// <summary>Makes the changes.</summary>
    public void Execute()
    {
        while (_waiting.Count > 0 && !cancellationToken.IsCancellationRequested)
        {
            // A host takes one change at a time.
            Work[] round =
            [
                .. _waiting.DistinctBy(static work => (work.Target.Name, work.Target.Port, work.Target.Transport)),
            ];
            _waiting.RemoveAll(work => Array.IndexOf(round, work) >= 0);
            Dictionary<HostTarget, PreparedChange> planned = Plan(round);
            if (consent is not null && !cancellationToken.IsCancellationRequested)
            {
                Apply(Ask([.. round.Select(work => planned.GetValueOrDefault(work.Target)).OfType<PreparedChange>()]));
            }
        }
    }

    private Dictionary<HostTarget, PreparedChange> Plan(Work[] round)
    {
        Dictionary<HostTarget, PreparedChange> planned = [];
        Dictionary<HostTarget, Work> works = round.ToDictionary(static work => work.Target);
        Run<PreparedChange>(
            works.Keys,
            (host, token) => works[host].Prepare(host, token),
            (host, change) =>
            {
                planned.Add(host, change);
                observer.OnPlan(change.Plan);
            },
            keepsOrder: true
        );
        return planned;
    }

    private IEnumerable<PreparedChange> Ask(PreparedChange[] changes)
    {
        ILookup<bool, PreparedChange> kinds = changes.ToLookup(ChangesSomething);
        return kinds[true].Any() ? kinds[false].Concat(consent!.Ask([.. kinds[true]])) : kinds[false];
    }

    private bool ChangesSomething(PreparedChange change) =>
        change.Plan.Changes.Count > 0 || (mayRestart && change.Plan.Pending.Count > 0);

    private void Apply(IEnumerable<PreparedChange> agreed)
    {
        Dictionary<HostTarget, PreparedChange> changes = agreed
            .Where(static change => !change.Plan.IsRecorded)
            .ToDictionary(static change => change.Plan.Target);
        ConcurrentDictionary<HostTarget, bool> ended = [];
        try
        {
            Run(
                changes.Keys,
                async (host, token) =>
                {
                    try
                    {
                        return await changes[host].ApplyAsync(token).ConfigureAwait(false);
                    }
                    finally
                    {
                        // Once waiting for it was given up, nobody knows how far it is.
                        ended[host] = !token.IsCancellationRequested;
                    }
                },
                (_, result) => observer.OnResult(result)
            );
        }
        finally
        {
            ILookup<bool, HostTarget> left = changes
                .Where(pair => pair.Value.HasBegun && !ended.GetValueOrDefault(pair.Key))
                .OrderBy(static pair => pair.Key.Name, StringComparer.Ordinal)
                .ToLookup(static pair => pair.Value.GoesOnAlone, static pair => pair.Key);
            if (left[true].Any())
            {
                observer.OnLeft([.. left[true]]);
            }

            if (left[false].Any())
            {
                observer.OnEnding([.. left[false]]);
                End([.. left[false].Select(host => (host, changes[host].Running!))]);
            }
        }
    }

    // All of them end before anybody is told, who may not want to hear any more.
    private void End(IReadOnlyList<(HostTarget Host, Task<ChangeResult> Running)> changes)
    {
        Task.WhenAll(changes.Select(static change => change.Running))
            .ContinueWith(static ended => _ = ended.Exception, TaskScheduler.Default)
            .Wait();
        foreach ((HostTarget host, Task<ChangeResult> running) in changes)
        {
            if (running.IsCompletedSuccessfully)
            {
                observer.OnResult(running.Result);
            }
            else if (running.Exception?.InnerException is { } failure)
            {
                observer.OnFailure(host, failure);
            }
        }
    }

    private void Run<T>(
        IReadOnlyCollection<HostTarget> hosts,
        Func<HostTarget, CancellationToken, Task<T>> act,
        Action<HostTarget, T> onValue,
        bool keepsOrder = false
    )
    {
        if (hosts.Count > 0)
        {
            HostRun<T> run = new(
                (host, token) => One(act(host, token)),
                new Ear<T>(observer, onValue),
                throttleLimit,
                TimeProvider.System,
                cancellationToken
            )
            {
                KeepsOrder = keepsOrder,
            };
            run.Execute(hosts);
        }
    }

    private static async IAsyncEnumerable<T> One<T>(Task<T> value)
    {
        yield return await value.ConfigureAwait(false);
    }

    private sealed class Work(HostTarget target, Func<HostTarget, CancellationToken, Task<PreparedChange>> prepare)
    {
        internal HostTarget Target => target;

        internal Func<HostTarget, CancellationToken, Task<PreparedChange>> Prepare => prepare;
    }

    private sealed class Ear<T>(IChangeObserver observer, Action<HostTarget, T> onValue) : IHostRunObserver<T>
    {
        public void OnResults(HostTarget host, IReadOnlyList<T> results) => onValue(host, results[0]);

        public void OnFailure(HostTarget host, Exception failure) => observer.OnFailure(host, failure);

        public void OnProgress(HostProgress progress) => observer.OnProgress(progress);

        public void OnProgressEnded() => observer.OnProgressEnded();
    }
}
