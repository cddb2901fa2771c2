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
        TextTable table = new("NAME", "STATE", "NESTING", "VERDICT", "CPUS", "VERSION");
        foreach (VmNestedCpu vm in results)
        {
            table.Add(
                TextCell.Of(vm.VmName),
                TextCell.Of(vm.State.ToString().ToLowerInvariant()),
                TextCell.Of(WordOf(vm.Nesting)),
                TextCell.Of(vm.Verdict.ToString().ToLowerInvariant()),
                TextCell.Of(vm.CpuCount?.ToString(CultureInfo.InvariantCulture)),
                TextCell.Of(vm.ConfigurationVersion)
            );
        }

        Page.Table(table);
        FindingGroups.Print(Page, results.SelectMany(static vm => vm.Reasons.Select(reason => (vm.VmName, reason))));
    }

    private static string WordOf(VmNesting nesting) =>
        nesting switch
        {
            VmNesting.Off => "off",
            VmNesting.Now => "now",
            VmNesting.NextStart => "at the next start",
            VmNesting.WillNotStart => "will not start",
            _ => "unknown",
        };
}
