using System.Runtime.CompilerServices;
using NestVirt.Cli.Output;
using NestVirt.Execution;
using NestVirt.Hosts;
using NestVirt.Questions;

namespace NestVirt.Cli.Hosting;

/// <summary>Puts a question to hosts, hands the answers on as they arrive, and says how it went.</summary>
/// <typeparam name="T">The type of a result.</typeparam>
/// <param name="query">The question.</param>
/// <param name="filter">Keeps the results that are wanted, of all that a host gave.</param>
/// <param name="createSink">Makes what results go to; called while the first host is asked.</param>
internal sealed class HostRun<T>(
    IHostQuery<T> query,
    Func<IReadOnlyList<T>, IReadOnlyList<T>> filter,
    Func<IResultSink<T>> createSink
)
{
    private static readonly TimeSpan s_progressInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(5);

    private int _doneCount;
    private int _failedCount;
    private bool _hasFailure;
    private Progress? _progress;
    private IResultSink<T>? _sink;

    /// <summary>Gets what goes once through the code that reads and prints an answer, so that it is compiled when the answer comes.</summary>
    internal Action Rehearse { get; init; } = static () => { };

    /// <summary>Gets whether a result makes the command fail, though its host answered.</summary>
    internal Func<T, bool> IsFailure { get; init; } = static _ => false;

    /// <summary>Asks the hosts.</summary>
    /// <param name="hosts">The hosts; at least one.</param>
    /// <param name="throttle">How many are asked at once.</param>
    /// <returns>The exit code.</returns>
    internal int Execute(IReadOnlyList<HostTarget> hosts, int throttle)
    {
        using StopSignals stop = new();
        _progress = new Progress(hosts.Count);

        // One host needs no fan-out, and this machine no time to set one up.
        if (hosts.Count == 1)
        {
            AskOne(hosts, stop);
        }
        else
        {
            AskMany(hosts, throttle, stop);
        }

        _progress.Clear();
        _sink!.End();
        return stop.ExitCode
            ?? (
                _failedCount == 0 ? (_hasFailure ? ExitCode.Findings : ExitCode.Success)
                : _failedCount == hosts.Count ? ExitCode.AllHostsFailed
                : ExitCode.SomeHostsFailed
            );
    }

    private void AskOne(IReadOnlyList<HostTarget> hosts, StopSignals stop)
    {
        HostTarget host = hosts[0];
        Task<IReadOnlyList<T>> asking = CollectAsync(host, stop.Token);

        // The host needs time to answer, so all that prints is made after it is asked.
        _sink = createSink();
        if (!asking.IsCompleted)
        {
            Rehearse();
        }

        while (Task.WaitAny([asking], s_progressInterval) < 0)
        {
            _progress!.Show(_doneCount);
        }

        _sink.Begin(hosts);
        if (asking.IsCompletedSuccessfully)
        {
            Take(host, asking.Result);
        }
        else if (!stop.Token.IsCancellationRequested)
        {
            Fail(host, asking.Exception!.InnerException!);
        }
    }

    private void AskMany(IReadOnlyList<HostTarget> hosts, int throttle, StopSignals stop)
    {
        HostFanOut<IReadOnlyList<T>> all = new(throttle, stop.Token);
        foreach (HostTarget host in hosts)
        {
            all.Add(host, AskAsync);
        }

        all.Complete();
        try
        {
            _sink = createSink();
            _sink.Begin(hosts);
            while (all.Wait(s_progressInterval))
            {
                while (all.TryRead(out HostOutcome<IReadOnlyList<T>> outcome))
                {
                    Take(outcome);
                }

                _progress!.Show(_doneCount);
            }
        }
        catch (BrokenPipeException)
        {
            stop.Stop();
            throw;
        }
        finally
        {
            // Whoever still runs ends its child processes first.
            all.Completion.Wait(s_goodbye);
        }
    }

    private void Take(HostOutcome<IReadOnlyList<T>> outcome)
    {
        if (outcome.Error is null)
        {
            Take(outcome.Target, outcome.Value!);
        }
        else
        {
            Fail(outcome.Target, outcome.Error);
        }
    }

    private void Take(HostTarget host, IReadOnlyList<T> results)
    {
        _doneCount++;
        _progress!.Clear();
        IReadOnlyList<T> wanted = filter(results);
        _hasFailure |= wanted.Any(IsFailure);
        _sink!.Take(host, wanted);
    }

    private void Fail(HostTarget host, Exception error)
    {
        _doneCount++;
        _failedCount++;
        _progress!.Clear();
        HostFailure failure = HostFailure.From(host, error);
        Complaint.Write(failure);
        _sink!.Fail(failure);
    }

    // What a host says is kept together: a table of it is not cut by another host's.
    private async IAsyncEnumerable<IReadOnlyList<T>> AskAsync(
        HostTarget host,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        yield return await CollectAsync(host, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<T>> CollectAsync(HostTarget host, CancellationToken cancellationToken)
    {
        List<T> results = [];
        await foreach (T result in query.RunAsync(host, cancellationToken).ConfigureAwait(false))
        {
            results.Add(result);
        }

        return results;
    }
}
