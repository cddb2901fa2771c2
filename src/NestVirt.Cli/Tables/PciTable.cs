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
                    device.IsUsedByHost ? Tables.Page.Doubtful : default(Style?)
                )
            );
        }

        Page.Table(table);
        (string Address, Finding Reason)[] reasons =
        [
            .. results.SelectMany(static device =>
                device
                    .Reasons.Where(static reason => reason.Severity != Severity.Information)
                    .Select(reason => (device.Address, reason))
            ),
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

    private static string WordOf(bool? isAssignable) =>
        isAssignable switch
        {
            true => "yes",
            false => "no",
            null => "unknown",
        };

    private static string UsesOf(PciDevice device) =>
        device.OwnerVm is { } owner ? $"; of the virtual machine {owner}"
        : device.IsUsedByHost
            ? $"; in use by the host: {string.Join(", ", device.HostUses.Select(static use => use.Kind).Distinct())}"
        : string.Empty;
}
