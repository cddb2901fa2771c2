using System.CommandLine;
using NestVirt.Cli.Hosting;
using NestVirt.Cli.Output;
using NestVirt.Cli.Tables;
using NestVirt.Client;
using NestVirt.Filters;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt guests</c>: the virtual machines of a host, as far as running hypervisors in them goes.</summary>
internal sealed class GuestsCommand : ReadCommand<VmNestedCpu>
{
    private readonly Option<string[]> _names = new("--name")
    {
        Description = "Only virtual machines of this name or id; * and ? stand for other characters.",
        HelpName = "NAME",
    };

    /// <inheritdoc/>
    protected override string Schema => "nestvirt/guests/1";

    /// <inheritdoc/>
    protected override IReadOnlyList<CsvColumn<VmNestedCpu>> Columns { get; } =
    [
        new("hostName", static vm => vm.HostName),
        new("vmName", static vm => vm.VmName),
        new("id", static vm => vm.Id),
        new("state", static vm => vm.State),
        new("nesting", static vm => vm.Nesting),
        new("verdict", static vm => vm.Verdict),
        new("isExposed", static vm => vm.IsExposed),
        new("isExposedNow", static vm => vm.IsExposedNow),
        new("isRestartPending", static vm => vm.IsRestartPending),
        new("isInUse", static vm => vm.IsInUse),
        new("wasUsed", static vm => vm.WasUsed),
        new("nestedRunCount", static vm => vm.NestedRunCount),
        new("cpuMode", static vm => vm.CpuMode),
        new("cpuModel", static vm => vm.CpuModel),
        new("cpuFeatures", static vm => vm.CpuFeatures),
        new("enlightenments", static vm => vm.Enlightenments),
        new("isMigratable", static vm => vm.IsMigratable),
        new("isPersistent", static vm => vm.IsPersistent),
        new("isStartedWithHost", static vm => vm.IsStartedWithHost),
        new("cpuCount", static vm => vm.CpuCount),
        new("threadsPerCore", static vm => vm.ThreadsPerCore),
        new("configurationVersion", static vm => vm.ConfigurationVersion),
        new("generation", static vm => vm.Generation),
        new("memoryBytes", static vm => vm.MemoryBytes),
        new("hasDynamicMemory", static vm => vm.HasDynamicMemory),
        new("allowsMacSpoofing", static vm => vm.AllowsMacSpoofing),
        new("sriovAdapterCount", static vm => vm.SriovAdapterCount),
        new("assignedDevices", static vm => vm.AssignedDevices),
        new("isVbsOptedOut", static vm => vm.IsVbsOptedOut),
        new("reasons", static vm => vm.Reasons.Select(static reason => reason.Code)),
    ];

    /// <summary>Makes the command.</summary>
    /// <param name="options">The options that every command takes.</param>
    /// <returns>The command.</returns>
    internal static Command Create(HostOptions options)
    {
        GuestsCommand self = new();
        Argument<string[]> hosts = HostOptions.CreateHostArgument();
        Command command = new(
            "guests",
            "Lists the virtual machines of hosts, of KVM those of libvirt: which can run hypervisors, now or after their next start, and why not."
        )
        {
            hosts,
            self._names,
        };
        command.SetAction(line => self.Run(line, options, hosts));
        return command;
    }

    /// <inheritdoc/>
    protected override IHostQuery<VmNestedCpu> QueryOf(ParseResult line, HostSources sources) =>
        HostQueries.Ask(HostQuestions.VmNestedCpus);

    /// <inheritdoc/>
    protected override ResultFilter<VmNestedCpu> FilterOf(ParseResult line) =>
        new VmNestedCpuFilter(line.GetValue(_names));

    /// <inheritdoc/>
    protected override IResultSink<VmNestedCpu> CreateTable(Stream output) => new GuestsTable(new Page(output));
}
