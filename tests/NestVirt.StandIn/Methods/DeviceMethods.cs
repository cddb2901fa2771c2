using NestVirt.StandIn.Cim;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Methods;

/// <summary>Methods of Win32_PnPEntity and of the host's network adapters, which start no jobs.</summary>
internal static class DeviceMethods
{
    // Return values of these methods are not documented: 0 is success, and 2 stands for any failure here.
    private const uint Failed = 2;

    internal static MethodResult GetProperties(MethodCall call) =>
        DeviceOf(call) is { } device
            ? new MethodResult(ReturnCodes.Completed)
            {
                Instances =
                [
                    (
                        "deviceProperties",
                        DeviceProperties.Of(call.Machine.Classes, device, call.All("devicePropertyKeys"))
                    ),
                ],
            }
            : new MethodResult(Failed);

    // A dismounted device is started as PCIP; what disabling it there does is not recorded.
    internal static MethodResult Switch(MethodCall call, bool isOn)
    {
        if (DeviceOf(call) is not { IsDismounted: false } device)
        {
            return new MethodResult(Failed);
        }

        // That one which waits to be disabled is enabled again at once is not recorded.
        bool waits = isOn ? device.KeepsWaiting && device.ErrorCode != 0 : device.NeedsRestart;
        device.ErrorCode =
            waits ? HostDevice.NeedsRestartCode
            : isOn ? 0
            : HostDevice.DisabledCode;
        // The win32 docs and microsoft/wmi write the name with a small letter.
        return new MethodResult(ReturnCodes.Completed) { Texts = [("rebootNeeded", [CimValues.Text(waits)])] };
    }

    // cmdletOutput is the instance as it is then (microsoft/wmi). Enabled says what was asked of the adapter, and
    // SriovSupport whether it can: that the one does not follow the other is not recorded.
    internal static MethodResult SwitchSriov(MethodCall call, bool isOn)
    {
        call.Target["Enabled"] = isOn;
        return new MethodResult(ReturnCodes.Completed) { Instances = [("cmdletOutput", [call.Target])] };
    }

    private static HostDevice? DeviceOf(MethodCall call) =>
        call.Machine.Devices.FirstOrDefault(device =>
            device.InstancePath.Equals(call.Target.Text("DeviceID"), StringComparison.OrdinalIgnoreCase)
        );
}
