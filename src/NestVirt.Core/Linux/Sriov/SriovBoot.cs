using System.Globalization;
using NestVirt.Changes;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Sriov;

/// <summary>What gives a device its virtual functions at each boot: whoever owns its interface, or our own unit.</summary>
/// <param name="Changes">The changes.</param>
/// <param name="Findings">What may surprise.</param>
internal sealed record SriovBoot(IReadOnlyList<HostChange> Changes, IReadOnlyList<Finding> Findings)
{
    private static readonly IReadOnlyDictionary<string, string> s_noSettings = new Dictionary<string, string>();

    /// <summary>Plans it.</summary>
    /// <param name="host">What the host shows.</param>
    /// <param name="answers">The answers of the host, for the files that say it now.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="device">The physical function.</param>
    /// <param name="count">How many virtual ones it will have.</param>
    /// <returns>The changes; none when they are there already.</returns>
    internal static SriovBoot Make(
        VirtualFunctionHost host,
        ProbeAnswers answers,
        VirtualFunctionRequest request,
        PciDevice device,
        int count
    )
    {
        InterfaceFacts[] networks =
        [
            .. device.InterfaceNames.Select(name => host.Interfaces.GetValueOrDefault(name)).OfType<InterfaceFacts>(),
        ];
        SriovUnit unit = SriovUnit.Read(answers);
        InterfaceFacts? owned = Array.Find(
            networks,
            static network => network is { IsNetworkManagers: true, Profile: not null }
        );
        NetworkManagerProfile? profile = owned is null ? null : NetworkManagerProfile.Find(answers, owned.Profile!);
        Finding[] conflicts =
        [
            .. host
                .ForeignLines.Where(line => line.IsAbout(device) is not false && line.Path != profile?.Path)
                .Select(line => Conflict(line, device, host)),
        ];
        if (owned is not null)
        {
            if (profile is null)
            {
                return new SriovBoot([], [OwnedByNetworkManager(owned, count), .. conflicts]);
            }

            IReadOnlyList<HostChange> kept = profile.Plan(request, count);
            return new SriovBoot(
                [.. kept, .. unit.Plan(host, request with { BindDrivers = true }, device.Address, 0)],
                [
                    .. kept.Count == 0 ? [] : new[] { EnforcedByNetworkManager(profile) },
                    .. request.Settings.ContainsKey("state") ? new[] { StateNotPersistent(profile) } : [],
                    .. conflicts,
                ]
            );
        }

        NetworkdFile? networkd = request is { Index: { } index, Settings.Count: > 0 }
            ? networks
                .Select(network => NetworkdFile.Find(answers, network, index))
                .FirstOrDefault(static file => file is not null)
            : null;
        HostChange? edit = networkd?.Plan(request.Settings);
        return networkd is { IsAdministrators: true }
                ? new SriovBoot(
                    [.. edit is null ? [] : new[] { edit }, .. OfUnit(request with { Settings = s_noSettings })],
                    conflicts
                )
            : networkd is not null && edit is not null
                ? new SriovBoot(OfUnit(request), [SetByNetworkd(networkd), .. conflicts])
            : host.HasSystemd ? new SriovBoot(OfUnit(request), conflicts)
            : new SriovBoot([], [.. count == 0 ? [] : new[] { NotPersistent(device, count) }, .. conflicts]);

        IReadOnlyList<HostChange> OfUnit(VirtualFunctionRequest asked) => unit.Plan(host, asked, device.Address, count);
    }

    private static Finding Conflict(SriovBootLine line, PciDevice device, VirtualFunctionHost host) =>
        line.IsCommandLine
            ? new(
                FindingCodes.LineConflicts,
                Severity.Warning,
                "The kernel command line has the driver make virtual functions when it is loaded, too."
            )
            {
                Evidence = line.EvidenceOf(device),
                Remedy = "Remove that word from the kernel command line: one place sets the number.",
            }
        : line.IsUnread(host)
            ? new(
                FindingCodes.LineConflicts,
                Severity.Information,
                "Another file asks for virtual functions at boot, and nothing reads it: the service sysfsutils is not installed."
            )
            {
                Evidence = line.EvidenceOf(device),
                Remedy = "Remove that line; with the service installed it would count beside this change.",
            }
        : new(
            FindingCodes.LineConflicts,
            Severity.Warning,
            "Another file sets virtual functions at boot, too; which of the two counts depends on their order."
        )
        {
            Evidence = line.EvidenceOf(device),
            Remedy = "Change that line to the same number, or remove it.",
        };

    private static Finding EnforcedByNetworkManager(NetworkManagerProfile profile) =>
        new(
            FindingCodes.OwnedByNetworkManager,
            Severity.Information,
            "NetworkManager keeps the number from now on: it takes the virtual functions away when the profile is deactivated, and makes them again when it is activated."
        )
        {
            Evidence = HostText.ForDisplay(profile.Path, 200),
        };

    private static Finding SetByNetworkd(NetworkdFile file) =>
        new(
            FindingCodes.LineConflicts,
            Severity.Warning,
            "systemd-networkd sets this virtual function up, too, by a file that another program wrote; it wins at the next boot."
        )
        {
            Evidence = $"{HostText.ForDisplay(file.Path, 200)}: [SR-IOV]",
            Remedy = "Change the settings where that file is made, such as netplan's.",
        };

    private static Finding StateNotPersistent(NetworkManagerProfile profile) =>
        new(
            FindingCodes.NotPersistent,
            Severity.Warning,
            "The state of the link holds until the next boot only: NetworkManager's profiles have no key for it."
        )
        {
            Evidence = HostText.ForDisplay(profile.Path, 200),
            Remedy = "Set it in a script of /etc/NetworkManager/dispatcher.d.",
        };

    private static Finding OwnedByNetworkManager(InterfaceFacts network, int count) =>
        new(
            FindingCodes.OwnedByNetworkManager,
            Severity.Warning,
            $"NetworkManager manages {network.Name}, so the number for later boots belongs into its profile, which is no file of /etc/NetworkManager/system-connections and was not changed."
        )
        {
            Evidence =
                $"/run/NetworkManager/devices/{network.Index}: connection-uuid={HostText.ForDisplay(network.Profile ?? string.Empty, 60)}",
            Remedy = string.Create(
                CultureInfo.InvariantCulture,
                $"Run on the host: nmcli connection modify {HostText.ForDisplay(network.Profile ?? string.Empty, 60)} sriov.total-vfs {count}"
            ),
        };

    private static Finding NotPersistent(PciDevice device, int count) =>
        new(
            FindingCodes.NotPersistent,
            Severity.Warning,
            "The number holds until the next boot only: this host is not run by systemd."
        )
        {
            Evidence = "/run/systemd/system is not there",
            Remedy = string.Create(
                CultureInfo.InvariantCulture,
                $"Write {count} to /sys/bus/pci/devices/{device.Address}/sriov_numvfs in the host's own boot scripts."
            ),
        };
}
