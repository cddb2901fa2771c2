using NestVirt.Model;

namespace NestVirt.HyperV.VirtualMachines;

/// <summary>Reads the state of a VM.</summary>
/// <remarks>
/// EnabledState of Msvm_ComputerSystem: the numbers up to 10 as measured in root/virtualization/v2 (r4sd/go-wsman,
/// enabled_state_test.go), those from 32768 on as Microsoft's page has them, from the namespace before it.
/// </remarks>
internal static class VMStates
{
    private const ulong InService = 11;
    private const ulong FirstOperation = 32768;

    /// <summary>Reads EnabledState.</summary>
    /// <param name="number">The number, or null.</param>
    /// <returns>The state; unknown for a number that has no meaning.</returns>
    internal static VmState Of(ulong? number) =>
        number switch
        {
            2 => VmState.Running,
            3 => VmState.Off,
            6 or 32769 => VmState.Saved,
            9 or 32768 => VmState.Paused,
            10 or 32770 => VmState.Starting,
            4 or 32774 => VmState.Stopping,
            32771 or 32773 or 32776 or 32777 => VmState.Changing,
            >= 32781 and <= 32792 => VmState.Critical,
            _ => VmState.Unknown,
        };

    /// <summary>Tells whether an operation on a VM is under way.</summary>
    /// <param name="status">OperationalStatus: the first number is 11 while a request is processed, the second is 32768 and up for a checkpoint, a merge, an export or a migration.</param>
    /// <returns>True if so.</returns>
    internal static bool IsBusy(IReadOnlyList<ulong> status) =>
        status is [InService, ..] || status.Skip(1).Any(static number => number >= FirstOperation);
}
