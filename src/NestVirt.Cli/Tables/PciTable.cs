using System.Globalization;
using NestVirt.Model;
using Spectre.Console;

namespace NestVirt.Cli.Tables;

/// <summary>Prints PCI functions.</summary>
/// <param name="page">Where to.</param>
internal sealed class PciTable(Page page) : HostTable<PciDevice>(page)
{
    /// <inheritdoc/>
    protected override string NothingText => "No PCI function to show.";

    /// <inheritdoc/>
    protected override void Print(IReadOnlyList<PciDevice> results)
    {
        Table table = Tables.Page.CreateTable("ADDRESS", "GROUP", "DRIVER", "DEVICE*");
        foreach (PciDevice device in results)
        {
            table.AddRow(
                Tables.Page.Cell(device.Address),
                Tables.Page.Cell(device.IommuGroup?.ToString(CultureInfo.InvariantCulture)),
                Tables.Page.Cell(device.Driver),
                Tables.Page.Cell(
                    Wording.NameOf(device) + UsesOf(device),
                    device.IsUsedByHost ? Tables.Page.Doubtful : default(Style?)
                )
            );
        }

        Page.Block(table);
    }

    private static string UsesOf(PciDevice device) =>
        device.IsUsedByHost
            ? $"; in use by the host: {string.Join(", ", device.HostUses.Select(static use => use.Kind).Distinct())}"
            : string.Empty;
}
