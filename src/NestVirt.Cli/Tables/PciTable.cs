using System.Globalization;
using NestVirt.Model;
using Spectre.Console;

namespace NestVirt.Cli.Tables;

/// <summary>Prints PCI functions.</summary>
/// <param name="page">Where to.</param>
internal sealed class PciTable(Page page) : HostTable<PciDevice>(page)
{
    private const int Indentation = 2;

    /// <inheritdoc/>
    protected override string NothingText => "No PCI function to show.";

    /// <inheritdoc/>
    protected override void Print(IReadOnlyList<PciDevice> results)
    {
        // Windows has no groups, and says of each function alone whether it can be given away.
        bool isWindows = results.Any(static device => device.InstancePath is not null);
        TextTable table = new("ADDRESS", isWindows ? "ASSIGNABLE" : "GROUP", "DRIVER", "DEVICE");
        foreach (PciDevice device in results)
        {
            table.Add(
                TextCell.Of(device.Address),
                TextCell.Of(
                    isWindows ? WordOf(device.IsAssignable) : device.IommuGroup?.ToString(CultureInfo.InvariantCulture)
                ),
                TextCell.Of(device.Driver),
                TextCell.Of(
                    device.Description + UsesOf(device),
                    device.IsUsedByHost == true ? Tables.Page.Doubtful : default(Style?)
                )
            );
        }

        Page.Table(table);
        (string Address, Finding Reason)[] reasons =
        [
            .. results.SelectMany(device => ShownOf(device, isWindows).Select(reason => (device.Address, reason))),
        ];
        if (isWindows)
        {
            FindingGroups.Print(Page, reasons);
            return;
        }

        foreach (Finding reason in reasons.Select(static pair => pair.Reason).Distinct())
        {
            FindingLines.Print(Page, reason, Indentation);
        }
    }

    // No row says that a device cannot be given away without the reason below it, however harmless that is. Of bridges everybody knows.
    private static IEnumerable<Finding> ShownOf(PciDevice device, bool isWindows)
    {
        bool takesReason = isWindows && !device.IsBridge && device.IsAssignable != true;
        return device.Reasons.Where(
            (reason, place) => reason.Severity != Severity.Information || (takesReason && place == 0)
        );
    }

    private static string WordOf(bool? isAssignable) =>
        isAssignable switch
        {
            true => "yes",
            false => "no",
            null => "unknown",
        };

    private static string UsesOf(PciDevice device) =>
        device.OwnerVm is { } owner ? $"; of the virtual machine {owner}"
        : device.IsUsedByHost == true
            ? $"; in use by the host: {string.Join(", ", device.HostUses.Select(static use => use.Kind).Distinct())}"
        : string.Empty;
}
