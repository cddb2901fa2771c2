using NestVirt.Changes;
using NestVirt.Cli.Consent;
using NestVirt.Cli.Output;
using NestVirt.Execution;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Cli.Hosting;

/// <summary>Runs a change over hosts, and says how it went.</summary>
/// <param name="prepare">Plans on one host.</param>
/// <param name="options">How to go about it.</param>
/// <param name="format">How results are written.</param>
internal sealed class HostChanging(
    Func<HostTarget, CancellationToken, Task<PreparedChange>> prepare,
    ChangeOptions options,
    OutputFormat format
) : IChangeObserver
{
    private readonly Progress _progress = new();
    private readonly Dictionary<HostTarget, ChangePlan> _plans = [];
    private readonly List<ChangeResult> _results = [];
    private readonly List<HostFailure> _failures = [];

    /// <summary>Makes the change.</summary>
    /// <param name="hosts">The hosts; at least one.</param>
    /// <param name="throttle">How many are changed at once.</param>
    /// <returns>The exit code.</returns>
    internal int Execute(IReadOnlyList<HostTarget> hosts, int throttle)
    {
        if (!options.IsPlanOnly)
        {
            ThrowIfRecorded(hosts);
            ThrowIfSilent();
        }

        using StopSignals stop = new();
        ChangeRun run = new(
            options.IsPlanOnly ? null : new TerminalConsent(options.IsYes),
            this,
            throttle,
            options.Restart,
            stop.Token
        );
        foreach (HostTarget host in hosts)
        {
            run.Add(host, prepare);
        }

        run.Execute();
        if (stop.ExitCode is { } stopped && _results.Count == 0)
        {
            return stopped;
        }

        if (options.IsPlanOnly)
        {
            Show(hosts);
        }
        else
        {
            ChangeOutput.Write(
                ChangeOutput.Results(format),
                hosts,
                _results,
                static result => result.Target,
                _failures
            );
        }

        return stop.ExitCode
            ?? ExitCode.Of(
                hosts.Count,
                _failures.Count,
                _results.Any(IsBlocked),
                _failures.Count(static failure => failure.IsMisuse)
            );
    }

    /// <inheritdoc/>
    void IChangeObserver.OnPlan(ChangePlan plan) => _plans.Add(plan.Target, plan);

    /// <inheritdoc/>
    void IChangeObserver.OnResult(ChangeResult result)
    {
        _progress.Clear();
        _results.Add(result);
    }

    /// <inheritdoc/>
    void IChangeObserver.OnFailure(HostTarget host, Exception failure)
    {
        _progress.Clear();
        _failures.Add(HostFailure.From(host, failure));
        Complaint.Write(_failures[^1]);
    }

    /// <inheritdoc/>
    void IChangeObserver.OnLeft(IReadOnlyList<HostTarget> hosts)
    {
        _progress.Clear();
        Complaint.Write(
            $"What has begun on {string.Join(", ", hosts.Select(static host => host.Name))} goes on there to its end.",
            $"What became of it: nestvirt history{string.Concat(hosts.Select(static host => host.CommandWord is { } word ? $" {word}" : string.Empty))}"
        );
    }

    /// <inheritdoc/>
    void IChangeObserver.OnEnding(IReadOnlyList<HostTarget> hosts)
    {
        _progress.Clear();
        Complaint.Write(
            $"Ending at the next virtual machine of {string.Join(", ", hosts.Select(static host => host.Name))}: what is half done is brought to its end first.",
            null
        );
    }

    /// <inheritdoc/>
    void IChangeObserver.OnProgress(HostProgress progress) => _progress.Show(progress);

    /// <inheritdoc/>
    void IChangeObserver.OnProgressEnded() => _progress.Clear();

    private static void ThrowIfRecorded(IReadOnlyList<HostTarget> hosts)
    {
        if (hosts.FirstOrDefault(static host => host.IsRecorded) is { } recorded)
        {
            throw new UsageException(
                $"{recorded.Name} is {KindOf(recorded)}: it can be read and planned over, not changed.",
                "Add --what-if to plan over it, or name a live host."
            );
        }
    }

    private void ThrowIfSilent()
    {
        if (!options.IsYes && (Console.IsInputRedirected || Console.IsOutputRedirected))
        {
            throw new UsageException(
                "Nobody can be asked here whether to make the change.",
                "Look at it with --what-if, then repeat with --yes."
            );
        }
    }

    private static string KindOf(HostTarget host) =>
        host.Transport == HostTransport.Snapshot ? "a recorded host" : "a directory";

    // What only waits for the next boot is as it should be; what a switch could have made so is not.
    private static bool IsBlocked(ChangeResult result) =>
        result.State == ChangeState.NotInEffect
        || result.Pending.Any(static finding => finding.Severity >= Severity.Warning);

    private void Show(IReadOnlyList<HostTarget> hosts)
    {
        ChangePlan[] plans = [.. hosts.Select(host => _plans.GetValueOrDefault(host)).OfType<ChangePlan>()];
        if (options.PlanPath is { } path && plans.Length > 0)
        {
            PlanFile.Write(path, plans);
        }

        if (options.PlanPath != PlanFile.StandardOutputPath)
        {
            ChangeOutput.Write(ChangeOutput.Plans(format), hosts, plans, static plan => plan.Target, _failures);
            TellOfFile(plans);
        }
    }

    // An empty plan is written, too: an older one in its place would be applied.
    private void TellOfFile(ChangePlan[] plans)
    {
        if (options.PlanPath is not { } path || plans.Length == 0)
        {
            return;
        }

        string file = HostText.ForDisplay(path);
        string host = plans.Any(static plan => plan.IsRecorded) ? " HOST" : string.Empty;
        Console.Error.WriteLine(
            plans.Any(static plan => plan.Changes.Count > 0)
                ? $"The plan is in {file}: nestvirt apply {file}{host} makes it so."
                : $"There is nothing to change, and so says the plan in {file}."
        );
    }
}
