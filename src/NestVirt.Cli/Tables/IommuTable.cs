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
        TextTable table = new(string.Empty, string.Empty, string.Empty);
        foreach (PciDevice device in group.Devices)
        {
            table.Add(
                TextCell.Of(device.Address),
                TextCell.Of(device.Driver, Tables.Page.Faint),
                TextCell.Of(device.Description)
            );
        }

        foreach (string other in group.OtherDevices)
        {
            table.Add(TextCell.Of(other), TextCell.Of(null), TextCell.Of("not a PCI function"));
        }

        Page.Table(table, Indentation);

        // That a device is alone needs no explanation.
        bool isShared = group.Devices.Count + group.OtherDevices.Count > 1;
        foreach (Finding reason in group.Reasons.Where(reason => isShared || reason.Severity != Severity.Information))
        {
            FindingLines.Print(Page, reason, Indentation);
        }
    }
}
