using NestVirt.Hosts;
using NestVirt.HyperV.Dda;
using NestVirt.HyperV.Machine;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.HyperV.Sriov;

/// <summary>Says which network adapters of a host can have virtual functions, how many they have, and what stands against more.</summary>
internal static class SriovAssessor
{
    private const int EthernetClass = 0x020000;

    /// <summary>Gets the probes whose answers are read.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } =
    [.. SriovProbes.All, .. PciDeviceAssessor.Probes.Union([WindowsProbe.Probe])];

    /// <summary>Says it of every adapter that Windows lists.</summary>
    /// <param name="answers">The answers.</param>
    /// <param name="target">The host.</param>
    /// <returns>The adapters by their address.</returns>
    /// <exception cref="NestVirtException">The host did not tell of its adapters.</exception>
    internal static IEnumerable<SriovDevice> Assess(ProbeAnswers answers, HostTarget target)
    {
        if (!answers[SriovProbes.Settings].IsAvailable)
        {
            throw Untold.Of(
                answers[SriovProbes.Settings],
                "Which network adapters of the host can have virtual functions"
            );
        }

        Finding[] ofHost = [.. FindingsOf(answers)];
        Dictionary<string, PciDevice> devices = answers[DeviceProbes.Devices].IsAvailable
            ? PciDeviceAssessor
                .Assess(answers, target)
                .DistinctBy(static device => device.Address)
                .ToDictionary(static device => device.Address, StringComparer.Ordinal)
            : [];
        return answers.Read(SriovAdapter.Reading).Select(adapter => Assess(target, adapter, devices, ofHost));
    }

    private static SriovDevice Assess(
        HostTarget target,
        SriovAdapter adapter,
        Dictionary<string, PciDevice> devices,
        Finding[] ofHost
    )
    {
        string address = adapter.Address?.ToString() ?? adapter.Name;
        PciDevice device =
            devices.GetValueOrDefault(address)
            ?? new PciDevice(address, EthernetClass, 0, 0) { Target = target, Device = adapter.Description };
        SriovState? state = adapter is { TotalCount: { } total, Count: { } count } ? new(total, count) : null;
        return new SriovDevice(address, state)
        {
            Target = target,
            TotalCount = adapter.TotalCount,
            Count = adapter.Count,
            Device = device with { Sriov = state, NetworkInterfaces = adapter.Name.Length > 0 ? [adapter.Name] : [] },
            Reasons = [.. ofHost, .. SriovFindings.Of(adapter)],
        };
    }

    // What stands against giving whole devices away is said of those.
    private static IEnumerable<Finding> FindingsOf(ProbeAnswers answers) =>
        PciDeviceAssessor
            .FindingsOf(answers)
            .Where(static finding => finding.Code == FindingCodes.HyperVIovUnsupported)
            .Concat(
                answers.Read(WindowsProbe.Reading).Kind == WindowsKind.Client
                    ? [SriovFindings.ClientLimits]
                    : Array.Empty<Finding>()
            );
}
