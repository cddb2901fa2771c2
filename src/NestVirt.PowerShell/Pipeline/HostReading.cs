using NestVirt.Execution;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Parameters;
using NestVirt.Questions;
using NestVirt.Text;
using NestVirt.Transport;

namespace NestVirt.PowerShell.Pipeline;

/// <summary>Asks many hosts at once, and hands what each gave to a cmdlet, on its thread.</summary>
/// <typeparam name="T">The type of a result.</typeparam>
internal sealed class HostReading<T> : IHostRunObserver<T>
{
    private readonly ConnectingCommand _cmdlet;
    private readonly IHostQuery<T> _query;
    private readonly Action<HostTarget, IReadOnlyList<T>> _take;
    private readonly ProgressDisplay _progress;
    private readonly HostRun<T> _run;

    // A host that comes down the pipeline with each of its devices is asked once.
    private readonly HashSet<HostTarget> _asked = [];

    /// <summary>Initializes a new instance of the <see cref="HostReading{T}"/> class.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="query">What to ask. It runs off the pipeline thread.</param>
    /// <param name="take">Takes what a host gave.</param>
    internal HostReading(ConnectingCommand cmdlet, IHostQuery<T> query, Action<HostTarget, IReadOnlyList<T>> take)
    {
        _cmdlet = cmdlet;
        _query = query;
        _take = take;
        _progress = new ProgressDisplay(cmdlet);
        _run = new HostRun<T>(query.RunAsync, this, cmdlet.ThrottleLimit, TimeProvider.System, cmdlet.StopToken);
    }

    /// <summary>Gets a value indicating whether a host has answered.</summary>
    internal bool HasAnswer { get; private set; }

    /// <summary>Asks a host, unless it was asked.</summary>
    internal void Ask(HostTarget target)
    {
        if (_asked.Add(target))
        {
            _cmdlet.WriteVerbose($"Asking {target.Name} {HostConnector.Describe(target)}.");
            _run.Add(target);
        }
    }

    /// <summary>Hands over what is ready.</summary>
    internal void Drain() => _run.Drain();

    /// <summary>Hands over what comes until the last host has ended.</summary>
    internal void Finish() => _run.Finish();

    /// <inheritdoc/>
    void IHostRunObserver<T>.OnResults(HostTarget host, IReadOnlyList<T> results)
    {
        HasAnswer = true;
        foreach (Finding note in _query.FindingsOf(host))
        {
            _cmdlet.WriteWarning(HostText.ForDisplay($"{host.Name}: {note.Message} {note.Remedy}"));
        }

        _take(host, results);
    }

    /// <inheritdoc/>
    void IHostRunObserver<T>.OnFailure(HostTarget host, Exception failure) =>
        _cmdlet.WriteError(ErrorRecords.FromHost(failure, host));

    /// <inheritdoc/>
    void IHostRunObserver<T>.OnProgress(HostProgress progress) => _progress.Show(progress);

    /// <inheritdoc/>
    void IHostRunObserver<T>.OnProgressEnded() => _progress.End();
}
