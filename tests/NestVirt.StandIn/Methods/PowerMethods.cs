using System.Globalization;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Methods;

/// <summary>Methods that start and stop VMs.</summary>
internal static class PowerMethods
{
    private const int StateJob = 32;

    internal static MethodResult RequestStateChange(MethodCall call)
    {
        if (
            call.Machine.VMs.FirstOrDefault(vm => ReferenceEquals(vm.System, call.Target)) is not { } vm
            || !uint.TryParse(call.One("RequestedState"), CultureInfo.InvariantCulture, out uint requested)
        )
        {
            return new MethodResult(ReturnCodes.InvalidParameter);
        }

        // A state that cannot follow is refused by the return value, without a job (r4sd, measured).
        return PowerRules.Refusal(vm, requested) is { } refusal
            ? new MethodResult(refusal.Code)
            : call.Machine.Jobs.Run(
                "Changing Virtual Machine State",
                StateJob,
                () => PowerRules.Apply(call.Machine, vm, requested)
            );
    }

    // Answers when the guest was asked, not when it is off; here it is off at once. Not recorded.
    internal static MethodResult InitiateShutdown(MethodCall call)
    {
        if (call.Machine.VMs.FirstOrDefault(vm => ReferenceEquals(vm.Shutdown, call.Target)) is not { } vm)
        {
            return new MethodResult(ReturnCodes.InvalidParameter);
        }

        if (!vm.IgnoresShutdown)
        {
            vm.State = VMState.Off;
        }

        return new MethodResult(ReturnCodes.Completed);
    }
}
