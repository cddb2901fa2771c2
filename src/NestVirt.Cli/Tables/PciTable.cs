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
        TextTable table = new("ADDRESS", "GROUP", "DRIVER", "DEVICE");
        foreach (PciDevice device in results)
        {
            table.Add(
                TextCell.Of(device.Address),
                TextCell.Of(device.IommuGroup?.ToString(CultureInfo.InvariantCulture)),
                TextCell.Of(device.Driver),
                TextCell.Of(
                    device.Description + UsesOf(device),
                    device.IsUsedByHost ? Tables.Page.Doubtful : default(Style?)
                )
            );
        }

        Page.Table(table);
        foreach (
            Finding reason in results
                .SelectMany(static device => device.Reasons)
                .Where(static reason => reason.Severity != Severity.Information)
                .Distinct()
        )
        {
            FindingLines.Print(Page, reason, Indentation);
        }
    }

    private static string UsesOf(PciDevice device) =>
        device.IsUsedByHost
            ? $"; in use by the host: {string.Join(", ", device.HostUses.Select(static use => use.Kind).Distinct())}"
            : string.Empty;
}
