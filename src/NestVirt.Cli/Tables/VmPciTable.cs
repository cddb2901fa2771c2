using NestVirt.Model;

namespace NestVirt.Cli.Tables;

/// <summary>Prints the PCI devices that virtual machines own.</summary>
/// <param name="page">Where to.</param>
internal sealed class VmPciTable(Page page) : HostTable<VmPciDevice>(page)
{
    /// <inheritdoc/>
    protected override string NothingText => "No virtual machine owns a PCI device.";

    /// <inheritdoc/>
    protected override void Print(IReadOnlyList<VmPciDevice> results)
    {
        TextTable table = new("VM", "PLACE", "DEVICE");
        foreach (VmPciDevice device in results)
        {
            table.Add(
                TextCell.Of(device.VmName),
                TextCell.Of(device.Place),
                TextCell.Of(device.IsVirtualFunction ? $"{device.Name}; a virtual function" : device.Name)
            );
        }

        Page.Table(table);
        FindingGroups.Print(
            Page,
            results.SelectMany(static device => device.Reasons.Select(reason => (device.VmName, reason)))
        );
    }
}
