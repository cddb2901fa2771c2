using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Linux.DeviceUse;
using NestVirt.Linux.Initramfs;
using NestVirt.Linux.Iommu;
using NestVirt.Model;

namespace NestVirt.Linux.Drivers;

/// <summary>Says what may surprise about a function's new driver.</summary>
internal static class PciDriverFindings
{
    private const int DisplayClass = 0x03;

    // What a listing of groups says of one that is to be given away, beside the drivers that are bound.
    private static readonly string[] s_ofGroup =
    [
        FindingCodes.DeviceLost,
        FindingCodes.DirectRegion,
        FindingCodes.InterruptRemappingOff,
        FindingCodes.PhysicalFunctionInGroup,
        FindingCodes.NoReset,
    ];
    private const int StorageClass = 0x01;

    /// <summary>Names it.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="devices">The functions that the request is about; the first is the one that it names.</param>
    /// <param name="driver">The driver wanted; null for the host's own choice.</param>
    /// <param name="request">The request.</param>
    /// <param name="changes">The edits of files.</param>
    /// <returns>The findings.</returns>
    internal static IReadOnlyList<Finding> All(
        PciDriverState state,
        IReadOnlyList<PciDevice> devices,
        string? driver,
        PciDriverRequest request,
        IReadOnlyList<HostChange> changes
    ) =>
        [
            .. PciDriverRules.IsVfio(driver) ? GroupFindings(state, devices, driver!) : [],
            .. devices.SelectMany(device => Others(state, device, driver)),
            .. devices.SelectMany(device => Lasting(state, device, driver, request)),
            .. Initramfs(state, devices, driver, changes),
        ];

    private static IEnumerable<Finding> GroupFindings(
        PciDriverState state,
        IReadOnlyList<PciDevice> devices,
        string driver
    )
    {
        if (state.GroupOf(devices[0]) is not { } group)
        {
            yield break;
        }

        HashSet<string> bound = [.. devices.Select(static device => device.Address)];
        PciDevice[] members =
        [
            .. state
                .MembersOf(group)
                .Select(member =>
                    bound.Contains(member.Address)
                        ? member with
                        {
                            Driver = driver,
                            HasVfioDevice = PciDriverRules.IsVfio(driver),
                        }
                        : member
                ),
        ];
        (bool? isViable, IReadOnlyList<Finding> reasons) = GroupViability.Assess(
            state.Iommu,
            group,
            members,
            state.Devices
        );
        IEnumerable<Finding> held = devices.SelectMany(device => HeldMemory.Assess(state.Iommu, device));
        foreach (Finding reason in reasons.Where(static reason => s_ofGroup.Contains(reason.Code)).Concat(held))
        {
            yield return reason;
        }

        PciDevice[] others = [.. members.Where(static member => !DmaDrivers.IsHarmless(member))];
        if (isViable != false || others.Length == 0)
        {
            yield break;
        }

        string names = string.Join(
            ", ",
            others.Select(static member =>
                $"{member.Address} ({member.Driver}{(member.HasHostUse ? ", which the host needs" : string.Empty)})"
            )
        );
        bool isNeeded = others.Any(static member => member.HasHostUse);
        bool isKept = PhysicalFunctions.Beside(members).Any(others.Contains);
        yield return new Finding(
            FindingCodes.GroupNotViable,
            Severity.Warning,
            isKept
                ? FormattableString.Invariant($"No guest can be given IOMMU group {group.Number}: {names} is in it.")
                : FormattableString.Invariant(
                    $"No guest can be given IOMMU group {group.Number} yet: {names} must be bound to vfio-pci or unbound, too."
                )
        )
        {
            Evidence = string.Join(
                "; ",
                reasons
                    .Where(static reason => reason.Code == FindingCodes.DriverBound)
                    .Select(static reason => reason.Evidence)
            ),
            Remedy =
                isKept
                    ? "Put the card into a slot whose port has ACS: its virtual functions get groups of their own there."
                : isNeeded ? "Choose a device of another group: the host needs one of this."
                : Advice.Of($"Repeat with {ChangeSwitch.WholeGroup}."),
            RepeatWith = isNeeded || isKept ? null : ChangeSwitch.WholeGroup,
        };
    }

    private static IEnumerable<Finding> Others(PciDriverState state, PciDevice device, string? driver)
    {
        VfioWishes wishes = new(state.Iommu, state.Modprobe);
        if (wishes.InEffect is { } list && wishes.Ids.Ids.Any(id => id.Names(device)))
        {
            yield return new Finding(
                FindingCodes.IdsNameDevice,
                driver == "vfio-pci" ? Severity.Information : Severity.Warning,
                $"A list of ids gives {device.Address} to vfio-pci, too, with every other device of its kind{(driver == "vfio-pci" ? string.Empty : "; it may take the device again")}."
            )
            {
                Evidence = list.Evidence,
                Remedy = driver == "vfio-pci" ? null : "Take the id out of that list.",
            };
        }

        if (DmaDrivers.IsVgpu(device) && driver != device.Driver)
        {
            yield return new Finding(
                FindingCodes.VgpuLost,
                Severity.Warning,
                $"{device.Address} is a vGPU that {device.Driver} made, and gives to guests itself: with another driver it is none."
            )
            {
                Evidence = $"/sys/bus/pci/devices/{device.Address}/vfio-dev is there; its driver: {device.Driver}",
                Remedy = "Leave it as it is: guests can have it, with managed='no' in their definitions.",
            };
        }

        foreach (Finding about in new VfioWishFindings(state.Iommu, wishes, state.Devices).AboutLists(device))
        {
            yield return about;
        }

        foreach (string rule in PciDriverPersistence.OtherRules(state, device))
        {
            yield return new Finding(
                FindingCodes.OtherRule,
                Severity.Warning,
                $"Another rule of udev names a driver for {device.Address}."
            )
            {
                Evidence = rule,
                Remedy = "Remove that rule.",
            };
        }

        if (device.IsBootVga && device.Driver is null && driver is not null)
        {
            yield return new Finding(
                FindingCodes.BootVga,
                Severity.Warning,
                $"{device.Address} is the display of the firmware: a console that the kernel keeps on it goes dark."
            )
            {
                Evidence = $"/sys/bus/pci/devices/{device.Address}/boot_vga: 1",
            };
        }

        if (driver is null && device.Driver is null && device.DriverOverride is null)
        {
            yield return new Finding(
                FindingCodes.NoHostDriver,
                Severity.Warning,
                $"No driver of the host has {device.Address}."
            )
            {
                Evidence = $"/sys/bus/pci/devices/{device.Address}/driver is not there",
                Remedy = "Load the module of its driver.",
            };
        }
    }

    private static IEnumerable<Finding> Lasting(
        PciDriverState state,
        PciDevice device,
        string? driver,
        PciDriverRequest request
    )
    {
        if (request.IsTemporary)
        {
            (string Driver, string Path)? boot = PciDriverPersistence.AtBoot(state, device);
            if (boot?.Driver != driver)
            {
                yield return new Finding(
                    FindingCodes.OnlyUntilBoot,
                    Severity.Information,
                    $"The next boot gives {device.Address} to {boot?.Driver ?? "the driver that the host chooses"} again."
                )
                {
                    Evidence = boot?.Path,
                };
            }
        }
        else if (driver is not null && !state.Drivers.HasUdev && !state.Drivers.HasDriverctl)
        {
            yield return new Finding(
                FindingCodes.NotPersistent,
                Severity.Warning,
                $"The driver of {device.Address} holds until the next boot only: the host has no udev that would apply a rule."
            )
            {
                Evidence = "/run/udev/control is not there",
            };
        }
    }

    // What the initramfs has no copy of does not count there: a driver in it is first, until udev runs on the real root.
    private static IEnumerable<Finding> Initramfs(
        PciDriverState state,
        IReadOnlyList<PciDevice> devices,
        string? driver,
        IReadOnlyList<HostChange> changes
    )
    {
        PciDevice[] early = [.. devices.Where(static device => device.ClassCode >> 16 is DisplayClass or StorageClass)];
        InitramfsConfig config = InitramfsConfig.Read(state.Boot);
        if (
            driver is not null
            && early.Length > 0
            && changes.Count > 0
            && (config.Tool is not null || config.IsImageBased)
            && changes.All(change => config.CopyOf(change.Setting) is null)
        )
        {
            yield return new Finding(
                FindingCodes.InitramfsDriverFirst,
                Severity.Warning,
                $"The initramfs does not know of this, so while the host boots a driver in it may have {string.Join(", ", early.Select(static device => device.Address))} first; udev takes it away later."
            )
            {
                Evidence =
                    $"{config.Tool ?? "rpm-ostree"} does not copy {string.Join(", ", changes.Select(static change => change.Setting))}",
                Remedy = "Where that does harm, have vfio_pci and its ids in the initramfs.",
            };
        }
    }
}
