using System.Globalization;
using NestVirt.Model;

namespace NestVirt.Cli.Tables;

/// <summary>Prints virtual machines, and below them what was found, each once with those that it is of.</summary>
/// <param name="page">Where to.</param>
internal sealed class GuestsTable(Page page) : HostTable<VmNestedCpu>(page)
{
    private const int Indentation = 2;
    private const int MostNames = 5;

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
        foreach (
            IGrouping<(string, string), (VmNestedCpu Vm, Finding Finding)> group in results
                .SelectMany(static vm => vm.Reasons.Select(reason => (Vm: vm, Finding: reason)))
                .GroupBy(static pair => (pair.Finding.Code, pair.Finding.Message))
                .OrderByDescending(static group => group.First().Finding.Severity)
        )
        {
            Print([.. group]);
        }
    }

    // What is evidence of one alone is not shown for all.
    private void Print(IReadOnlyList<(VmNestedCpu Vm, Finding Finding)> found)
    {
        Finding first = found[0].Finding;
        bool isAlike = found.All(pair => pair.Finding.Evidence == first.Evidence);
        string names = string.Join(", ", found.Take(MostNames).Select(static pair => pair.Vm.VmName));
        string others =
            found.Count > MostNames
                ? string.Create(CultureInfo.InvariantCulture, $" and {found.Count - MostNames} others")
                : string.Empty;
        Page.Line($"{names}{others}:");
        FindingLines.Print(Page, isAlike ? first : first with { Evidence = null }, Indentation);
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
