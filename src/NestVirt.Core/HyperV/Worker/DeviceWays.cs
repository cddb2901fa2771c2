using NestVirt.HyperV.Machine;
using NestVirt.HyperV.Settings;
using NestVirt.HyperV.VirtualMachines;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Worker;

/// <summary>Finds PCI devices on their way between the host and virtual machines, and moves them by one part of it.</summary>
/// <param name="session">The way to the host.</param>
/// <param name="calls">Calls methods.</param>
/// <remarks>
/// Win32_PnPEntity, Msvm_AssignableDeviceService, AddResourceSettings and RemoveResourceSettings (win32 docs), in the order and with
/// the arguments of microsoft/WSL (DeviceAssignment.cpp), openstack/os-win and ExHyperV. No answer of a host to any of these is
/// public: that they fit together over WS-Management is unproven, and where the device is counts, whatever was answered.
/// </remarks>
internal sealed class DeviceWays(ICimSession session, CimCalls calls)
{
    private const string Entity = "Win32_PnPEntity";
    private const string Dismounted = "Msvm_PciExpress";
    private const string Assigned = "Msvm_PciExpressSettingData";
    private const string System = "Msvm_ComputerSystem";
    private const string DeviceService = "Msvm_AssignableDeviceService";
    private const string Management = "Msvm_VirtualSystemManagementService";

    // ConfigManagerErrorCode (win32 docs of Win32_PnPEntity): the device is disabled; the computer has to be restarted first.
    private const ulong ProblemDisabled = 22;
    private const ulong ProblemNeedsRestart = 14;

    private static readonly string[] s_keys =
    [
        "CreationClassName",
        "DeviceID",
        "SystemCreationClassName",
        "SystemName",
    ];

    /// <summary>Finds where a device is.</summary>
    /// <param name="step">The step that moves it.</param>
    /// <returns>Where it is.</returns>
    /// <exception cref="NestVirtException">The host does not answer.</exception>
    internal async Task<DeviceState> FindAsync(DeviceStep step) => (await LookAsync(step).ConfigureAwait(false)).State;

    /// <summary>Reads what a call takes, and makes it.</summary>
    /// <param name="step">The step.</param>
    /// <param name="value">The value that its part is to have.</param>
    /// <param name="isSure">Whether it need not be called where the part is seen to have it; not where a call that was cut off may wait for the next boot.</param>
    /// <returns>The call, which is to be made once.</returns>
    /// <exception cref="NestVirtException">The host does not answer.</exception>
    internal async Task<Func<Task<CallResult>>> PrepareAsync(DeviceStep step, string value, bool isSure)
    {
        Sight seen = await LookAsync(step).ConfigureAwait(false);
        bool isAway = value == step.Part.Away;
        string? now = step.ValueAt(seen.State);
        if (DeviceStep.IsOfOther(now))
        {
            return Refuse($"Another virtual machine has it by now ({now}), and it is not taken from that one.");
        }

        if (now == value && isSure)
        {
            // It came by itself: a device can be mounted with its driver.
            return static () => Task.FromResult(new CallResult(CallEnd.Done));
        }

        if (step.Part == DevicePart.Driver)
        {
            return isAway ? () => DisableAsync(step) : () => EnableAsync(step);
        }

        if (step.Part == DevicePart.Mount)
        {
            return isAway ? () => DismountAsync(step)
                : seen.State.Owner is not null ? Refuse("A virtual machine has it by now.")
                : seen.State.InItsPlace is not null ? Refuse("Another device is plugged in where it was.")
                : () => MountAsync(step, seen.Dismounted);
        }

        if (!isAway)
        {
            return () => UnassignAsync(seen.Settings);
        }

        CimInstance? template = await FindTemplateAsync().ConfigureAwait(false);
        return () => AssignAsync(step, seen.Dismounted, template);
    }

    /// <summary>Tells whether a virtual machine has other devices than those of some steps.</summary>
    /// <param name="vm">The virtual machine.</param>
    /// <param name="steps">The steps.</param>
    /// <returns>True if so.</returns>
    /// <exception cref="NestVirtException">The host does not answer.</exception>
    internal async Task<bool> HasOthersAsync(Guid vm, IReadOnlyList<DeviceStep> steps)
    {
        bool hasOthers = false;
        await foreach (CimInstance one in QueryAsync($"SELECT * FROM {Assigned}").ConfigureAwait(false))
        {
            hasOthers |=
                VMInventory.OwnerOf(one.Text("InstanceID")) == vm
                && !one.Texts("HostResource").Any(path => steps.Any(step => IsOf(path, step, [])));
        }

        return hasOthers;
    }

    private static Func<Task<CallResult>> Refuse(string sentence) =>
        () => Task.FromResult(new CallResult(CallEnd.Refused, sentence));

    private static CimPath PathOf(DeviceStep step) =>
        CimPath.Of(WmiNamespaces.Windows, Entity, ("DeviceID", step.InstancePath));

    private static CimPath PathOf(string service) =>
        CimPath.Of(WmiNamespaces.Virtualization, service, ("CreationClassName", service));

    // What goes off at the next boot alone is no device of a virtual machine now, and would be none of the host then.
    private async Task<CallResult> DisableAsync(DeviceStep step)
    {
        CallResult called = await calls.CallAsync(PathOf(step), "Disable").ConfigureAwait(false);
        if (!NeedsReboot(called))
        {
            return called;
        }

        CallResult back = await calls.CallAsync(PathOf(step), "Enable").ConfigureAwait(false);
        return new CallResult(
            CallEnd.Refused,
            back.End != CallEnd.Done
                    ? $"Windows disables it at the next boot, since something uses it, and that could not be called off: {back.Text}"
                : NeedsReboot(back)
                    ? "Windows can disable it at the next boot alone, since something uses it; that was called off, and it waits for that boot all the same."
                : "Windows can disable it at the next boot alone, since something uses it; that was called off."
        );
    }

    private async Task<CallResult> EnableAsync(DeviceStep step)
    {
        CallResult called = await calls.CallAsync(PathOf(step), "Enable").ConfigureAwait(false);
        return NeedsReboot(called)
            ? new CallResult(CallEnd.Refused, "Windows enables it after the next boot alone.")
            : called;
    }

    private static bool NeedsReboot(CallResult called) => called.Output?.Boolean("RebootNeeded") == true;

    // What -Force allows is asked for where Hyper-V refuses the safer way, and said then.
    private async Task<CallResult> DismountAsync(DeviceStep step)
    {
        CallResult safe = await DismountAsync(step, isIsolated: true, isSecured: true).ConfigureAwait(false);
        if (safe.End != CallEnd.Refused || step.Check == DeviceCheck.Full)
        {
            return safe;
        }

        CallResult other = await DismountAsync(step, isIsolated: step.Check != DeviceCheck.None, isSecured: false)
            .ConfigureAwait(false);
        return other.End == CallEnd.Done
            ? other with
            {
                Text =
                    $"{step.Name} was dismounted without {(step.Check == DeviceCheck.None ? "being kept apart or secured" : "being secured by its maker")}, since Hyper-V said: {safe.Text}",
            }
            : other;
    }

    private Task<CallResult> DismountAsync(DeviceStep step, bool isIsolated, bool isSecured)
    {
        CimInstance settings = new("Msvm_AssignableDeviceDismountSettingData");
        settings.Set("DeviceInstancePath", CimValue.Of(step.InstancePath));
        settings.Set("DeviceLocationPath", CimValue.Of(step.LocationPath));
        settings.Set("RequireAcsSupport", CimValue.Of(isIsolated));
        settings.Set("RequireDeviceMitigations", CimValue.Of(isSecured));
        return calls.CallAsync(
            PathOf(DeviceService),
            "DismountAssignableDevice",
            new CimArgument("DismountSettingData", CimValue.Of(CimXml.Write(settings)))
        );
    }

    private Task<CallResult> MountAsync(DeviceStep step, IReadOnlyList<CimInstance> dismounted) =>
        calls.CallAsync(
            PathOf(DeviceService),
            "MountAssignableDevice",
            [
                .. dismounted
                    .Select(static one => one.Text("DeviceInstancePath"))
                    .OfType<string>()
                    .Take(1)
                    .Select(static path => new CimArgument("DeviceInstancePath", CimValue.Of(path))),
                new CimArgument("DeviceLocationPath", CimValue.Of(step.LocationPath)),
            ]
        );

    private Task<CallResult> AssignAsync(DeviceStep step, IReadOnlyList<CimInstance> dismounted, CimInstance? template)
    {
        // Of a device in use there is one more, which is of the virtual machine.
        if (dismounted.FirstOrDefault(static one => !Guid.TryParse(one.Text("SystemName"), out _)) is not { } device)
        {
            return Task.FromResult(
                new CallResult(CallEnd.Refused, "Hyper-V does not have it as one for virtual machines.")
            );
        }

        CimInstance settings = new(Assigned);
        if (template?.Text("InstanceID") is { } id)
        {
            settings.Set("InstanceID", CimValue.Of(id));
        }

        settings.Set(
            "ResourceType",
            CimValue.Of(CimType.UInt16, template?.Number("ResourceType") ?? VMProbes.PciDeviceType)
        );
        settings.Set("ResourceSubType", CimValue.Of(VMProbes.PciDevice));
        // The number of the device itself, as tools that assign whole devices write it.
        settings.Set("VirtualFunctions", new CimValue.Array(CimType.UInt16, [CimValue.Of(CimType.UInt16, 0)]));
        settings.Set("HostResource", CimValue.Of([KeysOf(device).ToWmi(device.Text("SystemName"))]));
        return calls.CallAsync(
            PathOf(Management),
            "AddResourceSettings",
            new CimArgument(
                "AffectedConfiguration",
                CimValue.Of(
                    CimPath.Of(
                        WmiNamespaces.Virtualization,
                        "Msvm_VirtualSystemSettingData",
                        ("InstanceID", $"Microsoft:{step.VM.ToString().ToUpperInvariant()}")
                    )
                )
            ),
            new CimArgument("ResourceSettings", CimValue.Of([CimXml.Write(settings)]))
        );
    }

    private Task<CallResult> UnassignAsync(CimInstance? settings) =>
        settings?.Numbers("VirtualFunctions").Any(static number => number > 0) == true
            ? Task.FromResult(
                new CallResult(CallEnd.Refused, "The virtual machine has a virtual function of it, and not the device.")
            )
        : settings?.Text("InstanceID") is { } id
            ? calls.CallAsync(
                PathOf(Management),
                "RemoveResourceSettings",
                new CimArgument(
                    "ResourceSettings",
                    new CimValue.Array(
                        CimType.Reference,
                        [CimValue.Of(CimPath.Of(WmiNamespaces.Virtualization, Assigned, ("InstanceID", id)))]
                    )
                )
            )
        : Task.FromResult(new CallResult(CallEnd.Refused, "The virtual machine does not have it."));

    private static CimPath KeysOf(CimInstance device) =>
        new(
            WmiNamespaces.Virtualization,
            Dismounted,
            [
                .. s_keys
                    .Select(key => KeyValuePair.Create(key, device[key]))
                    .Where(static pair => pair.Value is not null)
                    .Select(static pair => KeyValuePair.Create(pair.Key, pair.Value!)),
            ]
        );

    private async Task<Sight> LookAsync(DeviceStep step)
    {
        List<CimInstance> dismounted = [];
        string? other = null;
        await foreach (CimInstance one in QueryAsync($"SELECT * FROM {Dismounted}").ConfigureAwait(false))
        {
            if (!string.Equals(one.Text("LocationPath"), step.LocationPath, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            // Another card may be in that slot by now.
            if (IsSame(one, step))
            {
                dismounted.Add(one);
            }
            else
            {
                other ??= one.Text("DeviceInstancePath") ?? one.Text("DeviceID");
            }
        }

        if (await FindAssignedAsync(step, dismounted).ConfigureAwait(false) is ({ } owner, { } settings))
        {
            return new Sight(new DeviceState(DevicePlace.Assigned, owner), dismounted, settings);
        }

        if (dismounted.Count > 0)
        {
            return new Sight(new DeviceState(DevicePlace.Dismounted), dismounted, null);
        }

        CimInstance? entity = await session.GetAsync(PathOf(step), CancellationToken.None).ConfigureAwait(false);
        DevicePlace place = entity is null
            ? DevicePlace.Gone
            : entity.Number("ConfigManagerErrorCode") switch
            {
                ProblemDisabled => DevicePlace.Disabled,
                ProblemNeedsRestart => DevicePlace.Waiting,
                _ => DevicePlace.Enabled,
            };
        return new Sight(new DeviceState(place, Owner: null, other), dismounted, null);
    }

    private static bool IsSame(CimInstance dismounted, DeviceStep step) =>
        (dismounted.Text("DeviceInstancePath") is { Length: > 0 } path ? path : dismounted.Text("DeviceID"))?.EndsWith(
            Tail(step),
            StringComparison.OrdinalIgnoreCase
        ) == true;

    // What stands behind the first word of its path, which is another one once it is dismounted.
    private static string Tail(DeviceStep step) =>
        step.InstancePath[step.InstancePath.IndexOf('\\', StringComparison.Ordinal)..];

    // Checkpoints have such settings, too, and own nothing: the virtual machine of the step has none of that id.
    private async Task<(Guid? Owner, CimInstance? Settings)> FindAssignedAsync(
        DeviceStep step,
        IReadOnlyList<CimInstance> dismounted
    )
    {
        string[] ids = [.. dismounted.Select(static one => one.Text("DeviceID")).OfType<string>()];
        List<(Guid Owner, CimInstance Settings)> found = [];
        await foreach (CimInstance one in QueryAsync($"SELECT * FROM {Assigned}").ConfigureAwait(false))
        {
            if (
                VMInventory.OwnerOf(one.Text("InstanceID")) is { } owner
                && one.Texts("HostResource").Any(path => IsOf(path, step, ids))
            )
            {
                found.Add((owner, one));
            }
        }

        foreach ((Guid owner, CimInstance settings) in found.OrderByDescending(pair => pair.Owner == step.VM))
        {
            if (owner == step.VM || await IsVMAsync(owner).ConfigureAwait(false))
            {
                return (owner, settings);
            }
        }

        return (null, null);
    }

    private async Task<bool> IsVMAsync(Guid id) =>
        await session
            .GetAsync(
                CimPath.Of(
                    WmiNamespaces.Virtualization,
                    System,
                    ("CreationClassName", System),
                    ("Name", id.ToString().ToUpperInvariant())
                ),
                CancellationToken.None
            )
            .ConfigureAwait(false)
            is not null;

    // The path of a device ends in what names it in Windows, behind another first word (PCIP) once it is dismounted.
    private static bool IsOf(string path, DeviceStep step, string[] ids)
    {
        string id = (CimPath.TryParse(path, out CimPath? parsed) ? parsed.Key("DeviceID") : null) ?? path;
        return ids.Contains(id, StringComparer.OrdinalIgnoreCase)
            || id.EndsWith(Tail(step), StringComparison.OrdinalIgnoreCase);
    }

    private async Task<CimInstance?> FindTemplateAsync()
    {
        CimInstance? template = null;
        await foreach (
            CimInstance one in QueryAsync($"SELECT * FROM {Assigned} WHERE InstanceID LIKE '%\\\\Default'")
                .ConfigureAwait(false)
        )
        {
            template ??= one;
        }

        return template;
    }

    private IAsyncEnumerable<CimInstance> QueryAsync(string query) =>
        session.QueryAsync(WmiNamespaces.Virtualization, query, CancellationToken.None);

    /// <summary>What was seen of a device.</summary>
    /// <param name="State">Where it is.</param>
    /// <param name="Dismounted">Its instances among those that Hyper-V can give away.</param>
    /// <param name="Settings">The settings by which a virtual machine has it; null where none has.</param>
    private sealed record Sight(DeviceState State, IReadOnlyList<CimInstance> Dismounted, CimInstance? Settings);
}
