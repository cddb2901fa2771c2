using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Methods;

/// <summary>What a VM can be told to do, by its state.</summary>
public static class PowerRules
{
    /// <summary>Gets why a state cannot be asked for.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="requested">The state: 2 start or resume, 3 off, 6 save, 9 pause, 10 reboot, 11 reset.</param>
    public static MethodFailure? Refusal(VirtualMachine vm, uint requested)
    {
        bool isAllowed = requested switch
        {
            2 => vm.State is VMState.Off or VMState.Saved or VMState.Paused,
            3 => vm.State is not VMState.Off,
            6 => vm.State is VMState.Running or VMState.Paused,
            9 => vm.State == VMState.Running,
            // The docs' value 10 goes from off or saved to running; nobody should use it to start.
            10 => vm.State is VMState.Off or VMState.Saved,
            11 => vm.State == VMState.Running,
            // 32768 and 32769 are the first namespace's values: measured, refused every time (r4sd). 4 is its as well.
            _ => false,
        };
        return isAllowed ? null : ChangeRules.InvalidState(vm);
    }

    /// <summary>Changes the state.</summary>
    /// <returns>Why it did not; null where it did.</returns>
    public static MethodFailure? Apply(HyperVMachine machine, VirtualMachine vm, uint requested)
    {
        bool starts = requested is 2 or 10 && vm.State is VMState.Off;
        if (starts && vm.IsNested && !machine.Host.CanStartNested)
        {
            // The end of the sentence is that of VirtualBox' thread about Vagrant (VVV #2534).
            return new MethodFailure(
                ReturnCodes.Failed,
                $"'{vm.Name}' failed to start. Virtual machine '{vm.Name}' could not be started because this platform "
                    + "does not support nested virtualization."
            );
        }

        if (starts && AssignmentRules.StartRefusal(machine, vm) is { } refusal)
        {
            return refusal;
        }

        vm.State = requested switch
        {
            3 => VMState.Off,
            6 => VMState.Saved,
            9 => VMState.Paused,
            _ => VMState.Running,
        };
        return null;
    }
}
