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
                TextCell.Of(
                    (string[])[.. device.Name is { } name ? [name] : Array.Empty<string>(), .. Notes(device)]
                        is { Length: > 0 } words
                        ? string.Join("; ", words)
                        : null
                )
            );
        }

        Page.Table(table);
        FindingGroups.Print(
            Page,
            results.SelectMany(device =>
                device.Reasons.Select(reason => ($"{NameOf(device)} {device.Place}".TrimEnd(), reason))
            )
        );

        // What is not as in most devices.
        static IEnumerable<string> Notes(VmPciDevice device)
        {
            if (device.IsVirtualFunction == true)
            {
                yield return "a virtual function";
            }

            if (device.Kind is not (VmPciKind.Device or VmPciKind.NetworkAdapter))
            {
                string kind = device.Kind switch
                {
                    VmPciKind.Disk => "as a disk",
                    VmPciKind.MediatedDevice => "mediated device",
                    VmPciKind.Vdpa => "vDPA device",
                    VmPciKind.Unknown => "not known",
                    _ => "by QEMU's command line",
                };
                yield return device.Part is null ? kind : $"{kind}: {device.Part}";
            }

            if (device.IsRestartPending == true)
            {
                yield return device.IsAttached == true ? "until the next start" : "from the next start on";
            }
        }

        // One of the name that owns nothing is not in the list, and is mixed up with none here.
        string NameOf(VmPciDevice device) =>
            shared.Contains(device.VmId) ? $"{device.VmName} ({device.VmId})" : device.VmName;
    }
}
