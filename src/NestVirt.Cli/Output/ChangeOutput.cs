using NestVirt.Changes;
using NestVirt.Cli.Tables;
using NestVirt.Hosts;

namespace NestVirt.Cli.Output;

/// <summary>Writes plans, and what became of changes.</summary>
internal static class ChangeOutput
{
    /// <summary>Writes what hosts gave, and which of them failed.</summary>
    internal static void Write<T>(
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

    /// <summary>Makes what writes plans.</summary>
    internal static IResultSink<ChangePlan> Plans(OutputFormat format) =>
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
                    new("isRecorded", static plan => plan.IsRecorded),
                ]
            ),
            _ => new PlanTable(new Page(new StandardOutput())),
        };

    /// <summary>Makes what writes what became of changes.</summary>
    internal static IResultSink<ChangeResult> Results(OutputFormat format) =>
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
}
