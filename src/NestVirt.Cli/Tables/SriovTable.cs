using System.Globalization;
using NestVirt.Model;
using Spectre.Console;

namespace NestVirt.Cli.Tables;

/// <summary>Prints the functions that can have virtual functions, each with those it has.</summary>
/// <param name="page">Where to.</param>
internal sealed class SriovTable(Page page) : HostTable<SriovDevice>(page)
{
    /// <inheritdoc/>
    protected override string NothingText =>
        "No PCI function that can have virtual functions, or none that this account may read.";

    /// <inheritdoc/>
    protected override void Print(IReadOnlyList<SriovDevice> results)
    {
        Table table = Tables.Page.CreateTable("ADDRESS", "VFS", "GROUP", "DRIVER", "DEVICE*");
        foreach (SriovDevice device in results)
        {
            string counts = string.Create(CultureInfo.InvariantCulture, $"{device.Count} of {device.TotalCount}");
            Add(table, device.Address, counts, device.Device);
            foreach (PciDevice function in device.VirtualFunctions)
            {
                Add(table, $"  {function.Address}", string.Empty, function);
            }
        }

        Page.Block(table);
    }

    private static void Add(Table table, string address, string counts, PciDevice device) =>
        table.AddRow(
            Tables.Page.Cell(address),
            new Spectre.Console.Text(counts),
            Tables.Page.Cell(device.IommuGroup?.ToString(CultureInfo.InvariantCulture)),
            Tables.Page.Cell(device.Driver),
            Tables.Page.Cell(Wording.NameOf(device))
        );
}
