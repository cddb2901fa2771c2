using NestVirt.Hosts;
using NestVirt.HyperV.Machine;
using NestVirt.HyperV.VirtualMachines;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.HyperV.Dda;

/// <summary>Says which PCI devices of a host its virtual machines own.</summary>
internal static class VmPciDeviceAssessor
{
    /// <summary>Gets the probes whose answers are read.</summary>
    internal static IReadOnlyList<HostProbe> Probes => DeviceInventory.Probes;

    /// <summary>Says it of every device that a VM owns, be the VM running or off.</summary>
    /// <param name="answers">The answers.</param>
    /// <param name="target">The host.</param>
    /// <returns>The devices, in the order of the VMs.</returns>
    /// <exception cref="NestVirtException">The host did not tell of its VMs, or of what they have.</exception>
    internal static IEnumerable<VmPciDevice> Assess(ProbeAnswers answers, HostTarget target)
    {
        VMInventory vms = VMInventory.Require(answers);
        if (!answers[VMProbes.Resources].IsAvailable)
        {
            throw Untold.Of(answers[VMProbes.Resources], "Which PCI devices the host's VMs own");
        }

        DeviceInventory devices = answers.Read(DeviceInventory.Reading);
        bool knowsDevices = answers[DeviceProbes.Devices].IsAvailable;
        return vms.VMs.SelectMany(vm =>
            vm.Devices.Select(setting => Assess(target, vm, setting, devices.Find(setting), knowsDevices))
        );
    }

    private static VmPciDevice Assess(
        HostTarget target,
        VMFacts vm,
        VMDeviceFacts setting,
        HostDevice? device,
        bool knowsDevices
    )
    {
        HardwareIds ids =
            device?.Ids ?? (setting.InstancePath is { } path ? HardwareIds.Parse([path]) : new HardwareIds());
        return new VmPciDevice(target)
        {
            VmName = vm.Name,
            VmId = vm.IdText,
            State = vm.State,
            IsDefined = true,
            Address = device?.Address?.ToString(),
            LocationPath = device?.LocationPath,
            InstancePath =
                device?.InstancePath ?? setting.InstancePath ?? (setting.Device.Length > 0 ? setting.Device : null),
            Vendor = device?.Manufacturer,
            Device = device?.Name,
            VendorId = ids.VendorId,
            DeviceId = ids.DeviceId,
            IsVirtualFunction = setting.IsVirtualFunction,
            IsKnownToHost =
                device is not null ? true
                : knowsDevices ? false
                : null,
            Reasons =
                device is { IsDismounted: false } ? [DeviceFindings.NotReady(isKnown: true)]
                : device is null && knowsDevices ? [DeviceFindings.NotReady(isKnown: false)]
                : [],
        };
    }
}
