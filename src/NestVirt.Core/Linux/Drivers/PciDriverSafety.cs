using System.Net;
using NestVirt.Guidance;
using NestVirt.Linux.Iommu;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Drivers;

/// <summary>Says what speaks against taking a function from its driver.</summary>
/// <remarks>What the host itself needs is refused whatever the user allows; what is merely in use needs the user's word.</remarks>
internal static class PciDriverSafety
{
    private const int StorageClass = 0x01;

    private static string ForceRemedy => Advice.Of($"Repeat with {ChangeSwitch.Force} if that may be interrupted.");

    /// <summary>Names what speaks against it.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="device">The function.</param>
    /// <param name="driver">The driver wanted; null for the host's own choice.</param>
    /// <param name="force">Whether what is in use may be interrupted.</param>
    /// <returns>The refusals; none when it may be done.</returns>
    internal static IEnumerable<Finding> Refusals(PciDriverState state, PciDevice device, string? driver, bool force)
    {
        if (device.IsBridge)
        {
            return
            [
                Refusal(
                    FindingCodes.IsBridge,
                    $"{device.Address} is a bridge, which is never passed through.",
                    $"class {device.ClassCode:x6}",
                    "Name the function behind it."
                ),
            ];
        }

        IEnumerable<Finding> findings = state.Drivers.HasOverride
            ? []
            :
            [
                Refusal(
                    FindingCodes.OverrideMissing,
                    "The kernel cannot bind single devices.",
                    "no device has a file driver_override, which came with Linux 3.16",
                    "Boot a newer kernel."
                ),
            ];
        bool isRebound = PciDriverRules.IsRebound(device, driver);
        return findings
            .Concat(isRebound ? InGuest(state, device) : [])
            .Concat(isRebound && PciDriverRules.IsVfio(driver) ? WithoutIommu(state, device) : [])
            .Concat(PciDriverRules.IsVfio(driver) ? RefusedByKernel(state, device) : [])
            .Concat(isRebound && !force ? OtherDriver(state, device, driver) : [])
            .Concat(
                isRebound && device.Driver is not null && !PciDriverRules.IsForGuests(device.Driver)
                    ? Needed(state, device, force)
                    : []
            );
    }

    /// <summary>Names what is interrupted when a function leaves its driver, as a phrase.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="device">The function.</param>
    /// <returns>The phrase, or null.</returns>
    internal static string? Interrupted(PciDriverState state, PciDevice device)
    {
        string[] parts =
        [
            .. device.InterfaceNames.Select(name =>
                UseOf(state, name) is { } use ? $"network interface {name} ({use})" : $"network interface {name}"
            ),
            .. device.DiskNames.Select(static name => $"disk {name}"),
            .. device.Sriov is { Count: > 0 } sriov
                ? [FormattableString.Invariant($"{sriov.Count} virtual functions")]
                : Array.Empty<string>(),
        ];
        return device.Driver is null || parts.Length == 0
            ? null
            : HostText.ForDisplay($"takes from the host: {string.Join(", ", parts)}", 300);
    }

    /// <summary>Names what speaks against taking a function from the host's own driver.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="device">The function, which a driver of the host has.</param>
    /// <param name="force">Whether what is in use may be interrupted.</param>
    /// <returns>The refusals; none when it may be done.</returns>
    internal static IEnumerable<Finding> Needed(PciDriverUse state, PciDevice device, bool force)
    {
        foreach (HostUse use in device.HostUses.Where(use => use.Kind != "Unknown" || !force))
        {
            yield return Refusal(
                use.Kind == "Unknown" ? FindingCodes.HostUseUnknown : FindingCodes.UsedByHost,
                use.Kind == "Unknown"
                    ? $"It is not known whether the host needs {device.Address}."
                    : $"The host itself needs {device.Address}.",
                $"{use.Kind}: {use.Evidence}",
                use.Kind == "Unknown" ? ForceRemedy : "Choose another device: nothing overrides this."
            );
        }

        if (
            !state.IsRootKnown
            && (
                device.ClassCode >> 16 == StorageClass
                || device.DiskNames.Count > 0
                || device.InterfaceNames.Any(name => UseOf(state, name) is not null)
            )
        )
        {
            yield return Refusal(
                FindingCodes.RootUnknown,
                $"It is not known which device the host's root file system is on, so it may be {device.Address}.",
                state.Uses.Mounts.FirstOrDefault(static mount => mount.MountPoint == "/") is { } root
                    ? $"/ is {root.FileSystem} on {HostText.ForDisplay(root.Source, 80)}"
                    : "/proc/self/mountinfo names no root",
                "Nothing overrides this."
            );
        }

        if (device.IsBootVga && state.Uses.Mounts.Count == 0 && !force)
        {
            yield return Refusal(
                FindingCodes.HostUseUnknown,
                $"It is not known whether the host needs {device.Address}.",
                "/proc/self/mountinfo could not be read",
                ForceRemedy
            );
        }

        foreach (Finding finding in force ? [] : InUse(state, device).Concat(VirtualFunctions(device)))
        {
            yield return finding;
        }

        foreach (PciDevice function in state.Devices.Where(other => other.PhysicalFunction == device.Address))
        {
            foreach (Finding finding in InGuest(state, function).Concat(InUse(state, function)))
            {
                yield return finding with
                {
                    Message = $"Its virtual functions would go. {finding.Message}",
                    Remedy = "Free it first.",
                };
            }
        }
    }

    /// <summary>Names who holds a function open, through VFIO or UIO.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="device">The function.</param>
    /// <returns>The refusal, or none.</returns>
    internal static IEnumerable<Finding> InGuest(PciDriverUse state, PciDevice device)
    {
        DeviceHolder[] holders = [.. state.HoldersOf(device)];
        if (holders.Length > 0)
        {
            yield return Refusal(
                FindingCodes.DeviceInGuest,
                $"{device.Address} is given to a guest or a program, which would keep it for as long as it runs.",
                string.Join("; ", holders.Select(static holder => $"{holder} has {holder.Path} open")),
                "Shut the guest down, or detach the device from it, first."
            );
        }
    }

    private static IEnumerable<Finding> InUse(PciDriverUse state, PciDevice device)
    {
        foreach (string name in device.InterfaceNames)
        {
            if (UseOf(state, name) is { } use)
            {
                yield return Refusal(
                    FindingCodes.InterfaceInUse,
                    $"The network interface {HostText.ForDisplay(name, 40)} of {device.Address} is up and in use.",
                    $"{HostText.ForDisplay(name, 40)} {use}",
                    ForceRemedy
                );
            }
        }

        string[] disks =
        [
            .. state
                .Uses.Blocks.Values.Where(block => device.DiskNames.Contains(block.Disk ?? block.Name))
                .Select(static block => block.Name),
        ];
        string[] evidence =
        [
            .. state
                .Uses.Blocks.Values.Where(block => block.Slaves.Any(disks.Contains))
                .Select(static block => $"{block.MapperName ?? block.Name} is made of it"),
            .. state
                .Drivers.Holders.Where(holder => disks.Any(disk => holder.Path == $"/dev/{disk}"))
                .Select(static holder => $"{holder} has {holder.Path} open"),
        ];
        if (evidence.Length > 0)
        {
            yield return Refusal(
                FindingCodes.DiskInUse,
                $"A disk of {device.Address} is in use.",
                HostText.ForDisplay(string.Join("; ", evidence), 300),
                ForceRemedy
            );
        }
    }

    private static IEnumerable<Finding> VirtualFunctions(PciDevice device)
    {
        if (device.Sriov is { Count: > 0 } sriov)
        {
            yield return Refusal(
                FindingCodes.HasVirtualFunctions,
                FormattableString.Invariant(
                    $"{device.Address} has {sriov.Count} virtual functions, which would go with its driver."
                ),
                FormattableString.Invariant($"/sys/bus/pci/devices/{device.Address}/sriov_numvfs: {sriov.Count}"),
                Advice.Of($"Bind a virtual function instead, or repeat with {ChangeSwitch.Force}.")
            );
        }
    }

    // A wrong driver is not stopped by the kernel: driver_override makes it take what it does not know.
    private static IEnumerable<Finding> OtherDriver(PciDriverState state, PciDevice device, string? driver)
    {
        if (
            driver is not null
            && !PciDriverRules.IsForGuests(driver)
            && !state.Devices.Any(other =>
                other.Driver == driver && other.VendorId == device.VendorId && other.DeviceId == device.DeviceId
            )
        )
        {
            yield return Refusal(
                FindingCodes.DriverForeign,
                $"It is not known whether {driver} fits {device.Address}, and driver_override would make it take the device even if not.",
                FormattableString.Invariant(
                    $"no function {device.VendorId:x4}:{device.DeviceId:x4} of the host has that driver"
                ),
                Advice.Of($"Have the host choose with {ChangeSwitch.HostDriver}; or repeat with {ChangeSwitch.Force}.")
            );
        }
    }

    private static IEnumerable<Finding> WithoutIommu(PciDriverState state, PciDevice device)
    {
        if (state.GroupOf(device) is { IsTranslated: true })
        {
            yield break;
        }

        bool isNoIommu = state.Iommu.VfioParameters.GetValueOrDefault("vfio.enable_unsafe_noiommu_mode") is "Y" or "1";
        yield return Refusal(
            FindingCodes.NoIommuGroup,
            isNoIommu
                ? $"No IOMMU stands behind {device.Address}: VFIO would let a guest reach all of the host's memory."
                : $"{device.Address} is in no IOMMU group, so VFIO cannot give it to a guest.",
            isNoIommu
                ? "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode is on"
                : $"/sys/bus/pci/devices/{device.Address}/iommu_group is not there",
            "Turn the IOMMU on."
        ) with
        {
            Mend = new CommandCall(OwnCommand.EnableIommu),
        };
    }

    // What the kernel refuses to VFIO is of no use bound to it, and the host loses the device.
    private static IEnumerable<Finding> RefusedByKernel(PciDriverState state, PciDevice device) =>
        (
            state.GroupOf(device) is { } group
                ? DirectRegions.Assess(state.Iommu, group, [.. state.MembersOf(group)])
                : []
        )
            .Concat(VfioDenylist.Assess(state.Iommu, device))
            .Where(static refusal => refusal.Severity > Severity.Information)
            .Select(static refusal => refusal with { Severity = Severity.Error });

    /// <summary>Tells what an interface is in use for, or null when it is not.</summary>
    private static string? UseOf(PciDriverUse state, string name)
    {
        if (!state.Drivers.InterfacesUp.Contains(name))
        {
            return null;
        }

        string? upper = state
            .Uses.LowerInterfaces.Where(pair => pair.Value.Contains(name))
            .Select(static pair => pair.Key)
            .FirstOrDefault();
        return upper is not null ? $"is part of {HostText.ForDisplay(upper, 40)}"
            : state.Uses.Routes.FirstOrDefault(route => route.Interface == name && IsReal(route.Destination))
                is { } route
                ? FormattableString.Invariant($"has the route {route.Destination}/{route.PrefixLength}")
            : state.Uses.Addresses.FirstOrDefault(own => own.Interface == name && IsReal(own.Address))
                is { Address: not null } own
                ? $"has the address {own.Address}"
            : null;
    }

    // An interface that is up gives itself addresses that are good for its own link only.
    private static bool IsReal(IPAddress address) => !address.IsIPv6LinkLocal && !address.IsIPv6Multicast;

    private static Finding Refusal(string code, string message, string? evidence, string? remedy) =>
        new(code, Severity.Error, message) { Evidence = evidence, Remedy = remedy };
}
