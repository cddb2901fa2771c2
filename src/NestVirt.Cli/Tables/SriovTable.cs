using System.Globalization;
using NestVirt.Model;

namespace NestVirt.Cli.Tables;

/// <summary>Prints the functions that can have virtual functions, each with those it has.</summary>
/// <param name="page">Where to.</param>
internal sealed class SriovTable(Page page) : HostTable<SriovDevice>(page)
{
    private const int Indentation = 2;

    /// <inheritdoc/>
    protected override string NothingText =>
        "No PCI function that can have virtual functions, or none that this account may read.";

    /// <inheritdoc/>
    protected override void Print(IReadOnlyList<SriovDevice> results)
    {
        TextTable table = new("ADDRESS", "VFS", "GROUP", "DRIVER", "DEVICE");
        foreach (SriovDevice device in results)
        {
            string counts = $"{Number(device.Count)} of {Number(device.TotalCount)}";
            Add(table, device.Address, TextCell.Of(counts), device.Device);
            foreach (PciDevice function in device.VirtualFunctions)
            {
                Add(table, $"  {function.Address}", TextCell.Empty, function);
            }
        }

        Page.Table(table);
        if (results.Any(static device => IsOfWindows(device.Device)))
        {
            FindingGroups.Print(
                Page,
                results.SelectMany(static device => device.Reasons.Select(reason => (NameOf(device), reason)))
            );
            return;
        }

        foreach (Finding reason in results.SelectMany(static device => device.Reasons).Distinct())
        {
            FindingLines.Print(Page, reason, Indentation);
        }
    }

    // What Windows says of adapters names none of them; what is said of functions of KVM hosts does. Where Windows tells nothing
    // of the function itself it has no vendor, which sysfs always has.
    private static bool IsOfWindows(PciDevice device) => device.InstancePath is not null || device.VendorId == 0;

    private static string Number(int? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "?";

    private static string NameOf(SriovDevice device) =>
        device.Device.NetworkInterfaces is [{ } name, ..] && name != device.Address
            ? $"{device.Address} ({name})"
            : device.Address;

    private static void Add(TextTable table, string address, TextCell counts, PciDevice device) =>
        table.Add(
            TextCell.Of(address),
            counts,
            TextCell.Of(device.IommuGroup?.ToString(CultureInfo.InvariantCulture)),
            TextCell.Of(device.Driver),
            TextCell.Of(device.Description)
        );
}
