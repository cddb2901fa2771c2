using NestVirt.HyperV.Machine;
using NestVirt.HyperV.VirtualMachines;
using NestVirt.Probing;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Dda;

/// <summary>The PCI devices of a host, joined from the answers to all queries.</summary>
/// <param name="Devices">The devices by their address; behind them those whose address was not told.</param>
internal sealed record DeviceInventory(IReadOnlyList<HostDevice> Devices)
{
    private static readonly string[] s_keys =
    [
        "CreationClassName",
        "DeviceID",
        "SystemCreationClassName",
        "SystemName",
    ];

    private readonly Dictionary<string, HostDevice> _byPath = By(Devices, static device => device.InstancePath);
    private readonly Dictionary<string, HostDevice> _byTail = By(Devices, static device => Tail(device.InstancePath));
    private readonly Dictionary<string, HostDevice> _byLocation = By(Devices, static device => device.LocationPath);
    private readonly Dictionary<string, HostDevice> _byId = By(
        Devices,
        static device => device.AssignablePath?.Key("DeviceID")
    );

    /// <summary>Gets the probes whose answers are read.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } =
    [.. DeviceProbes.All, VMProbes.Systems, VMProbes.Resources];

    /// <summary>Gets the reading.</summary>
    internal static ProbeReading<DeviceInventory> Reading { get; } = new(Probes, Read);

    /// <summary>Reads the devices of a host that must have told of them.</summary>
    /// <param name="answers">Its answers.</param>
    /// <returns>The devices.</returns>
    /// <exception cref="NestVirtException">It did not tell of any.</exception>
    internal static DeviceInventory Require(ProbeAnswers answers) =>
        !answers[DeviceProbes.Devices].IsAvailable
            ? throw Untold.Of(answers[DeviceProbes.Devices], "Which PCI devices the host has")
            : answers.Read(Reading);

    /// <summary>Finds a device by its path, whether it has been dismounted since or mounted again.</summary>
    /// <param name="instancePath">The path.</param>
    /// <returns>The device; null where the host has none of that path.</returns>
    internal HostDevice? Find(string instancePath) =>
        _byPath.GetValueOrDefault(instancePath) ?? _byTail.GetValueOrDefault(Tail(instancePath));

    /// <summary>Finds a device by the path of its slot, which stays when it is dismounted.</summary>
    /// <param name="locationPath">The path.</param>
    /// <returns>The device; null where the host has none of that path.</returns>
    internal HostDevice? FindByLocation(string locationPath) => _byLocation.GetValueOrDefault(locationPath);

    /// <summary>Finds the device of a setting of a VM.</summary>
    /// <param name="setting">The setting.</param>
    /// <returns>The device; null where the host does not have it any more.</returns>
    internal HostDevice? Find(VMDeviceFacts setting) =>
        _byId.GetValueOrDefault(setting.Device) ?? (setting.InstancePath is { } path ? Find(path) : null);

    private static Dictionary<string, HostDevice> By(
        IReadOnlyList<HostDevice> devices,
        Func<HostDevice, string?> keyOf
    ) =>
        devices
            .Where(device => keyOf(device) is not null)
            .DistinctBy(device => keyOf(device)!, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(device => keyOf(device)!, StringComparer.OrdinalIgnoreCase);

    private static DeviceInventory Read(ProbeAnswers answers)
    {
        IReadOnlyList<CimInstance> told = CimAnswers.Read(answers, DeviceProbes.Devices);
        ILookup<string, CimInstance> properties = told.Where(IsProperty)
            .ToLookup(static one => one.Text("DeviceID") ?? string.Empty, StringComparer.OrdinalIgnoreCase);
        DeviceResources resources = answers.Read(DeviceResources.Reading);
        Dictionary<string, HostDevice> devices = new(StringComparer.OrdinalIgnoreCase);
        foreach (CimInstance entity in told.Where(static one => !IsProperty(one) && one.Boolean("Present") != false))
        {
            if (entity.Text("DeviceID") is { } path && DeviceProbes.IsPci(path))
            {
                HostDevice device = new DeviceReading(entity, [.. properties[path]]).Read(path);
                devices.TryAdd(
                    path,
                    // Windows gives nothing to a device before it has started it.
                    device.IsStarted || resources.Has(path)
                        ? device with
                        {
                            Interrupts = resources.InterruptsOf(path),
                            Memory = resources.MemoryOf(path),
                        }
                        : device
                );
            }
        }

        AddAssignable(
            devices,
            CimAnswers.Read(answers, DeviceProbes.Assignable),
            answers[DeviceProbes.Devices].IsAvailable
        );
        DeviceInventory inventory = new([
            .. devices
                .Values.OrderBy(static device => device.Address is null)
                .ThenBy(static device => device.Address)
                .ThenBy(static device => device.InstancePath, StringComparer.OrdinalIgnoreCase),
        ]);
        return inventory.WithOwners(
            answers.Read(VMInventory.Reading),
            answers[VMProbes.Systems].IsAvailable && answers[VMProbes.Resources].IsAvailable
        );
    }

    // One that a VM owns is listed twice, the second time as a device of the VM (os-win). Where that
    // alone is left, the host does not have the device any more.
    private static void AddAssignable(
        Dictionary<string, HostDevice> devices,
        IReadOnlyList<CimInstance> assignable,
        bool knowsDevices
    )
    {
        foreach (CimInstance one in assignable.OrderBy(static one => Guid.TryParse(one.Text("SystemName"), out _)))
        {
            bool isOfVM = Guid.TryParse(one.Text("SystemName"), out Guid owner);
            if (
                one.Text("DeviceInstancePath") is not { Length: > 0 } path
                || (isOfVM && knowsDevices && !devices.ContainsKey(path))
            )
            {
                continue;
            }

            HostDevice device =
                devices.GetValueOrDefault(path) ?? new HostDevice(path) { Ids = HardwareIds.Parse([path]) };
            devices[path] = device with
            {
                LocationPath = device.LocationPath ?? one.Text("LocationPath"),
                AssignablePath = isOfVM ? device.AssignablePath : device.AssignablePath ?? PathOf(one),
                Owner = isOfVM ? owner : device.Owner,
            };
        }
    }

    private static CimPath PathOf(CimInstance assignable) =>
        new(
            DeviceProbes.Assignable.Namespace,
            "Msvm_PciExpress",
            [
                .. s_keys
                    .Where(name => assignable.Text(name) is not null)
                    .Select(name => KeyValuePair.Create(name, CimValue.Of(assignable.Text(name)!))),
            ]
        );

    private DeviceInventory WithOwners(VMInventory vms, bool areAllTold)
    {
        Dictionary<string, Guid> owners = new(StringComparer.OrdinalIgnoreCase);
        foreach (VMFacts vm in vms.VMs)
        {
            foreach (HostDevice device in vm.Devices.Select(Find).OfType<HostDevice>())
            {
                owners.TryAdd(device.InstancePath, vm.Id);
            }
        }

        return new DeviceInventory([
            .. Devices.Select(device =>
                device with
                {
                    Owner = owners.TryGetValue(device.InstancePath, out Guid owner) ? owner : device.Owner,
                    IsOwnerKnown = areAllTold,
                }
            ),
        ]);
    }

    private static bool IsProperty(CimInstance instance) => instance.Has("KeyName") || instance.Has("Key");

    private static string Tail(string path) => path[(path.IndexOf('\\', StringComparison.Ordinal) + 1)..];
}
