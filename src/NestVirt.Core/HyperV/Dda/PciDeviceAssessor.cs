using NestVirt.Hosts;
using NestVirt.HyperV.VirtualMachines;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.HyperV.Dda;

/// <summary>Says of each PCI device of a host whether Hyper-V can give it to a virtual machine, and which owns it.</summary>
internal static class PciDeviceAssessor
{
    /// <summary>Gets the probes whose answers are read.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } =
    [.. DeviceInventory.Probes, .. DeviceSurvey.Reading.Probes];

    /// <summary>Says it of every device of a host.</summary>
    /// <param name="answers">The answers.</param>
    /// <param name="target">The host.</param>
    /// <returns>The devices by their address; behind them those whose address was not told.</returns>
    /// <exception cref="NestVirtException">The host did not tell of its devices.</exception>
    internal static IReadOnlyList<PciDevice> Assess(ProbeAnswers answers, HostTarget target)
    {
        DeviceSurvey survey = answers.Read(DeviceSurvey.Reading);
        Dictionary<Guid, VMFacts> vms = answers.Read(VMInventory.Reading).VMs.ToDictionary(static vm => vm.Id);
        return
        [
            .. DeviceInventory
                .Require(answers)
                .Devices.Select(device =>
                    Assess(target, survey, device, device.Owner is { } owner ? vms.GetValueOrDefault(owner) : null)
                ),
        ];
    }

    /// <summary>Says what keeps the host from giving any device away.</summary>
    /// <param name="answers">The answers.</param>
    /// <returns>The findings.</returns>
    internal static IReadOnlyList<Finding> FindingsOf(ProbeAnswers answers) =>
        answers.Read(DeviceSurvey.Reading).Obstacles;

    private static PciDevice Assess(HostTarget target, DeviceSurvey survey, HostDevice device, VMFacts? owner)
    {
        DeviceVerdict verdict = survey.Judge(device);
        return new PciDevice(
            device.Address?.ToString() ?? device.InstancePath,
            device.ClassCode ?? 0,
            device.Ids.VendorId ?? 0,
            device.Ids.DeviceId ?? 0
        )
        {
            Target = target,
            Vendor = device.Manufacturer,
            Device = device.Name,
            Class = device.PnpClass,
            SubsystemVendorId = device.Ids.SubsystemVendorId,
            SubsystemDeviceId = device.Ids.SubsystemDeviceId,
            Revision = device.Ids.Revision,
            Driver = device.Service,
            PortType = PortTypeOf(device.DeviceType),
            InstancePath = device.InstancePath,
            LocationPath = device.LocationPath,
            IsAssignable = verdict.IsAssignable,
            OwnerVm = owner?.Name,
            OwnerVmId = owner?.IdText,
            Reasons =
            [
                verdict.Finding.For(target),
                .. owner is null ? Array.Empty<Finding>() : [DeviceFindings.Owned(owner.Name)],
            ],
        };
    }

    // The numbers of pciprop.h, which SurveyDDA.ps1 lists.
    private static PciePortType? PortTypeOf(int? deviceType) =>
        deviceType switch
        {
            2 => PciePortType.Endpoint,
            3 => PciePortType.LegacyEndpoint,
            4 => PciePortType.RootComplexEndpoint,
            8 => PciePortType.RootPort,
            9 => PciePortType.UpstreamPort,
            10 => PciePortType.DownstreamPort,
            11 => PciePortType.PcieToPciBridge,
            12 => PciePortType.PciToPcieBridge,
            14 => PciePortType.RootComplexEventCollector,
            _ => null,
        };
}
