using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Machine;

/// <summary>A VM: the instances that describe it. Its state is in them, as everything that a client can see.</summary>
public sealed class VirtualMachine
{
    private readonly List<NetworkAdapter> _adapters = [];
    private readonly List<Checkpoint> _checkpoints = [];
    private readonly List<CimObject> _devices = [];

    internal VirtualMachine(
        Guid id,
        CimObject system,
        CimObject settings,
        CimObject processor,
        CimObject memory,
        CimObject security
    )
    {
        Id = id;
        System = system;
        Settings = settings;
        Processor = processor;
        Memory = memory;
        Security = security;
    }

    /// <summary>Gets the identity, which is the Name of the system.</summary>
    public Guid Id { get; }

    /// <summary>Gets the Msvm_ComputerSystem, or the Msvm_PlannedComputerSystem.</summary>
    public CimObject System { get; }

    /// <summary>Gets the Msvm_VirtualSystemSettingData in effect.</summary>
    public CimObject Settings { get; }

    /// <summary>Gets the Msvm_ProcessorSettingData in effect.</summary>
    public CimObject Processor { get; }

    /// <summary>Gets the Msvm_MemorySettingData in effect.</summary>
    public CimObject Memory { get; }

    /// <summary>Gets the Msvm_SecuritySettingData in effect.</summary>
    public CimObject Security { get; }

    /// <summary>Gets the Msvm_ShutdownComponent; null where the guest has no integration services.</summary>
    public CimObject? Shutdown { get; internal set; }

    /// <summary>Gets or sets whether the guest does not do what it is asked by that.</summary>
    public bool IgnoresShutdown { get; set; }

    /// <summary>Gets the network adapters.</summary>
    public IReadOnlyList<NetworkAdapter> Adapters => _adapters;

    /// <summary>Gets the checkpoints.</summary>
    public IReadOnlyList<Checkpoint> Checkpoints => _checkpoints;

    /// <summary>Gets the assigned devices: Msvm_PciExpressSettingData.</summary>
    public IList<CimObject> Devices => _devices;

    /// <summary>Gets the name that people gave it.</summary>
    public string Name => System.Text("ElementName");

    /// <summary>Gets whether it is only planned.</summary>
    public bool IsPlanned => System.Class.Name == "Msvm_PlannedComputerSystem";

    /// <summary>Gets or sets the state.</summary>
    public VMState State
    {
        get => (VMState)System.Number("EnabledState");
        set
        {
            System["EnabledState"] = (int)value;
            // A stopped VM has no process and has been on for no time; the default follows the state (recorded).
            bool isOn = value is VMState.Running or VMState.Paused;
            System["EnabledDefault"] = isOn ? 2 : 3;
            System["ProcessID"] = isOn ? 4242 : null;
            System["OnTimeInMilliseconds"] = isOn ? 61_382 : 0;
            Settings["IsSaved"] = value == VMState.Saved;
        }
    }

    /// <summary>Gets the configuration version.</summary>
    public Version Version => Version.Parse(Settings.Text("Version"));

    /// <summary>Gets whether the VM is given the extensions of the CPU.</summary>
    public bool IsNested => Processor.IsTrue("ExposeVirtualizationExtensions");

    /// <summary>Gets all settings in effect.</summary>
    public IEnumerable<CimObject> ActiveSettings =>
        [
            Settings,
            Processor,
            Memory,
            Security,
            .. _adapters.SelectMany(static adapter => adapter.Objects),
            .. _devices,
        ];

    /// <summary>
    /// Gets every instance of the VM; the component that shuts it down is there while the guest runs.
    /// </summary>
    public IEnumerable<CimObject> Objects =>
        [
            System,
            .. ActiveSettings,
            .. _checkpoints.SelectMany(static checkpoint => checkpoint.Objects),
            .. Shutdown is not null && State == VMState.Running ? [Shutdown] : Array.Empty<CimObject>(),
        ];

    /// <summary>Adds a checkpoint with the settings that the VM has now.</summary>
    public Checkpoint AddCheckpoint(string name, Guid? id = null)
    {
        Checkpoint checkpoint = VMFactory.CreateCheckpoint(this, name, id ?? Guid.NewGuid());
        _checkpoints.Add(checkpoint);
        return checkpoint;
    }

    internal void Add(NetworkAdapter adapter) => _adapters.Add(adapter);
}
