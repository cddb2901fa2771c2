using System.CommandLine;
using System.CommandLine.Completions;
using NestVirt.Cli.Hosting;
using NestVirt.Cli.Output;
using NestVirt.Cli.Tables;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Questions;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt support</c>: the main job.</summary>
internal sealed class SupportCommand : ReadCommand<NestedSupport>
{
    private static readonly string[] s_thresholds = ["blocked", "configurable", "unknown"];

    private readonly Option<string?> _failOn = new("--fail-on")
    {
        Description =
            "End with exit code 1 when a host is blocked; with configurable, also when one needs a setting; with unknown, when one is not Ready.",
        HelpName = string.Join('|', s_thresholds),
        CompletionSources = { _ => s_thresholds.Select(static word => new CompletionItem(word)) },
    };

    /// <inheritdoc/>
    protected override string Schema => "nestvirt/support/1";

    /// <inheritdoc/>
    protected override IReadOnlyList<CsvColumn<NestedSupport>> Columns { get; } =
    [
        new("hostName", static host => host.HostName),
        new("platform", static host => host.Platform),
        new("architecture", static host => host.Architecture),
        new("cpu.vendor", static host => host.Cpu.Vendor),
        new("cpu.model", static host => host.Cpu.Model),
        new("virtualization.extension", static host => host.Virtualization.Extension),
        new("virtualization.state", static host => host.Virtualization.State),
        new("virtualization.features", static host => host.Virtualization.Features),
        new("hypervisor.vendor", static host => host.Hypervisor.Vendor),
        new("layer", static host => host.Layer),
        new("nested.module", static host => host.Nested.Module),
        new("nested.effective", static host => host.Nested.Effective),
        new("nested.configured", static host => host.Nested.Configured),
        new("nested.nextBoot", static host => host.Nested.NextBoot),
        new("iommu.state", static host => host.Iommu.State),
        new("iommu.groupCount", static host => host.Iommu.GroupCount),
        new("verdict", static host => host.Verdict),
        new("reasons", static host => host.Reasons.Select(static reason => reason.Code)),
    ];

    /// <summary>Makes the command.</summary>
    /// <param name="options">The options that every command takes.</param>
    /// <returns>The command.</returns>
    internal static Command Create(HostOptions options)
    {
        SupportCommand self = new();
        self._failOn.CompletionSources.Add(s_thresholds);
        Argument<string[]> hosts = HostOptions.CreateHostArgument();
        Command command = new(
            "support",
            "Tells whether a host can nest virtualization and pass devices through, and why not."
        )
        {
            hosts,
            self._failOn,
        };
        command.SetAction(line => self.Run(line, options, hosts));
        return command;
    }

    /// <inheritdoc/>
    protected override IHostQuery<NestedSupport> QueryOf(ParseResult line, HostSources sources) =>
        HostQueries.Ask(HostQuestions.Support);

    /// <inheritdoc/>
    protected override Func<NestedSupport, bool> FailureOf(ParseResult line) =>
        line.GetValue(_failOn) switch
        {
            "blocked" => static host => host.Verdict == Verdict.Blocked,
            "configurable" => static host => host.Verdict is Verdict.Blocked or Verdict.Configurable,
            "unknown" => static host => host.Verdict != Verdict.Ready,
            null => static _ => false,
            { } other => throw new UsageException(
                $"--fail-on cannot be '{other}'.",
                $"Give one of {string.Join(", ", s_thresholds)}."
            ),
        };

    /// <inheritdoc/>
    protected override void WarmUp(IResultSink<NestedSupport> discard)
    {
        HostTarget host = HostTarget.Local;
        discard.Begin([host]);
        discard.Take(host, [.. HostQueries.Read(HostQuestions.Support, new ProbeAnswers(), host)]);
        discard.End();
    }

    /// <inheritdoc/>
    protected override IResultSink<NestedSupport> CreateTable(Stream output) => new SupportTable(new Page(output));
}
