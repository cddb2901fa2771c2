using NestVirt.Changes;
using NestVirt.Cli.Output;
using NestVirt.Cli.Tables;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Cli.Hosting;

/// <summary>Plans on every host at once, shows the plans, asks, and then changes every host at once.</summary>
/// <param name="prepare">Plans on one host.</param>
/// <param name="manner">How to go about it.</param>
/// <param name="format">How results are written.</param>
internal sealed class ChangeRun(
    Func<HostTarget, CancellationToken, Task<PreparedChange>> prepare,
    ChangeManner manner,
    OutputFormat format
)
{
    /// <summary>Makes the change.</summary>
    /// <param name="hosts">The hosts; at least one.</param>
    /// <param name="throttle">How many are changed at once.</param>
    /// <returns>The exit code.</returns>
    internal int Execute(IReadOnlyList<HostTarget> hosts, int throttle)
    {
        if (hosts.FirstOrDefault(static host => host.IsRecorded) is { } recorded)
        {
            string kind = recorded.Transport == HostTransport.Snapshot ? "a recorded host" : "a directory";
            throw new UsageException($"{recorded.Name} is {kind}: it can be read, not changed.", "Name a live host.");
        }

        Collector<PreparedChange> planned = new();
        int stopped = new HostRun<PreparedChange>(
            new AsyncQuery<PreparedChange>(prepare),
            static results => results,
            () => planned
        ).Execute(hosts, throttle);
        if (stopped >= ExitCode.SignalBase)
        {
            return stopped;
        }

        if (manner.IsWhatIf || manner.PlanPath is not null)
        {
            Show(hosts, planned);
        }
        else if (Ask(planned.Results))
        {
            return Apply(hosts, planned, throttle);
        }

        return Outcome(hosts.Count, planned.Failures.Count, isBlocked: false);
    }

    private static int Outcome(int hosts, int failures, bool isBlocked) =>
        failures == 0
            ? isBlocked
                ? ExitCode.Findings
                : ExitCode.Success
            : failures == hosts
                ? ExitCode.AllHostsFailed
                : ExitCode.SomeHostsFailed;

    private static void Write<T>(
        IResultSink<T> sink,
        IReadOnlyList<HostTarget> hosts,
        IEnumerable<T> results,
        Func<T, HostTarget> targetOf,
        IEnumerable<HostFailure> failures
    )
    {
        sink.Begin(hosts);
        foreach (T result in results)
        {
            sink.Take(targetOf(result), [result]);
        }

        foreach (HostFailure failure in failures)
        {
            sink.Fail(failure);
        }

        sink.End();
    }

    private void Show(IReadOnlyList<HostTarget> hosts, Collector<PreparedChange> planned)
    {
        ChangePlan[] plans = [.. planned.Results.Select(static change => change.Plan)];
        if (manner.PlanPath is { } path && plans.Length > 0)
        {
            PlanFile.Write(path, plans);
        }

        if (manner.PlanPath != PlanFile.StandardOutputPath)
        {
            Write(PlanSink(), hosts, plans, static plan => plan.Target, planned.Failures);
            Tell(plans);
        }
    }

    // An empty plan is written, too: an older one in its place would be applied.
    private void Tell(ChangePlan[] plans)
    {
        if (manner.PlanPath is { } path && plans.Length > 0)
        {
            string file = HostText.ForDisplay(path);
            Console.Error.WriteLine(
                plans.Any(static plan => plan.Changes.Count > 0)
                    ? $"The plan is in {file}: nestvirt apply {file} makes it so."
                    : $"There is nothing to change, and so says the plan in {file}."
            );
        }
    }

    // The plans are shown on the terminal, and the question with them.
    private bool Ask(IReadOnlyList<PreparedChange> changes)
    {
        PreparedChange[] toMake = [.. changes.Where(static change => change.Plan.Changes.Count > 0)];
        if (manner.IsYes || toMake.Length == 0)
        {
            return true;
        }

        Write(
            new PlanTable(new Page(Console.OpenStandardError())),
            [.. toMake.Select(static change => change.Plan.Target)],
            toMake.Select(static change => change.Plan),
            static plan => plan.Target,
            []
        );
        Console.Error.Write(
            toMake.Length == 1
                ? "\nMake these changes? [y/N] "
                : $"\nMake these changes on {toMake.Length} hosts? [y/N] "
        );
        bool isYes = Console.ReadLine()?.Trim() is "y" or "Y" or "yes" or "Yes" or "YES";
        if (!isYes)
        {
            Console.Error.WriteLine("Nothing was changed.");
        }

        return isYes;
    }

    private int Apply(IReadOnlyList<HostTarget> hosts, Collector<PreparedChange> planned, int throttle)
    {
        Dictionary<HostTarget, PreparedChange> changes = planned.Results.ToDictionary(static change =>
            change.Plan.Target
        );
        Collector<ChangeResult> made = new();
        int stopped = ExitCode.Success;
        if (changes.Count > 0)
        {
            AsyncQuery<ChangeResult> apply = new((host, token) => changes[host].ApplyAsync(token));
            stopped = new HostRun<ChangeResult>(apply, static results => results, () => made).Execute(
                [.. changes.Keys],
                throttle
            );
        }

        Write(
            ResultSink(),
            hosts,
            made.Results,
            static result => result.Target,
            [.. planned.Failures, .. made.Failures]
        );
        return stopped >= ExitCode.SignalBase
            ? stopped
            : Outcome(hosts.Count, planned.Failures.Count + made.Failures.Count, made.Results.Any(IsBlocked));
    }

    // What only waits for the next boot is as it should be; what a switch could have made so is not.
    private static bool IsBlocked(ChangeResult result) =>
        result.State == ChangeState.NotInEffect
        || result.Pending.Any(static finding => finding.Severity >= Severity.Warning);

    private IResultSink<ChangePlan> PlanSink() =>
        format switch
        {
            OutputFormat.Json => new JsonSink<ChangePlan>(
                new StandardOutput(),
                "nestvirt/change-plan/1",
                ResultJson.Of<ChangePlan>()
            ),
            OutputFormat.JsonLines => new JsonLinesSink<ChangePlan>(new StandardOutput(), ResultJson.Of<ChangePlan>()),
            OutputFormat.Csv => new CsvSink<ChangePlan>(
                new StandardOutput(),
                [
                    new("hostName", static plan => plan.HostName),
                    new("title", static plan => plan.Title),
                    new("changes", static plan => plan.Changes.Select(ChangeLines.PhraseOf)),
                    new("disruptions", static plan => plan.Disruptions),
                    new("pending", static plan => plan.Pending.Select(static finding => finding.Code)),
                ]
            ),
            _ => new PlanTable(new Page(new StandardOutput())),
        };

    private IResultSink<ChangeResult> ResultSink() =>
        format switch
        {
            OutputFormat.Json => new JsonSink<ChangeResult>(
                new StandardOutput(),
                "nestvirt/change/1",
                ResultJson.Of<ChangeResult>()
            ),
            OutputFormat.JsonLines => new JsonLinesSink<ChangeResult>(
                new StandardOutput(),
                ResultJson.Of<ChangeResult>()
            ),
            OutputFormat.Csv => new CsvSink<ChangeResult>(
                new StandardOutput(),
                [
                    new("hostName", static result => result.HostName),
                    new("title", static result => result.Title),
                    new("state", static result => result.State),
                    new("id", static result => result.Id),
                    new("changes", static result => result.Changes.Select(ChangeLines.PhraseOf)),
                    new("pending", static result => result.Pending.Select(static finding => finding.Code)),
                    new("findings", static result => result.Findings.Select(static finding => finding.Code)),
                ]
            ),
            _ => new ChangeTable(new Page(new StandardOutput())),
        };

    private sealed class Collector<T> : IResultSink<T>
    {
        public List<T> Results { get; } = [];

        public List<HostFailure> Failures { get; } = [];

        public void Begin(IReadOnlyList<HostTarget> hosts) { }

        public void Take(HostTarget host, IReadOnlyList<T> results) => Results.AddRange(results);

        public void Fail(HostFailure failure) => Failures.Add(failure);

        public void End() { }
    }
}
