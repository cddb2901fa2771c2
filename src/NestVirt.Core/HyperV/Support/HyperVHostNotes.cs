using NestVirt.HyperV.Dda;
using NestVirt.HyperV.Machine;
using NestVirt.HyperV.VirtualMachines;
using NestVirt.Model;

namespace NestVirt.HyperV.Support;

/// <summary>What is worth knowing of a host beside the verdict.</summary>
internal static class HyperVHostNotes
{
    /// <summary>Finds it.</summary>
    /// <param name="host">The host.</param>
    /// <returns>The findings.</returns>
    internal static IEnumerable<Finding> Of(HyperVHost host)
    {
        if (host.Guard.IsVbsRunning == true)
        {
            yield return HyperVFindings.VbsRunning;
        }

        foreach (Finding obstacle in AssignmentObstacles.Of(host.Iov, host.Windows.Kind))
        {
            yield return obstacle;
        }
    }

    /// <summary>Finds what concerns the VMs of a host.</summary>
    /// <param name="host">The host.</param>
    /// <param name="inventory">Its VMs.</param>
    /// <returns>The findings.</returns>
    internal static IEnumerable<Finding> Of(HyperVHost host, VMInventory inventory)
    {
        if (host.Guard.IsVbsRunning == true)
        {
            yield return HyperVFindings.VbsRunning;
        }

        if (inventory.RunningJobCount is > 0 and { } count)
        {
            yield return HyperVFindings.JobsRunning(count);
        }
    }
}
