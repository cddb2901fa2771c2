using System.Threading.Channels;
using NestVirt.Hosts;

namespace NestVirt.Execution;

/// <summary>Asks many hosts at once and hands the outcomes to a single reader as they arrive.</summary>
/// <typeparam name="T">The type of a value.</typeparam>
internal sealed class HostFanOut<T>
{
    private readonly Channel<(
        HostTarget Target,
        Func<HostTarget, CancellationToken, IAsyncEnumerable<T>> Query
    )> _work = Channel.CreateUnbounded<(HostTarget, Func<HostTarget, CancellationToken, IAsyncEnumerable<T>>)>();

    private readonly Channel<HostOutcome<T>> _outcomes = Channel.CreateUnbounded<HostOutcome<T>>(
        new UnboundedChannelOptions { SingleReader = true }
    );

    private Task<bool>? _waiting;
    private int _added;
    private int _ended;

    /// <summary>Initializes a new instance of the <see cref="HostFanOut{T}"/> class.</summary>
    /// <param name="throttleLimit">How many hosts are asked at once.</param>
    /// <param name="cancellationToken">Stops every host. The reader is not told: it just sees no more outcomes.</param>
    public HostFanOut(int throttleLimit, CancellationToken cancellationToken)
    {
        // A host that ignores the token must not hold the reader. Callbacks run last in, first out: this one runs when
        // the hosts' own have ended their processes, so that none is left behind by a program that then ends.
        cancellationToken.Register(() => _outcomes.Writer.TryComplete());

        ParallelOptions options = new()
        {
            MaxDegreeOfParallelism = throttleLimit,
            CancellationToken = cancellationToken,
        };
        Task all = Parallel.ForEachAsync(
            _work.Reader.ReadAllAsync(cancellationToken),
            options,
            (work, token) => AskAsync(work.Target, work.Query, token)
        );
        Completion = all.ContinueWith(
            ended =>
            {
                // Only cancellation ends it with an exception.
                _ = ended.Exception;
                _outcomes.Writer.TryComplete();
            },
            TaskScheduler.Default
        );
    }

    /// <summary>Gets a task that ends when no host is asked any more, after a cancellation too; it never fails.</summary>
    public Task Completion { get; }

    /// <summary>Gets how many hosts were added.</summary>
    public int AddedCount => Volatile.Read(ref _added);

    /// <summary>Gets how many hosts gave their last outcome.</summary>
    public int EndedCount => Volatile.Read(ref _ended);

    /// <summary>Adds a host and returns at once.</summary>
    /// <param name="target">The host.</param>
    /// <param name="query">What to ask it. Each value reaches the reader when it is produced.</param>
    public void Add(HostTarget target, Func<HostTarget, CancellationToken, IAsyncEnumerable<T>> query)
    {
        Interlocked.Increment(ref _added);
        _work.Writer.TryWrite((target, query));
    }

    /// <summary>Says that no more hosts follow: the reader ends after the last outcome.</summary>
    public void Complete() => _work.Writer.TryComplete();

    /// <summary>Takes an outcome that is ready, without waiting.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <returns>True if there was one.</returns>
    public bool TryRead(out HostOutcome<T> outcome) => _outcomes.Reader.TryRead(out outcome);

    /// <summary>Waits until an outcome is ready or the time is over.</summary>
    /// <param name="timeout">How long to wait.</param>
    /// <returns>False when no outcome will come any more.</returns>
    public bool Wait(TimeSpan timeout)
    {
        // A wait that timed out is taken up again: the channel has room for one waiting reader.
        _waiting ??= _outcomes.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        if (!_waiting.Wait(timeout))
        {
            return true;
        }

        bool hasMore = _waiting.Result;
        _waiting = null;
        return hasMore;
    }

    /// <summary>Yields outcomes until the last host ends.</summary>
    /// <returns>The outcomes, in the order of arrival.</returns>
    public IAsyncEnumerable<HostOutcome<T>> ReadAllAsync() => _outcomes.Reader.ReadAllAsync(CancellationToken.None);

    private async ValueTask AskAsync(
        HostTarget target,
        Func<HostTarget, CancellationToken, IAsyncEnumerable<T>> query,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await foreach (T value in query(target, cancellationToken).ConfigureAwait(false))
            {
                _outcomes.Writer.TryWrite(new HostOutcome<T>(target, value, Error: null));
            }
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            _outcomes.Writer.TryWrite(new HostOutcome<T>(target, Value: default, error));
        }
        finally
        {
            Interlocked.Increment(ref _ended);
        }
    }
}
