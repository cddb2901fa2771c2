using NestVirt.StandIn.Cim;
using NestVirt.StandIn.Machine;
using NestVirt.StandIn.Wql;

namespace NestVirt.StandIn.Methods;

/// <summary>Methods that take devices from the host, give them to VMs, and take them back.</summary>
internal static class AssignmentMethods
{
    // JobType of a change of a VM; that of a change of the host's devices is not recorded.
    private const int ModifyJob = 2;
    private const string Settings = "Msvm_PciExpressSettingData";

    internal static MethodResult Dismount(MethodCall call)
    {
        CimClass @class = call.Machine.Classes.Get(Names.Virtualization, "Msvm_AssignableDeviceDismountSettingData");
        if (
            EmbeddedInstance.Parse(call.One("DismountSettingData") ?? "") is not { } given
            || given.ClassName != @class.Name
            || SettingChange.ReadValues(@class, given, out IReadOnlyDictionary<string, object?> values) is not null
        )
        {
            return new MethodResult(ReturnCodes.InvalidParameter);
        }

        return Move(
            call,
            "Dismounting Assignable Device",
            "DismountedDeviceInstancePath",
            () =>
                Find(
                    call,
                    values.GetValueOrDefault("DeviceInstancePath"),
                    values.GetValueOrDefault("DeviceLocationPath")
                ),
            device =>
                DismountRules.Refusal(
                    call.Machine.Host,
                    device,
                    values.GetValueOrDefault("RequireAcsSupport") is true,
                    values.GetValueOrDefault("RequireDeviceMitigations") is true
                ),
            static device => device.IsDismounted = true
        );
    }

    // Back at the host it is disabled, as it was: somebody then enables it (Microsoft, DDA of graphics devices).
    internal static MethodResult Mount(MethodCall call) =>
        Move(
            call,
            "Mounting Assignable Device",
            "MountedDeviceInstancePath",
            () => Find(call, call.One("DeviceInstancePath"), call.One("DeviceLocationPath")),
            device =>
                !device.IsDismounted ? NotFound(device.LocationPath)
                : call.Machine.OwnerOf(device) is { } owner
                    ? new MethodFailure(
                        ReturnCodes.SystemInUse,
                        $"The device '{device.LocationPath}' is assigned to '{owner.Name}'."
                    )
                : null,
            static device => device.IsDismounted = false
        );

    internal static MethodResult Add(MethodCall call)
    {
        VirtualMachine? vm = call.Machine.VMs.FirstOrDefault(found =>
            ReferenceEquals(found.Settings, call.Reference("AffectedConfiguration"))
        );
        if (vm is null || call.All("ResourceSettings").Count == 0)
        {
            return new MethodResult(ReturnCodes.InvalidParameter);
        }

        var added = new List<CimObject>();
        MethodResult result = call.Machine.Jobs.Run(
            "Adding Virtual Machine Resources",
            ModifyJob,
            () =>
                call.All("ResourceSettings")
                    .Select(text => Add(call.Machine, vm, text, added))
                    .FirstOrDefault(static failure => failure is not null)
        );
        return result.ReturnValue == ReturnCodes.Completed
            ? result with
            {
                References = [.. added.Select(static setting => ("ResultingResourceSettings", setting))],
            }
            : result;
    }

    internal static MethodResult Remove(MethodCall call)
    {
        IReadOnlyList<CimObject?> settings = call.References.GetValueOrDefault("ResourceSettings", []);
        if (settings.Count == 0 || settings.Any(static setting => setting?.Class.Name != Settings))
        {
            return new MethodResult(ReturnCodes.InvalidParameter);
        }

        return call.Machine.Jobs.Run(
            "Removing Virtual Machine Resources",
            ModifyJob,
            () =>
                settings
                    .Select(setting => Remove(call.Machine, setting!))
                    .FirstOrDefault(static failure => failure is not null)
        );
    }

    private static MethodResult Move(
        MethodCall call,
        string caption,
        string output,
        Func<HostDevice?> find,
        Func<HostDevice, MethodFailure?> refusal,
        Action<HostDevice> move
    )
    {
        HostDevice? moved = null;
        MethodResult result = call.Machine.Jobs.Run(
            caption,
            ModifyJob,
            () =>
            {
                if (find() is not { } device)
                {
                    return NotFound(null);
                }

                if (refusal(device) is { } failure)
                {
                    return failure;
                }

                move(device);
                moved = device;
                return null;
            }
        );
        // The path is there when the call has done its work; what it is beside a job is not recorded.
        return moved is not null && result.ReturnValue == ReturnCodes.Completed
            ? result with
            {
                Texts = [(output, [moved.InstancePath])],
            }
            : result;
    }

    // Either path is enough, as Dismount-VMHostAssignableDevice takes either.
    private static HostDevice? Find(MethodCall call, object? instancePath, object? locationPath) =>
        instancePath is null or "" && locationPath is null or ""
            ? null
            : call.Machine.Devices.FirstOrDefault(device =>
                device.IsPci
                && (instancePath is null or "" || Equal(device.InstancePath, instancePath))
                && (locationPath is null or "" || Equal(device.LocationPath, locationPath))
            );

    private static bool Equal(string? one, object other) =>
        string.Equals(one, other as string, StringComparison.OrdinalIgnoreCase);

    private static MethodFailure NotFound(string? name) =>
        new(ReturnCodes.InvalidParameter, $"The specified device '{name}' was not found.");

    private static MethodFailure? Add(HyperVMachine machine, VirtualMachine vm, string text, List<CimObject> added)
    {
        if (EmbeddedInstance.Parse(text) is not { ClassName: Settings } given)
        {
            return new MethodFailure(ReturnCodes.NotSupported, "Resources of this class are not known here.");
        }

        CimObject created = machine
            .Instances(Names.Virtualization, Settings)
            .First(static found => found.Text("InstanceID").EndsWith(@"\Default", StringComparison.Ordinal))
            .Copy();
        if (
            SettingChange.ReadValues(created.Class, given, out IReadOnlyDictionary<string, object?> values) is
            { } failure
        )
        {
            return failure;
        }

        if (Named(machine, values.GetValueOrDefault("HostResource")) is not { } device)
        {
            return NotFound((values.GetValueOrDefault("HostResource") as object[])?.FirstOrDefault() as string);
        }

        if (AssignmentRules.Refusal(machine, vm, device) is { } refusal)
        {
            return refusal;
        }

        new SettingChange(created, values).Apply();
        // The host names what is new.
        created["InstanceID"] = $@"{vm.Settings.Text("InstanceID")}\{Guid.NewGuid().ToString().ToUpperInvariant()}";
        created["VirtualSystemIdentifiers"] = $"{{{Guid.NewGuid().ToString().ToUpperInvariant()}}}";
        vm.Devices.Add(created);
        added.Add(created);
        return null;
    }

    private static MethodFailure? Remove(HyperVMachine machine, CimObject setting)
    {
        VirtualMachine? vm = machine.VMs.FirstOrDefault(found => found.Devices.Contains(setting));
        if (vm is null)
        {
            return new MethodFailure(ReturnCodes.InvalidParameter, "These settings belong to no virtual machine.");
        }

        if (vm.State != VMState.Off)
        {
            return ChangeRules.InvalidState(vm);
        }

        vm.Devices.Remove(setting);
        return null;
    }

    // HostResource is the path of the host's Msvm_PciExpress, as text (os-win, path_()).
    private static HostDevice? Named(HyperVMachine machine, object? hostResource)
    {
        if (hostResource is not object[] { Length: 1 } paths || paths[0] is not string path)
        {
            return null;
        }

        try
        {
            (string className, IReadOnlyDictionary<string, string> keys) = WmiPaths.Read(path);
            return className.Equals("Msvm_PciExpress", StringComparison.OrdinalIgnoreCase)
                ? machine.Devices.FirstOrDefault(device =>
                    device.IsDismounted && DeviceInstances.Assignable(machine, device).Matches(keys)
                )
                : null;
        }
        catch (WqlException)
        {
            return null;
        }
    }
}
