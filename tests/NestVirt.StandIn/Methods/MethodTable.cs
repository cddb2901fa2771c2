using NestVirt.StandIn.Cim;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Methods;

/// <summary>A method: what it takes and what it does.</summary>
/// <param name="Parameters">What goes in.</param>
/// <param name="Run">What it does.</param>
internal sealed record Method(IReadOnlyList<MethodParameter> Parameters, Func<MethodCall, MethodResult> Run);

/// <summary>The methods of each class (parameters: win32 docs, and those that microsoft/wmi generated).</summary>
internal static class MethodTable
{
    private static readonly Dictionary<(string Class, string Method), Method> s_methods = new()
    {
        [("Msvm_VirtualSystemManagementService", "ModifyResourceSettings")] = new(
            [new("ResourceSettings", CimType.String, IsArray: true)],
            static call => ManagementMethods.Modify(call, "ResourceSettings", "Modifying Virtual Machine Resources")
        ),
        [("Msvm_VirtualSystemManagementService", "ModifySystemSettings")] = new(
            [new("SystemSettings", CimType.String)],
            static call => ManagementMethods.Modify(call, "SystemSettings", "Modifying Virtual Machine")
        ),
        [("Msvm_VirtualSystemManagementService", "ModifyFeatureSettings")] = new(
            [new("FeatureSettings", CimType.String, IsArray: true)],
            static call => ManagementMethods.Modify(call, "FeatureSettings", "Modifying Ethernet Switch Port Settings")
        ),
        [("Msvm_VirtualSystemManagementService", "AddFeatureSettings")] = new(
            [new("AffectedConfiguration", CimType.Reference), new("FeatureSettings", CimType.String, IsArray: true)],
            ManagementMethods.AddFeature
        ),
        [("Msvm_VirtualSystemManagementService", "AddResourceSettings")] = new(
            [new("AffectedConfiguration", CimType.Reference), new("ResourceSettings", CimType.String, IsArray: true)],
            AssignmentMethods.Add
        ),
        [("Msvm_VirtualSystemManagementService", "RemoveResourceSettings")] = new(
            [new("ResourceSettings", CimType.Reference, IsArray: true)],
            AssignmentMethods.Remove
        ),
        [("Msvm_AssignableDeviceService", "DismountAssignableDevice")] = new(
            [new("DismountSettingData", CimType.String)],
            AssignmentMethods.Dismount
        ),
        [("Msvm_AssignableDeviceService", "MountAssignableDevice")] = new(
            [new("DeviceInstancePath", CimType.String), new("DeviceLocationPath", CimType.String)],
            AssignmentMethods.Mount
        ),
        [("Win32_PnPEntity", "GetDeviceProperties")] = new(
            [new("devicePropertyKeys", CimType.String, IsArray: true)],
            DeviceMethods.GetProperties
        ),
        [("Win32_PnPEntity", "Enable")] = new([], static call => DeviceMethods.Switch(call, isOn: true)),
        [("Win32_PnPEntity", "Disable")] = new([], static call => DeviceMethods.Switch(call, isOn: false)),
        [("MSFT_NetAdapterSriovSettingData", "Enable")] = new(
            [],
            static call => DeviceMethods.SwitchSriov(call, isOn: true)
        ),
        [("MSFT_NetAdapterSriovSettingData", "Disable")] = new(
            [],
            static call => DeviceMethods.SwitchSriov(call, isOn: false)
        ),
        [("Msvm_SecurityService", "ModifySecuritySettings")] = new(
            [new("SecuritySettingData", CimType.String)],
            static call => ManagementMethods.Modify(call, "SecuritySettingData", "Modifying Security Settings")
        ),
        [("Msvm_ComputerSystem", "RequestStateChange")] = new(
            [new("RequestedState", CimType.UInt16), new("TimeoutPeriod", CimType.DateTime)],
            PowerMethods.RequestStateChange
        ),
        [("Msvm_ShutdownComponent", "InitiateShutdown")] = new(
            [new("Force", CimType.Boolean), new("Reason", CimType.String)],
            PowerMethods.InitiateShutdown
        ),
        [("Msvm_ConcreteJob", "GetErrorEx")] = new([], GetErrors),
    };

    internal static Method? Find(CimClass @class, string name) => s_methods.GetValueOrDefault((@class.Name, name));

    // That a warning is told as an error is, is not recorded.
    private static MethodFailure? WarningOf(Job? job) =>
        job is { IsFinished: true, Warning: { } warning } ? new MethodFailure(ReturnCodes.Completed, warning) : null;

    // Each error is a text that holds an Msvm_Error.
    private static MethodResult GetErrors(MethodCall call)
    {
        Job? job = call.Machine.Jobs.Find(call.Target);
        if ((job?.Failure ?? WarningOf(job)) is not { } failure)
        {
            return new MethodResult(ReturnCodes.Completed);
        }

        var error = new CimObject(call.Machine.Classes.Get(Names.Virtualization, "Msvm_Error"))
        {
            ["CIMStatusCode"] = 1,
            ["ErrorSource"] = "Hyper-V",
            ["Message"] = failure.Message,
            ["MessageID"] = $"{failure.Code}",
            ["OwningEntity"] = "Microsoft-Windows-Hyper-V-VMMS",
            ["PerceivedSeverity"] = 5,
        };
        return new MethodResult(ReturnCodes.Completed) { Texts = [("Errors", [EmbeddedText.Write(error)])] };
    }
}
