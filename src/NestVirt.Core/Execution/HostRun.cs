using System.Runtime.CompilerServices;
using NestVirt.Hosts;

namespace NestVirt.Execution;

/// <summary>Asks hosts, many at once, and hands what each gave to an observer on the caller's thread, with progress.</summary>
/// <typeparam name="T">The type of a result.</typeparam>
/// <param name="query">What to ask a host. It runs on other threads.</param>
/// <param name="observer">Takes the results.</param>
/// <param name="throttleLimit">How many hosts are asked at once.</param>
/// <param name="time">Tells the time.</param>
/// <param name="cancellationToken">Stops every host; the observer then hears no more.</param>
public sealed class HostRun<T>(
    Func<HostTarget, CancellationToken, IAsyncEnumerable<T>> query,
    IHostRunObserver<T> observer,
    int throttleLimit,
    TimeProvider time,
    CancellationToken cancellationToken
)
{
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(5);

    private readonly long _start = time.GetTimestamp();

    // Files answer at once: that their order is kept costs nothing, which it would with hosts that are far apart.
    private readonly Queue<HostTarget> _order = [];
    private readonly Dictionary<HostTarget, HostOutcome<IReadOnlyList<T>>> _held = [];
    private HostFanOut<IReadOnlyList<T>>? _hosts;
    private long? _shown;

    /// <summary>Gets a value indicating whether live hosts are handed over in their order, too, for readers who see nothing before the end.</summary>
    public bool KeepsOrder { get; init; }

    /// <summary>Gets a task that ends when no host is asked any more, after a cancellation too; it never fails.</summary>
    public Task Completion => _hosts?.Completion ?? Task.CompletedTask;

    /// <summary>Asks one host, or hosts, to the end.</summary>
    /// <param name="hosts">The hosts.</param>
    /// <param name="whileAsking">What to do while the first answer is on its way; its argument says whether one host is asked that has not answered.</param>
    public void Execute(IReadOnlyCollection<HostTarget> hosts, Action<bool>? whileAsking = null)
    {
        // One host needs no fan-out, and this machine no time to set one up.
        if (hosts.Count == 1)
        {
            ExecuteOne(hosts.First(), whileAsking);
            return;
        }

        foreach (HostTarget host in hosts)
        {
            Add(host);
        }

        whileAsking?.Invoke(false);
        Finish();
        if (cancellationToken.IsCancellationRequested)
        {
            Completion.Wait(s_goodbye, CancellationToken.None);
        }

        // What was held back for a host that a cancellation ended is an answer all the same.
        foreach (HostTarget host in _order)
        {
            if (_held.Remove(host, out HostOutcome<IReadOnlyList<T>> answered))
            {
                Take(answered);
            }
        }
    }

    /// <summary>Begins to ask a host, and returns at once.</summary>
    /// <param name="host">The host.</param>
    public void Add(HostTarget host)
    {
        _hosts ??= new HostFanOut<IReadOnlyList<T>>(throttleLimit, cancellationToken);
        if (HasPlace(host))
        {
            _order.Enqueue(host);
        }

        _hosts.Add(host, AskAsync);
    }

    /// <summary>Hands over what is ready, without waiting.</summary>
    public void Drain()
    {
        while (_hosts is not null && _hosts.TryRead(out HostOutcome<IReadOnlyList<T>> outcome))
        {
            TakeInOrder(outcome);
        }

        ShowProgress(_hosts?.EndedCount ?? 0, _hosts?.AddedCount ?? 0);
    }

    /// <summary>Hands over what comes until the last host has ended.</summary>
    public void Finish()
    {
        if (_hosts is null)
        {
            return;
        }

        _hosts.Complete();
        while (_hosts.Wait(s_interval))
        {
            Drain();
        }

        EndProgress();
    }

    private void ExecuteOne(HostTarget host, Action<bool>? whileAsking)
    {
        Task<IReadOnlyList<T>> asking = CollectAsync(host, cancellationToken);
        whileAsking?.Invoke(!asking.IsCompleted);
        while (Task.WaitAny([asking], s_interval) < 0 && !cancellationToken.IsCancellationRequested)
        {
            ShowProgress(ended: 0, added: 1);
        }

        // Its child processes end first, but a host that ignores that must not hold the caller.
        Task.WaitAny([asking], s_goodbye);

        EndProgress();
        if (asking.IsCompletedSuccessfully)
        {
            observer.OnResults(host, asking.Result);
        }
        else if (!cancellationToken.IsCancellationRequested)
        {
            observer.OnFailure(host, asking.Exception!.InnerException!);
        }
    }

    private bool HasPlace(HostTarget host) => KeepsOrder || host.IsRecorded;

    private void TakeInOrder(HostOutcome<IReadOnlyList<T>> outcome)
    {
        if (!HasPlace(outcome.Target))
        {
            Take(outcome);
            return;
        }

        _held[outcome.Target] = outcome;
        while (_order.TryPeek(out HostTarget? next) && _held.Remove(next, out HostOutcome<IReadOnlyList<T>> ready))
        {
            _order.Dequeue();
            Take(ready);
        }
    }

    private void Take(HostOutcome<IReadOnlyList<T>> outcome)
    {
        if (outcome.Error is null)
        {
            observer.OnResults(outcome.Target, outcome.Value!);
        }
        else
        {
            observer.OnFailure(outcome.Target, outcome.Error);
        }
    }

    private void ShowProgress(int ended, int added)
    {
        bool isDue = _shown is { } last
            ? time.GetElapsedTime(last) >= s_interval
            : time.GetElapsedTime(_start) >= s_silence;
        if (isDue && !cancellationToken.IsCancellationRequested)
        {
            _shown = time.GetTimestamp();
            observer.OnProgress(new HostProgress(ended, added, time.GetElapsedTime(_start)));
        }
    }

    private void EndProgress()
    {
        if (_shown is not null && !cancellationToken.IsCancellationRequested)
        {
            observer.OnProgressEnded();
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<T>> AskAsync(
        HostTarget host,
        [EnumeratorCancellation] CancellationToken stop
    )
    {
        yield return await CollectAsync(host, stop).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<T>> CollectAsync(HostTarget host, CancellationToken stop)
    {
        List<T> results = [];
        await foreach (T result in query(host, stop).ConfigureAwait(false))
        {
            results.Add(result);
        }

        return results;
    }
}
