using NestVirt.Hosts;
using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.Sriov;

/// <summary>Lists the physical functions of a host with their virtual ones.</summary>
internal static class SriovInventory
{
    /// <summary>Reads the functions of a host.</summary>
    /// <param name="answers">The host's answers to <see cref="PciInventory.Probes"/>.</param>
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
        return functions
            .Where(static device => device.Sriov is not null)
            .Select(device => new SriovDevice(device.Address, device.Sriov!)
            {
                Target = target,
                Device = device,
                VirtualFunctions = [.. device.Sriov!.VirtualFunctions.Select(address => devices[address])],
            });
    }
}
