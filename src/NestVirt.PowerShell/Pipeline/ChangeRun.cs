using System.Collections.Concurrent;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using NestVirt.Changes;
using NestVirt.Execution;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Formatting;
using NestVirt.Text;

namespace NestVirt.PowerShell.Pipeline;

/// <summary>Plans on every host at once, asks on the pipeline thread, then changes every host at once.</summary>
/// <remarks>
/// Nothing begins before all input is read. Of several changes of one host each is planned when the one before it is
/// made. What -PassThru writes comes last, so that a downstream cmdlet that wants no more leaves no host unchanged.
/// </remarks>
/// <param name="cmdlet">The cmdlet, whose thread this runs on.</param>
/// <param name="manner">How to go about it.</param>
/// <param name="stop">Ends the waiting.</param>
internal sealed class ChangeRun(PSCmdlet cmdlet, ChangeManner manner, CancellationToken stop)
{
    private readonly List<(
        HostTarget Target,
        Func<HostTarget, CancellationToken, Task<PreparedChange>> Act
    )> _waiting = [];
    private readonly List<ChangeResult> _results = [];
    private readonly ConcurrentDictionary<string, bool> _running = [];
    private bool _yesToAll;
    private bool _noToAll;

    /// <summary>Adds a change.</summary>
    /// <param name="target">The host.</param>
    /// <param name="prepare">Plans the change. It runs off the pipeline thread.</param>
    internal void Add(HostTarget target, Func<HostTarget, CancellationToken, Task<PreparedChange>> prepare)
    {
        if (target.IsRecorded)
        {
            cmdlet.WriteError(ErrorRecords.HostRecorded(target));
        }
        else
        {
            cmdlet.WriteVerbose($"Planning for {target.Name} over {target.Transport}.");
            _waiting.Add((target, prepare));
        }
    }

    /// <summary>Makes the changes.</summary>
    internal void Execute()
    {
        while (_waiting.Count > 0 && !stop.IsCancellationRequested)
        {
            // A host takes one change at a time.
            (HostTarget, Func<HostTarget, CancellationToken, Task<PreparedChange>>)[] round =
            [
                .. _waiting.DistinctBy(static work => (work.Target.Name, work.Target.Port, work.Target.Transport)),
            ];
            _waiting.RemoveAll(work => Array.IndexOf(round, work) >= 0);
            List<PreparedChange> approved = [];
            OnAll(round, change => Consider(change, approved));
            Apply(approved);
        }

        if (manner.PassThru)
        {
            _results.ForEach(cmdlet.WriteObject);
        }
    }

    private void Consider(PreparedChange change, List<PreparedChange> approved)
    {
        ChangePlan plan = change.Plan;
        if (manner.AsPlan)
        {
            cmdlet.WriteObject(plan);
        }
        else if (plan.Changes.Count == 0)
        {
            cmdlet.WriteVerbose($"{plan.HostName}: {plan.Title}: nothing to do.");
            approved.Add(change);
        }
        else if (Agreed(change) is { } agreed && MayInterrupt(agreed.Plan))
        {
            approved.Add(agreed);
        }
        else
        {
            Tell(plan.HostName, plan.Findings.Concat(plan.Pending));
        }
    }

    private PreparedChange? Agreed(PreparedChange change)
    {
        ChangePlan plan = change.Plan;
        if (manner.ApplyPart is not { } applyPart)
        {
            string all = string.Join("; ", plan.Changes.Select(ChangeText.Of));
            return cmdlet.ShouldProcess(plan.HostName, $"{plan.Title}: {all}") ? change : null;
        }

        ILookup<bool, HostChange> choice = plan.Changes.ToLookup(one =>
            cmdlet.ShouldProcess(plan.HostName, ChangeText.Of(one))
        );
        ChangePlan part = plan with { Changes = [.. choice[true]], LeftOut = [.. choice[false]] };
        return part.Changes.Count == 0 ? null
            : part.LeftOut.Count == 0 ? change
            : new PreparedChange(part, token => applyPart(part, token));
    }

    private bool MayInterrupt(ChangePlan plan)
    {
        string[] disruptions =
        [
            .. plan.Disruptions,
            .. manner.Restart ? ["restarts the host if the change waits for that"] : Array.Empty<string>(),
        ];
        if (disruptions.Length == 0 || manner.Force || cmdlet.MyInvocation.BoundParameters.ContainsKey("Confirm"))
        {
            return true;
        }

        string question = HostText.ForDisplay($"This {string.Join(", and ", disruptions)}. Go on?");
        try
        {
            return cmdlet.ShouldContinue(question, $"Interrupt {plan.HostName}", ref _yesToAll, ref _noToAll);
        }
        catch (Exception error) when (error is PSInvalidOperationException or HostException)
        {
            cmdlet.WriteError(ErrorRecords.ConfirmationNotPossible(error, plan.Target, question));
            return false;
        }
    }

    private void Apply(List<PreparedChange> changes)
    {
        try
        {
            OnAll(changes.Select(change => (change.Plan.Target, Work(change))), OnResult);
        }
        finally
        {
            if (!_running.IsEmpty)
            {
                WarnOfRunning();
            }
        }
    }

    private Func<HostTarget, CancellationToken, Task<ChangeResult>> Work(PreparedChange change) =>
        async (target, token) =>
        {
            bool isReal = change.Plan.Changes.Count > 0 && _running.TryAdd(target.Name, true);
            try
            {
                ChangeResult result = await change.ApplyAsync(token).ConfigureAwait(false);
                return result;
            }
            finally
            {
                // Once waiting for it was given up, nobody knows how far it is.
                if (isReal && !token.IsCancellationRequested)
                {
                    _running.TryRemove(target.Name, out _);
                }
            }
        };

    private void OnResult(ChangeResult result)
    {
        _results.Add(result);
        foreach (HostChange change in result.Id is null ? [] : result.Changes)
        {
            cmdlet.WriteVerbose($"{result.HostName}: {ChangeText.Of(change)}");
        }

        if (result.Id is int id)
        {
            cmdlet.WriteVerbose(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{result.HostName}: {result.Title}: {result.State} (change {id} of its journal)."
                )
            );
        }

        Tell(
            result.HostName,
            result.Findings.Where(static finding => finding.Severity != Severity.Error).Concat(result.Pending)
        );
        if (result.State == ChangeState.NotInEffect)
        {
            cmdlet.WriteError(ErrorRecords.NotInEffect(result));
        }
    }

    private void Tell(string hostName, IEnumerable<Finding> findings)
    {
        foreach (Finding finding in findings)
        {
            string evidence = finding.Evidence is null ? string.Empty : $" ({finding.Evidence})";
            string text = HostText.ForDisplay(
                $"{hostName}: {finding.Message}{evidence}{(finding.Remedy is null ? string.Empty : $" {finding.Remedy}")}"
            );
            if (finding.Severity == Severity.Information)
            {
                cmdlet.WriteVerbose(text);
            }
            else
            {
                cmdlet.WriteWarning(text);
            }
        }
    }

    private void WarnOfRunning()
    {
        string text =
            $"What has begun on {string.Join(", ", _running.Keys.Order(StringComparer.Ordinal))} goes on there to its end. Get-NestChange shows what became of it.";
        try
        {
            cmdlet.WriteWarning(text);
        }
        catch (Exception error) when (error is PipelineStoppedException or ActionPreferenceStopException)
        {
            // A pipeline that is being stopped takes nothing any more; the person at the terminal shall know all the same.
            cmdlet.Host.UI.WriteWarningLine(text);
        }
    }

    private void OnAll<T>(
        IEnumerable<(HostTarget Target, Func<HostTarget, CancellationToken, Task<T>> Act)> work,
        Action<T> onValue
    )
    {
        Dictionary<HostTarget, Func<HostTarget, CancellationToken, Task<T>>> acts = work.ToDictionary(
            static one => one.Target,
            static one => one.Act
        );
        HostRun<T> run = new(
            (host, token) => One(acts[host](host, token)),
            new Observer<T>(cmdlet, onValue),
            manner.ThrottleLimit,
            TimeProvider.System,
            stop
        );
        foreach (HostTarget host in acts.Keys)
        {
            run.Add(host);
        }

        run.Finish();
    }

    private static async IAsyncEnumerable<T> One<T>(Task<T> value)
    {
        yield return await value.ConfigureAwait(false);
    }

    private sealed class Observer<T>(PSCmdlet cmdlet, Action<T> onValue) : IHostRunObserver<T>
    {
        private readonly ProgressDisplay _progress = new(cmdlet);

        public void OnResults(HostTarget host, IReadOnlyList<T> results) => onValue(results[0]);

        public void OnFailure(HostTarget host, Exception failure) =>
            cmdlet.WriteError(ErrorRecords.FromHost(failure, host));

        public void OnProgress(HostProgress progress) => _progress.Show(progress);

        public void OnProgressEnded() => _progress.End();
    }
}
