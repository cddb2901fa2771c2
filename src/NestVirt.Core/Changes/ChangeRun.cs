using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
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
            static _ => { },
            cancellationToken,
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
        HashSet<HostTarget> told = [];
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
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
                (_, result) => observer.OnResult(result),
                host => told.Add(host),
                stop.Token,
                doing: () => DoingOf(changes, told)
            );
        }
        finally
        {
            // The observer may have had enough: then no further host begins.
            stop.Cancel();
            HostTarget[] left =
            [
                .. changes
                    .Where(pair => pair.Value.HasBegun && !told.Contains(pair.Key))
                    .Select(static pair => pair.Key)
                    .OrderBy(static host => host.Name, StringComparer.Ordinal),
            ];
            ILookup<bool, HostTarget> alone = left.ToLookup(host =>
                changes[host].GoesOnAlone && !ended.GetValueOrDefault(host)
            );
            if (alone[true].Any())
            {
                observer.OnLeft([.. alone[true]]);
            }

            End([.. alone[false].Select(host => (host, changes[host].Running!))]);
        }
    }

    // Of several hosts the first that says so, behind its name.
    private static string? DoingOf(Dictionary<HostTarget, PreparedChange> changes, HashSet<HostTarget> told) =>
        changes
            .Where(pair => !told.Contains(pair.Key) && pair.Value.Doing is not null)
            .Select(pair => changes.Count == 1 ? pair.Value.Doing : $"{pair.Key.Name}: {pair.Value.Doing}")
            .FirstOrDefault();

    // All of them end before anybody is told, who may not want to hear any more.
    private void End(IReadOnlyList<(HostTarget Host, Task<ChangeResult> Running)> changes)
    {
        HostTarget[] pending =
        [
            .. changes.Where(static change => !change.Running.IsCompleted).Select(static change => change.Host),
        ];
        if (pending.Length > 0)
        {
            observer.OnEnding(pending);
        }

        Task.WhenAll(changes.Select(static change => change.Running))
            .ContinueWith(static ended => _ = ended.Exception, TaskScheduler.Default)
            .Wait();
        List<Exception> unheard = [];
        foreach ((HostTarget host, Task<ChangeResult> running) in changes)
        {
            try
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
            catch (Exception error)
            {
                // The others are told, too.
                unheard.Add(error);
            }
        }

        if (unheard is [{ } first, ..])
        {
            ExceptionDispatchInfo.Throw(first);
        }
    }

    private void Run<T>(
        IReadOnlyCollection<HostTarget> hosts,
        Func<HostTarget, CancellationToken, Task<T>> act,
        Action<HostTarget, T> onValue,
        Action<HostTarget> onTold,
        CancellationToken token,
        bool keepsOrder = false,
        Func<string?>? doing = null
    )
    {
        if (hosts.Count > 0)
        {
            HostRun<T> run = new(
                (host, stop) => One(act(host, stop)),
                new Ear<T>(observer, onValue, onTold, doing),
                throttleLimit,
                TimeProvider.System,
                token
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

    private sealed class Ear<T>(
        IChangeObserver observer,
        Action<HostTarget, T> onValue,
        Action<HostTarget> onTold,
        Func<string?>? doing
    ) : IHostRunObserver<T>
    {
        public void OnResults(HostTarget host, IReadOnlyList<T> results)
        {
            onTold(host);
            onValue(host, results[0]);
        }

        public void OnFailure(HostTarget host, Exception failure)
        {
            onTold(host);
            observer.OnFailure(host, failure);
        }

        public void OnProgress(HostProgress progress) => observer.OnProgress(progress with { Doing = doing?.Invoke() });

        public void OnProgressEnded() => observer.OnProgressEnded();
    }
}
