using System.Globalization;
using NestVirt.Model;

namespace NestVirt.Cli.Tables;

/// <summary>Prints virtual machines, and below them what was found, each once with those that it is of.</summary>
/// <param name="page">Where to.</param>
internal sealed class GuestsTable(Page page) : HostTable<VmNestedCpu>(page)
{
    /// <inheritdoc/>
    protected override string NothingText => "No virtual machine to show.";

    /// <inheritdoc/>
    protected override void Print(IReadOnlyList<VmNestedCpu> results)
    {
        // The processor is told of KVM alone, and the version of Hyper-V alone.
        bool hasProcessor = results.Any(static vm => ProcessorOf(vm) is not null);
        bool hasVersion = !hasProcessor || results.Any(static vm => vm.ConfigurationVersion is not null);
        string[] ofKvm = hasProcessor ? ["PROCESSOR"] : [];
        string[] ofHyperV = hasVersion ? ["VERSION"] : [];
        TextTable table = new(["NAME", "STATE", "NESTING", "VERDICT", "CPUS", .. ofKvm, .. ofHyperV]);
        foreach (VmNestedCpu vm in results)
        {
            TextCell[] processor = hasProcessor ? [TextCell.Of(ProcessorOf(vm))] : [];
            TextCell[] version = hasVersion ? [TextCell.Of(vm.ConfigurationVersion)] : [];
            table.Add([
                TextCell.Of(vm.VmName),
                TextCell.Of(vm.State.ToString().ToLowerInvariant()),
                TextCell.Of(WordOf(vm)),
                TextCell.Of(vm.Verdict.ToString().ToLowerInvariant()),
                TextCell.Of(vm.CpuCount?.ToString(CultureInfo.InvariantCulture)),
                .. processor,
                .. version,
            ]);
        }

        Page.Table(table);
        FindingGroups.Print(Page, results.SelectMany(static vm => vm.Reasons.Select(reason => (vm.VmName, reason))));
    }

    private static string? ProcessorOf(VmNestedCpu vm) => vm.CpuModel ?? vm.CpuMode;

    private static string WordOf(VmNestedCpu vm) =>
        vm.Nesting switch
        {
            VmNesting.Off => "off",
            VmNesting.Now when vm.IsInUse == true => "now, in use",
            VmNesting.Now when vm.WasUsed == true => "now, was used",
            VmNesting.Now => "now",
            VmNesting.NextStart => "at the next start",
            VmNesting.WillNotStart => "will not start",
            _ => "unknown",
        };
}
