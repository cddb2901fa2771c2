using NestVirt.Hosts;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.Sriov;

/// <summary>Lists the physical functions of a host with their virtual ones, and says who makes them and why some are not there.</summary>
internal static class SriovInventory
{
    /// <summary>Gets the probes whose answers are read.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } =
    [
        .. PciInventory.Probes,
        KernelLogProbe.Probe,
        KernelLogProbe.PrivilegedProbe,
        VirtualFunctionProbe.Probe,
        SriovUnit.Probe,
    ];

    /// <summary>Reads the functions of a host.</summary>
    /// <param name="answers">The host's answers to <see cref="Probes"/>.</param>
    /// <param name="target">The host.</param>
    /// <returns>The physical functions, ordered by address.</returns>
    /// <exception cref="NestVirtException">The functions are not known.</exception>
    internal static IEnumerable<SriovDevice> Read(ProbeAnswers answers, HostTarget target)
    {
        IReadOnlyList<PciDevice> functions = PciInventory.Require(answers, target);
        Dictionary<string, PciDevice> devices = functions.ToDictionary(
            static device => device.Address,
            StringComparer.Ordinal
        );
        PciDevice[] physical = [.. functions.Where(static device => device.Sriov is not null)];
        VirtualFunctionHost host = answers[VirtualFunctionProbe.Probe].IsAvailable
            ? answers.Read(VirtualFunctionProbe.Reading)
            : new VirtualFunctionHost();
        IReadOnlyList<SriovBootLine> own = answers[SriovUnit.Probe].IsAvailable ? SriovUnit.Read(answers).Counts() : [];
        SriovBootFindings boot = new(host, [.. host.ForeignLines, .. own], physical);
        KernelLog log = KernelLogProbe.Parse(answers);
        return physical.Select(device =>
        {
            SriovObstacles obstacles = Obstacles(device, devices, log, host);
            IReadOnlyList<SriovObstacle> found = obstacles.Find(null);
            return new SriovDevice(device.Address, device.Sriov!)
            {
                Target = target,
                Device = device,
                VirtualFunctions = [.. device.Sriov!.VirtualFunctions.Select(address => devices[address])],
                Reasons =
                [
                    .. found
                        .Select(static obstacle => obstacle.Finding)
                        .Concat(boot.Of(device, obstacles, found, log))
                        .Select(finding => finding.For(target)),
                ],
            };
        });
    }

    /// <summary>Gets what finds obstacles of a device.</summary>
    /// <param name="device">The physical function.</param>
    /// <param name="devices">The functions of the host by address.</param>
    /// <param name="log">The kernel's log.</param>
    /// <param name="host">What else the host shows.</param>
    /// <returns>It.</returns>
    internal static SriovObstacles Obstacles(
        PciDevice device,
        IReadOnlyDictionary<string, PciDevice> devices,
        KernelLog log,
        VirtualFunctionHost host
    ) => new(device, device.Parent is { } parent ? devices.GetValueOrDefault(parent) : null, log, host);
}
