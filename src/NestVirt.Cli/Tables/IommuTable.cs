using NestVirt.Model;
using Spectre.Console;

namespace NestVirt.Cli.Tables;

/// <summary>Prints IOMMU groups with their devices, and why the devices share a group.</summary>
/// <param name="page">Where to.</param>
internal sealed class IommuTable(Page page) : HostTable<IommuGroup>(page)
{
    private const int Indentation = 2;

    /// <inheritdoc/>
    protected override string NothingText => "No IOMMU group to show.";

    /// <inheritdoc/>
    protected override void Print(IReadOnlyList<IommuGroup> results)
    {
        foreach (IommuGroup group in results)
        {
            Print(group);
        }

        Page.Gap();
        int readyCount = results.Count(static group => group.IsViable == true);
        Page.Line(
            $"{Wording.Count(results.Count, "group")}. A guest could be given {readyCount} of them now.",
            Tables.Page.Bold
        );
    }

    private void Print(IommuGroup group)
    {
        string type = group.Type is null ? string.Empty : $", {group.Type}";
        string state =
            group.IsViable is null ? "bridges only, nothing to pass through"
            : group.IsViable.Value ? "viable"
            : "not viable";
        Page.Line(
            $"Group {group.Number}{type}: {state}",
            group.IsViable is null ? default(Style?)
                : group.IsViable.Value ? Tables.Page.Good
                : Tables.Page.Doubtful
        );
        Grid grid = new();
        grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 2, 0) });
        grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 2, 0) });
        grid.AddColumn(new GridColumn { Padding = new Padding(0, 0, 0, 0) });
        foreach (PciDevice device in group.Devices)
        {
            grid.AddRow(
                Tables.Page.Cell(device.Address),
                Tables.Page.Cell(device.Driver, Tables.Page.Faint),
                Tables.Page.Cell(Wording.NameOf(device))
            );
        }

        foreach (string other in group.OtherDevices)
        {
            grid.AddRow(Tables.Page.Cell(other), Tables.Page.Cell(null), Tables.Page.Cell("not a PCI function"));
        }

        Page.Block(grid, Indentation);

        // That a device is alone needs no explanation.
        bool isShared = group.Devices.Count + group.OtherDevices.Count > 1;
        foreach (Finding reason in group.Reasons.Where(reason => isShared || reason.Severity != Severity.Information))
        {
            FindingLines.Print(Page, reason, Indentation);
        }
    }
}
