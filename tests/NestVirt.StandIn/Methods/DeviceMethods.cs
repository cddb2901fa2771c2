using NestVirt.StandIn.Cim;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Methods;

/// <summary>Methods of Msvm_AssignableDeviceService (win32 docs): a device leaves the host, or comes back.</summary>
internal static class DeviceMethods
{
    private const int DeviceJob = 2;

    internal static MethodResult Dismount(MethodCall call)
    {
        string? path =
            call.One("DismountSettingData") is { } text
                ? EmbeddedInstance.Parse(text)?.Text("DeviceInstancePath")
                : null;
        CimObject? device = call
            .Machine.Instances(Names.Cimv2, "Win32_PnPEntity")
            .FirstOrDefault(found => found.Text("DeviceID").Equals(path, StringComparison.OrdinalIgnoreCase));
        if (device is null)
        {
            return new MethodResult(ReturnCodes.InvalidParameter);
        }

        // The device must be disabled in the host before (problem code 22); the code of the refusal is not recorded.
        if (device.Number("ConfigManagerErrorCode") != 22)
        {
            return new MethodResult(ReturnCodes.SystemInUse);
        }

        // Windows shows a dismounted device under another enumerator.
        string dismounted = "PCIP" + device.Text("DeviceID")[3..];
        MethodResult result = call.Machine.Jobs.Run(
            "Dismounting Assignable Device",
            DeviceJob,
            () =>
            {
                device["DeviceID"] = dismounted;
                device["PNPDeviceID"] = dismounted;
                call.Machine.Add(
                    Names.Virtualization,
                    "Msvm_PciExpress",
                    new Dictionary<string, object?>
                    {
                        ["CreationClassName"] = "Msvm_PciExpress",
                        ["DeviceID"] = $@"Microsoft:{Guid.NewGuid().ToString().ToUpperInvariant()}",
                        ["DeviceInstancePath"] = dismounted,
                        ["FunctionNumber"] = 0,
                        ["SystemCreationClassName"] = "Msvm_ComputerSystem",
                        ["SystemName"] = call.Machine.Host.Name,
                    }
                );
                return null;
            }
        );
        return result with { Texts = [("DismountedDeviceInstancePath", [dismounted])] };
    }
}
