using System.Globalization;
using NestVirt.Model;
using NestVirt.Planning;

namespace NestVirt.Kvm;

/// <summary>What gives a device its virtual functions at each boot: whoever owns its interface, or our own unit.</summary>
/// <param name="Changes">The changes.</param>
/// <param name="Findings">What may surprise.</param>
internal sealed record SriovBoot(IReadOnlyList<HostChange> Changes, IReadOnlyList<Finding> Findings)
{
    /// <summary>Plans it.</summary>
    /// <param name="host">What the host shows.</param>
    /// <param name="unit">Our unit.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="device">The physical function.</param>
    /// <param name="count">How many virtual ones it will have.</param>
    /// <returns>The changes; none when they are there already.</returns>
    internal static SriovBoot Make(VirtualFunctionHost host, SriovUnit unit, VirtualFunctionRequest request, PciDevice device, int count)
    {
        InterfaceFacts[] networks = [.. device.NetworkInterfaces.Select(name => host.Interfaces.GetValueOrDefault(name)).OfType<InterfaceFacts>()];
        Finding[] conflicts = [.. host.ForeignLines.Where(line => IsAbout(line, device)).Select(Conflict)];
        if (Array.Find(networks, static network => network is { IsNetworkManagers: true, Profile: not null }) is { } owned)
        {
            return new SriovBoot([], [NetworkManagers(owned, count), .. conflicts]);
        }

        return host.HasSystemd
            ? new SriovBoot(unit.Plan(host, request, device.Address, count), conflicts)
            : new SriovBoot([], [.. count == 0 ? [] : new[] { NotPersistent(device, count) }, .. conflicts]);
    }

    // A line that names another address or interface is about another device.
    private static bool IsAbout(string line, PciDevice device)
    {
        string text = line[(line.IndexOf(':', line.IndexOf(':', StringComparison.Ordinal) + 1) + 1)..].Trim();
        bool isComment = text.StartsWith('#') || text.StartsWith(';');
        bool isOurs = text.Contains(device.Address, StringComparison.Ordinal)
            || device.NetworkInterfaces.Any(name => text.Contains(name, StringComparison.Ordinal));
        bool namesAnother = text.Contains("0000:", StringComparison.Ordinal) || text.Contains("/net/", StringComparison.Ordinal);
        return !isComment && (isOurs || !namesAnother);
    }

    private static Finding Conflict(string line) =>
        new("LineConflicts", Severity.Warning, "Another file sets virtual functions at boot, too; which of the two counts depends on their order.")
        {
            Evidence = HostText.ForDisplay(line, 200),
            Remedy = "Change that line to the same number, or remove it.",
        };

    private static Finding NetworkManagers(InterfaceFacts network, int count) =>
        new("OwnedByNetworkManager", Severity.Warning, $"NetworkManager manages {network.Name}, so the number for later boots belongs into its profile, which was not changed.")
        {
            Evidence = $"/run/NetworkManager/devices/{network.Index}: connection-uuid={HostText.ForDisplay(network.Profile ?? string.Empty, 60)}",
            Remedy = string.Create(CultureInfo.InvariantCulture, $"Run on the host: nmcli connection modify {HostText.ForDisplay(network.Profile ?? string.Empty, 60)} sriov.total-vfs {count}"),
        };

    private static Finding NotPersistent(PciDevice device, int count) =>
        new("NotPersistent", Severity.Warning, "The number holds until the next boot only: this host is not run by systemd.")
        {
            Evidence = "/run/systemd/system is not there",
            Remedy = string.Create(CultureInfo.InvariantCulture, $"Write {count} to /sys/bus/pci/devices/{device.Address}/sriov_numvfs in the host's own boot scripts."),
        };
}
