using NestVirt.Guidance;
using NestVirt.Linux.DeviceUse;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Iommu;

/// <summary>VFIO's own rule for whether a guest can be given a group.</summary>
/// <remarks>
/// iommu_group_claim_dma_owner() in drivers/iommu/iommu.c: no device of the group may have a driver that lets the kernel
/// manage its DMA.
/// </remarks>
internal static class GroupViability
{
    /// <summary>Names what keeps a group from being handed out now, and what makes its devices useless to a guest.</summary>
    /// <param name="host">What the host says of its IOMMU.</param>
    /// <param name="group">The group as the kernel lists it.</param>
    /// <param name="devices">Its PCI functions.</param>
    /// <param name="all">The PCI functions of the host.</param>
    /// <returns>Whether it can be, null for bridges alone and where that is unknown, and what there is to say.</returns>
    public static (bool? IsViable, IReadOnlyList<Finding> Reasons) Assess(
        IommuFacts host,
        IommuGroupFacts group,
        IReadOnlyList<PciDevice> devices,
        IReadOnlyList<PciDevice> all
    )
    {
        bool holdsOnlyBridges =
            devices.Count > 0
            && devices.All(static device => device.IsBridge)
            && group.Members.All(static member => member.IsPci);
        HashSet<string> kept = [.. PhysicalFunctions.Beside(devices).Select(static device => device.Address)];
        PciDevice[] endpoints = [.. devices.Where(static device => !device.IsBridge)];
        Finding[] regions = holdsOnlyBridges ? [] : [.. DirectRegions.Assess(host, group, devices)];
        Finding[] listed = [.. endpoints.SelectMany(device => VfioDenylist.Assess(host, device))];
        Finding[] refusals = [.. regions.Where(IsRefusal)];
        Finding[] obstacles =
        [
            .. refusals,
            .. listed.Where(IsRefusal),
            .. devices
                .Where(static device => !DmaDrivers.IsHarmless(device))
                .Select(device => Obstacle(device, kept.Contains(device.Address), refusals.Length > 0)),
            .. group
                .Members.Where(static member => !member.IsPci && !DmaDrivers.IsHarmless(member.Driver))
                .Select(Obstacle),
            .. Pretended(group),
            .. holdsOnlyBridges ? [] : InterruptRemapping.Refusals(host),
        ];
        return (
            holdsOnlyBridges ? null
            : obstacles.Length == devices.Count(DmaDrivers.IsUnclear) && obstacles.Length > 0 ? null
            : obstacles.Length == 0,
            [
                .. obstacles,
                .. regions.Concat(listed).Where(static finding => !IsRefusal(finding)),
                .. OnlyBridges(devices),
                .. devices.Where(static device => device.HasHostUse).Select(HostUse),
                .. PhysicalFunctions.Assess(devices),
                .. endpoints.SelectMany(LostDevices.Assess),
                .. endpoints.SelectMany(device => HeldMemory.Assess(host, device)),
                .. endpoints
                    .Where(static device => device.Driver is not null && DmaDrivers.IsHarmless(device))
                    .SelectMany(device => ResetWays.Assess(host, device, devices, all)),
            ]
        );
    }

    private static bool IsRefusal(Finding finding) => finding.Severity > Severity.Information;

    private static Finding Obstacle(PciDevice device, bool isKept, bool isRefused) =>
        new(
            FindingCodes.DriverBound,
            Severity.Warning,
            $"{device.Address} is bound to the host's driver {device.Driver}, so no guest can be given the group now."
        )
        {
            Evidence = $"/sys/bus/pci/devices/{device.Address}/driver: {device.Driver}",
            Remedy =
                DmaDrivers.IsUnclear(device)
                    ? $"Leave it where /sys/bus/pci/devices/{device.Address}/vfio-dev is there: the driver gives it to guests then, as a vGPU."
                : device.HasHostUse ? "Leave it: the host itself uses the device."
                : isKept ? "Leave it: its virtual functions would go with its driver."
                : isRefused ? "Leave it: the kernel refuses the group to VFIO, whatever its drivers are."
                : device.IsBridge ? $"Unbind {device.Address}, if the host can do without it."
                : DmaDrivers.CanBeVgpu(device)
                    ? $"Set the type of its vGPU (nvidia/current_vgpu_type), or bind {device.Address} to vfio-pci, with which it is none."
                : $"Bind {device.Address} to vfio-pci, or unbind it.",
            Mend =
                DmaDrivers.IsUnclear(device)
                || DmaDrivers.CanBeVgpu(device)
                || device.HasHostUse
                || device.IsBridge
                || isKept
                || isRefused
                    ? null
                    : new CommandCall(
                        OwnCommand.SetDriver,
                        (CommandArgument.Address, device.Address),
                        (CommandArgument.Driver, "vfio-pci")
                    ),
        };

    private static Finding Obstacle(IommuMember member) =>
        new(
            FindingCodes.DriverBound,
            Severity.Warning,
            $"{member.Name}, which is no PCI function, is bound to the host's driver {member.Driver}, so no guest can be given the group now."
        )
        {
            Evidence = $"the driver link of {member.Name}: {member.Driver}",
            Remedy = $"Unbind {PlainWord.Or(member.Name, "it")}, if the host can do without it.",
        };

    private static Finding HostUse(PciDevice device) =>
        new(
            FindingCodes.UsedByHost,
            Severity.Warning,
            $"The host itself uses {device.Address}: {string.Join("; ", device.HostUses.Select(static use => use.Evidence))}."
        )
        {
            Evidence = string.Join("; ", device.HostUses.Select(static use => $"{use.Kind}: {use.Evidence}")),
            Remedy = "Do not give it to a guest.",
        };

    private static bool HoldsOnlyBridges(IReadOnlyList<PciDevice> devices) =>
        devices.Count > 0 && devices.All(static device => device.IsBridge);

    private static IEnumerable<Finding> OnlyBridges(IReadOnlyList<PciDevice> devices)
    {
        if (HoldsOnlyBridges(devices))
        {
            yield return new Finding(
                FindingCodes.OnlyBridges,
                Severity.Information,
                "The group holds bridges only, which are never passed through."
            );
        }
    }

    private static IEnumerable<Finding> Pretended(IommuGroupFacts group)
    {
        if (!group.IsTranslated)
        {
            yield return new Finding(
                FindingCodes.NoIommu,
                Severity.Warning,
                "No IOMMU stands behind the group: VFIO made it up."
            )
            {
                Evidence = $"/sys/kernel/iommu_groups/{group.Number}/name: {group.Name ?? "none"}",
            };
        }
    }
}
