using System.Globalization;
using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.Execution;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Formatting;
using NestVirt.PowerShell.Parameters;
using NestVirt.Text;
using NestVirt.Transport;

namespace NestVirt.PowerShell.Pipeline;

/// <summary>Runs the changes of a cmdlet on its thread, and writes what becomes of them.</summary>
/// <remarks>What -PassThru writes comes last, so that a downstream cmdlet that wants no more leaves no host unchanged.</remarks>
internal sealed class HostChanging : IChangeObserver
{
    private readonly ConnectingCommand _cmdlet;
    private readonly ProgressDisplay _progress;
    private readonly ChangeRun _run;
    private readonly List<ChangeResult> _results = [];
    private readonly bool _passThru;
    private readonly bool _isPlan;

    /// <summary>Initializes a new instance of the <see cref="HostChanging"/> class.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="parameters">How it goes about changes.</param>
    /// <param name="isPlan">Whether plans are written, and nothing is changed.</param>
    /// <param name="isReviewed">Whether the plans come from elsewhere.</param>
    internal HostChanging(
        ConnectingCommand cmdlet,
        IChangeParameters parameters,
        bool isPlan = false,
        bool isReviewed = false
    )
    {
        _cmdlet = cmdlet;
        _progress = new ProgressDisplay(cmdlet);
        _passThru = parameters.PassThru;
        _isPlan = isPlan;
        PipelineConsent consent = new(cmdlet, parameters.Force, parameters.Restart, isReviewed, OnDeclined);
        _run = new ChangeRun(isPlan ? null : consent, this, cmdlet.ThrottleLimit, parameters.Restart, cmdlet.StopToken);
    }

    /// <summary>Gets a value indicating whether nothing will be changed, so that recorded hosts will do, too.</summary>
    private bool IsPlanOnly =>
        _isPlan
        || (
            _cmdlet.MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? given)
                ? (bool)(SwitchParameter)given
                : LanguagePrimitives.IsTrue(_cmdlet.SessionState.PSVariable.GetValue("WhatIfPreference"))
        );

    /// <summary>Ends the cmdlet when its parameters name recorded hosts that would have to be changed.</summary>
    internal void RequireLive(string parameterSet)
    {
        if (parameterSet is HostCommand.RecordedSet or HostCommand.RootSet && !IsPlanOnly)
        {
            _cmdlet.ThrowTerminatingError(ErrorRecords.HostRecorded(null));
        }
    }

    /// <summary>Adds a change.</summary>
    /// <param name="target">The host.</param>
    /// <param name="prepare">Plans the change. It runs off the pipeline thread.</param>
    internal void Add(HostTarget target, Func<HostTarget, CancellationToken, Task<PreparedChange>> prepare)
    {
        if (target.IsRecorded && !IsPlanOnly)
        {
            _cmdlet.WriteError(ErrorRecords.HostRecorded(target));
            return;
        }

        _cmdlet.WriteVerbose($"Planning for {target.Name} {HostConnector.Describe(target)}.");
        _run.Add(target, prepare);
    }

    /// <summary>Makes the changes.</summary>
    internal void Finish()
    {
        _run.Execute();
        if (_passThru)
        {
            _results.ForEach(_cmdlet.WriteObject);
        }
    }

    /// <inheritdoc/>
    void IChangeObserver.OnPlan(ChangePlan plan)
    {
        if (_isPlan)
        {
            _cmdlet.WriteObject(plan);
        }
        else if (plan.Changes.Count == 0)
        {
            _cmdlet.WriteVerbose($"{plan.HostName}: {plan.Title}: nothing to do.");
        }
    }

    /// <inheritdoc/>
    void IChangeObserver.OnResult(ChangeResult result)
    {
        _results.Add(result);
        if (result.Id is int id)
        {
            foreach (HostChange change in result.Changes)
            {
                _cmdlet.WriteVerbose($"{result.HostName}: {ChangeText.Of(change)}");
            }

            _cmdlet.WriteVerbose(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{result.HostName}: {result.Title}: {result.State} (change {id} of its journal)."
                )
            );
        }

        WriteFindings(
            result.HostName,
            result.Findings.Where(static finding => finding.Severity != Severity.Error).Concat(result.Pending)
        );
        if (result.State == ChangeState.NotInEffect)
        {
            _cmdlet.WriteError(ErrorRecords.NotInEffect(result));
        }
    }

    /// <inheritdoc/>
    void IChangeObserver.OnFailure(HostTarget host, Exception failure)
    {
        try
        {
            _cmdlet.WriteError(ErrorRecords.FromHost(failure, host));
        }
        catch (PipelineStoppedException) when (failure is NestVirtException)
        {
            // The person at the terminal shall know all the same, as of what is left.
            _cmdlet.Host.UI.WriteErrorLine(HostText.ForDisplay($"{host.Name}: {failure.Message}"));
            throw;
        }
    }

    /// <inheritdoc/>
    void IChangeObserver.OnProgress(HostProgress progress) => _progress.Show(progress);

    /// <inheritdoc/>
    void IChangeObserver.OnProgressEnded() => _progress.End();

    /// <inheritdoc/>
    void IChangeObserver.OnLeft(IReadOnlyList<HostTarget> hosts)
    {
        string names = string.Join(", ", hosts.Select(static host => host.Name));
        Tell($"What has begun on {names} goes on there to its end. Get-NestChange shows what became of it.");
    }

    /// <inheritdoc/>
    void IChangeObserver.OnEnding(IReadOnlyList<HostTarget> hosts)
    {
        string names = string.Join(", ", hosts.Select(static host => host.Name));
        Tell($"Ending at the next virtual machine of {names}: what is half done is brought to its end first.");
    }

    private void Tell(string text)
    {
        try
        {
            _cmdlet.WriteWarning(text);
        }
        catch (Exception error) when (error is PipelineStoppedException or ActionPreferenceStopException)
        {
            // A pipeline that is being stopped takes nothing any more; the person at the terminal shall know all the same.
            _cmdlet.Host.UI.WriteWarningLine(text);
        }
    }

    private void OnDeclined(ChangePlan plan) => WriteFindings(plan.HostName, plan.Findings.Concat(plan.Pending));

    private void WriteFindings(string hostName, IEnumerable<Finding> findings)
    {
        foreach (Finding finding in findings)
        {
            string evidence = finding.Evidence is null ? string.Empty : $" ({finding.Evidence})";
            string text = HostText.ForDisplay(
                $"{hostName}: {finding.Message}{evidence}{(finding.Remedy is null ? string.Empty : $" {finding.Remedy}")}{(finding.Command is null ? string.Empty : $" Run: {finding.Command}")}"
            );
            if (finding.Severity == Severity.Information)
            {
                _cmdlet.WriteVerbose(text);
            }
            else
            {
                _cmdlet.WriteWarning(text);
            }
        }
    }
}
