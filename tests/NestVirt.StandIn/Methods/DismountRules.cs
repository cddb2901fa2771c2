using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Methods;

/// <summary>
/// Whether a device can be taken from the host, in the order of SurveyDDA.ps1. Which codes go with the sentences is not
/// recorded, nor whether the host looks at all of this when it dismounts.
/// </summary>
public static class DismountRules
{
    private const uint Express = 2;
    private const uint Legacy = 3;
    private const uint Integrated = 4;
    private const uint TreatedAsPci = 5;
    private const uint Display = 3;

    /// <summary>Gets why a device stays with the host.</summary>
    /// <param name="host">The host.</param>
    /// <param name="device">The device.</param>
    /// <param name="requiresAcs">Whether its traffic must be kept apart.</param>
    /// <param name="requiresMitigations">Whether its maker must tell how to secure it.</param>
    /// <returns>The reason; null where it can be taken.</returns>
    public static MethodFailure? Refusal(
        HostFacts host,
        HostDevice device,
        bool requiresAcs,
        bool requiresMitigations
    ) =>
        // Assignment is of Windows Server alone (Microsoft, plan for DDA).
        host.ProductType == 1
            ? NotSupported("This edition of Windows does not assign devices.")
        : device.IsDismounted || device.ErrorCode != HostDevice.DisabledCode
            ? new MethodFailure(
                ReturnCodes.InvalidState,
                $"The operation failed. The device '{device.LocationPath}' is in use by the host: disable it first."
            )
        : device.NeedsReservedMemory
            ? NotSupported("The firmware requires that this device remain attached to its memory.")
        // Seen with firmware that keeps the bus for itself.
        : device.DeviceType == TreatedAsPci
            ? NotSupported(
                "The current configuration does not allow for OS control of the PCI Express bus. Please check your BIOS or "
                    + "UEFI settings."
            )
        : !IsAssignable(device) ? NotSupported("This device is not supported when passed through to a virtual machine.")
        : requiresAcs && device.Acs == 0
            ? NotSupported("Traffic from this device may be redirected to other devices in the system.")
        // Seen, of a USB controller.
        : requiresMitigations && !device.HasMitigations
            ? NotSupported(
                "The manufacturer of this device has not supplied any directives for securing this device while exposing it "
                    + "to a virtual machine. The device should only be exposed to trusted virtual machines."
            )
        : null;

    // A disabled device has no interrupts to look at: lines are found out when it is enabled.
    private static bool IsAssignable(HostDevice device) =>
        device.DeviceType is Express or Integrated
        || (device.DeviceType == Legacy && device.ClassCode >> 16 == Display);

    private static MethodFailure NotSupported(string reason) =>
        new(ReturnCodes.NotSupported, "The operation failed. " + reason);
}
