using NestVirt.Model;

namespace NestVirt.Linux.Iommu;

/// <summary>Virtual functions that share a group with the physical function that makes them: no guest can have them, and the physical one must stay.</summary>
/// <remarks>
/// The group is whole only with the physical function given away, and its virtual functions go with its driver
/// (pci_disable_sriov() in the drivers' remove()). They share a group where a port above has no ACS: pci_device_group() in
/// drivers/iommu/iommu.c.
/// </remarks>
internal static class PhysicalFunctions
{
    /// <summary>Finds the physical functions of a group that have virtual ones in it.</summary>
    /// <param name="members">The functions of the group.</param>
    /// <returns>The physical functions.</returns>
    internal static IEnumerable<PciDevice> Beside(IReadOnlyCollection<PciDevice> members) =>
        members.Where(member => members.Any(other => other.PhysicalFunction == member.Address));

    /// <summary>Names them.</summary>
    /// <param name="members">The functions of the group.</param>
    /// <returns>The findings.</returns>
    internal static IEnumerable<Finding> Assess(IReadOnlyCollection<PciDevice> members)
    {
        foreach (PciDevice physical in Beside(members))
        {
            string[] functions =
            [
                .. members
                    .Where(member => member.PhysicalFunction == physical.Address)
                    .Select(static member => member.Address),
            ];
            yield return new Finding(
                FindingCodes.PhysicalFunctionInGroup,
                Severity.Warning,
                $"{string.Join(", ", functions)} {(functions.Length == 1 ? "is a virtual function" : "are virtual functions")} of {physical.Address} in its IOMMU group: to give one away the group would have to lose {physical.Address}, and with it every virtual function."
            )
            {
                Evidence = string.Join(
                    "; ",
                    functions.Select(function => $"/sys/bus/pci/devices/{function}/physfn: {physical.Address}")
                ),
                Remedy =
                    $"Leave {physical.Address} to the host. Put the card into a slot whose port has ACS, or turn ACS (and ARI) on in the firmware setup, so that virtual functions get groups of their own.",
            };
        }
    }
}
