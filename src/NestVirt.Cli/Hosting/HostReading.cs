using NestVirt.Cli.Output;
using NestVirt.Execution;
using NestVirt.Filters;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Cli.Hosting;

/// <summary>Puts a question to hosts, hands the answers on as they arrive, and says how it went.</summary>
/// <typeparam name="T">The type of a result.</typeparam>
/// <param name="query">The question.</param>
/// <param name="filter">Keeps the results that are wanted.</param>
/// <param name="createSink">Makes what results go to; called while the first host is asked.</param>
internal sealed class HostReading<T>(IHostQuery<T> query, ResultFilter<T> filter, Func<IResultSink<T>> createSink)
    : IHostRunObserver<T>
{
    private static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(5);

    private readonly Progress _progress = new();
    private Action _giveUp = static () => { };
    private readonly HashSet<HostTarget> _silent = [];
    private int _failedCount;
    private int _misusedCount;
    private bool _hasFailure;
    private IResultSink<T>? _sink;

    /// <summary>Gets what goes once through the code that reads and prints an answer, so that it is compiled when the answer comes.</summary>
    internal Action WarmUp { get; init; } = static () => { };

    /// <summary>Gets a value indicating whether results come in the order of the hosts, and not as hosts answer.</summary>
    internal bool KeepsOrder { get; init; }

    /// <summary>Gets what tells whether a result says of its host that it failed.</summary>
    internal Func<T, bool> IsDown { get; init; } = static _ => false;

    /// <summary>Gets whether a result makes the command fail, though its host answered.</summary>
    internal Func<T, bool> IsFailure { get; init; } = static _ => false;

    /// <summary>Asks the hosts.</summary>
    /// <param name="hosts">The hosts; at least one.</param>
    /// <param name="throttle">How many are asked at once.</param>
    /// <returns>The exit code.</returns>
    internal int Execute(IReadOnlyList<HostTarget> hosts, int throttle)
    {
        using StopSignals stop = new();
        _giveUp = stop.Stop;
        _silent.UnionWith(hosts);
        HostRun<T> run = new(query.RunAsync, this, throttle, TimeProvider.System, stop.Token)
        {
            KeepsOrder = KeepsOrder,
        };
        try
        {
            run.Execute(hosts, isWaiting => Prepare(hosts, isWaiting));
        }
        finally
        {
            // Whoever still runs ends its child processes first.
            run.Completion.Wait(s_goodbye);
        }

        if (stop.ExitCode is not null)
        {
            TellSilent(hosts);
        }
        else if (_failedCount < hosts.Count)
        {
            TellMissing();
        }

        _sink!.End();
        return stop.ExitCode ?? ExitCode.Of(hosts.Count, _failedCount, _hasFailure, _misusedCount);
    }

    /// <inheritdoc/>
    void IHostRunObserver<T>.OnResults(HostTarget host, IReadOnlyList<T> results)
    {
        _progress.Clear();
        _silent.Remove(host);
        foreach (Finding note in query.FindingsOf(host))
        {
            Complaint.Write(HostFailure.From(host, note));
        }

        if (filter.FindNote(results) is { } missed)
        {
            Complaint.Write(HostFailure.From(host, missed));
        }

        IReadOnlyList<T> wanted = filter.Keep(results);
        _hasFailure |= wanted.Any(IsFailure);
        _failedCount += wanted.Any(IsDown) ? 1 : 0;
        try
        {
            _sink!.Take(host, wanted);
        }
        catch (BrokenPipeException)
        {
            _giveUp();
            throw;
        }
    }

    /// <inheritdoc/>
    void IHostRunObserver<T>.OnFailure(HostTarget host, Exception failure)
    {
        _silent.Remove(host);
        HostFailure failed = HostFailure.From(host, failure);
        _failedCount++;
        _misusedCount += failed.IsMisuse ? 1 : 0;
        Fail(failed);
    }

    /// <inheritdoc/>
    void IHostRunObserver<T>.OnProgress(HostProgress progress) => _progress.Show(progress);

    /// <inheritdoc/>
    void IHostRunObserver<T>.OnProgressEnded() => _progress.Clear();

    // The host needs time to answer, so all that prints is made after it is asked.
    private void Prepare(IReadOnlyList<HostTarget> hosts, bool isWaiting)
    {
        _sink = createSink();
        if (isWaiting)
        {
            WarmUp();
        }

        try
        {
            _sink.Begin(hosts);
        }
        catch (BrokenPipeException)
        {
            _giveUp();
            throw;
        }
    }

    // What is written until then must not look like all there is.
    private void TellSilent(IReadOnlyList<HostTarget> hosts)
    {
        _progress.Clear();
        Complaint.Write($"stopped before {_silent.Count} of {hosts.Count} hosts had answered.", remedy: null);
        foreach (HostTarget host in hosts.Where(_silent.Contains))
        {
            _sink!.Fail(HostFailure.Stopped(host));
        }
    }

    private void TellMissing()
    {
        foreach (MissingValue missing in filter.Missing)
        {
            _hasFailure = true;
            Fail(HostFailure.From(missing));
        }
    }

    private void Fail(HostFailure failure)
    {
        _progress.Clear();
        Complaint.Write(failure);
        _sink!.Fail(failure);
    }
}
