using NestVirt.Linux.Pci;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Pci;

/// <summary>Holds our answers for a running host against what <c>lspci -vvv -D</c>, run there as root, prints.</summary>
internal static class LspciComparison
{
    public static IEnumerable<string> Differences(IReadOnlyList<PciDevice> devices, IReadOnlyList<LspciReport> reports)
    {
        if (
            !devices
                .Select(static device => device.Address)
                .SequenceEqual(reports.Select(static report => report.Address))
        )
        {
            yield return "the lists of functions differ: "
                + $"{string.Join(' ', devices.Select(static device => device.Address))} | {string.Join(' ', reports.Select(static report => report.Address))}";
            yield break;
        }

        foreach ((PciDevice device, LspciReport report) in devices.Zip(reports))
        {
            string[] differences = [.. Differences(device, report)];
            foreach (string difference in differences)
            {
                yield return difference;
            }
        }
    }

    private static IEnumerable<string> Differences(PciDevice device, LspciReport report)
    {
        if (device.Driver != report.Driver)
        {
            yield return $"{device.Address}: we say driver '{device.Driver}', lspci '{report.Driver}'";
        }

        if (device.IommuGroup != report.IommuGroup)
        {
            yield return $"{device.Address}: we say group {device.IommuGroup}, lspci {report.IommuGroup}";
        }

        // lspci leaves a node of -1 out, as we do.
        if (device.NumaNode != report.NumaNode)
        {
            yield return $"{device.Address}: we say node {device.NumaNode}, lspci {report.NumaNode}";
        }

        // A driver may allow fewer virtual functions than the capability that lspci shows, as igb does; never more.
        int total =
            report.Sriov is { } shown && device.Sriov?.TotalCount < shown.TotalCount
                ? shown.TotalCount
                : device.Sriov?.TotalCount ?? 0;

        // Of a virtual function we read no config space; of its kind we know what its physical function says.
        bool isVirtual = device.PhysicalFunction is not null;
        PciSriovCapability? sriov = device.Sriov is null
            ? null
            : new PciSriovCapability(
                total,
                device.Sriov.Count,
                device.Sriov.Count > 0,
                device.Sriov.Offset ?? 0,
                device.Sriov.Stride ?? 0,
                device.Sriov.VirtualDeviceId ?? 0
            );
        IEnumerable<string> decoded = report.DifferencesFrom(
            device.PortType,
            isVirtual ? report.Acs : device.Acs,
            isVirtual ? report.HasAri : device.HasAri,
            sriov
        );
        foreach (string difference in decoded)
        {
            yield return difference;
        }
    }
}
