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
        HashSet<string> shared =
        [
            .. results
                .DistinctBy(static device => device.VmId)
                .GroupBy(static device => device.VmName, StringComparer.OrdinalIgnoreCase)
                .Where(static group => group.Skip(1).Any())
                .SelectMany(static group => group.Select(static device => device.VmId)),
        ];
        TextTable table = new("VM", "PLACE", "DEVICE");
        foreach (VmPciDevice device in results)
        {
            table.Add(
                TextCell.Of(NameOf(device)),
                TextCell.Of(device.Place),
                TextCell.Of(device.IsVirtualFunction ? $"{device.Name}; a virtual function" : device.Name)
            );
        }

        Page.Table(table);
        FindingGroups.Print(
            Page,
            results.SelectMany(device =>
                device.Reasons.Select(reason => ($"{NameOf(device)} {device.Place}".TrimEnd(), reason))
            )
        );

        // One of the name that owns nothing is not in the list, and is mixed up with none here.
        string NameOf(VmPciDevice device) =>
            shared.Contains(device.VmId) ? $"{device.VmName} ({device.VmId})" : device.VmName;
    }
}
