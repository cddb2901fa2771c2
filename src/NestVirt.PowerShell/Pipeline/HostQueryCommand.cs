using NestVirt.Execution;
using NestVirt.Hosts;
using NestVirt.PowerShell.Errors;
using NestVirt.Questions;

namespace NestVirt.PowerShell.Pipeline;

/// <summary>Asks many hosts at once and handles each answer when it arrives.</summary>
/// <typeparam name="T">The type of an answer.</typeparam>
public abstract class HostQueryCommand<T> : HostCommand
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(250);

    // A host that comes down the pipeline with each of its devices is asked once.
    private readonly HashSet<HostTarget> _asked = [];
    private HostFanOut<T> _hosts = null!;
    private IHostQuery<T> _query = null!;
    private QueryProgress _progress = null!;
    private readonly HashSet<HostTarget> _failed = [];

    /// <summary>Makes the query. It runs off the pipeline thread.</summary>
    /// <returns>The query.</returns>
    protected abstract IHostQuery<T> CreateQuery();

    /// <summary>Handles one answer on the pipeline thread.</summary>
    /// <param name="value">The answer.</param>
    protected abstract void OnValue(T value);

    /// <summary>Says what can be said only when every host has answered or failed, and at least one has answered.</summary>
    /// <param name="hosts">The hosts that have answered.</param>
    private protected virtual void OnAnswered(IReadOnlyList<HostTarget> hosts) { }

    /// <summary>Writes an error for each value that no host has.</summary>
    private protected void WriteNotFound(string what, IEnumerable<string> values)
    {
        foreach (string value in values)
        {
            WriteError(ErrorRecords.ValueNotFound(what, value));
        }
    }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _query = CreateQuery();
        _progress = new QueryProgress(MyInvocation.MyCommand.Name, TimeProvider.System);
        _hosts = new HostFanOut<T>(ThrottleLimit, StopToken);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (HostTarget target in Targets())
        {
            if (_asked.Add(target))
            {
                WriteVerbose($"Asking {target.Name} over {target.Transport}.");
                _hosts.Add(target, _query.RunAsync);
            }
        }

        Drain();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        _hosts.Complete();
        while (_hosts.Wait(s_tick))
        {
            Drain();
        }

        if (!StopToken.IsCancellationRequested && _asked.Count > _failed.Count)
        {
            OnAnswered([.. _asked.Where(target => !_failed.Contains(target))]);
        }

        if (_progress.IsShown && !StopToken.IsCancellationRequested)
        {
            WriteProgress(_progress.Completed());
        }
    }

    private void Drain()
    {
        while (_hosts.TryRead(out HostOutcome<T> outcome))
        {
            if (outcome.Error is null)
            {
                OnValue(outcome.Value!);
            }
            else
            {
                _failed.Add(outcome.Target);
                WriteError(ErrorRecords.FromHost(outcome.Error, outcome.Target));
            }
        }

        if (_progress.IsDue() && !StopToken.IsCancellationRequested)
        {
            WriteProgress(_progress.Next(_hosts.EndedCount, _hosts.AddedCount));
        }
    }
}
