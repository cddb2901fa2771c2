using NestVirt.StandIn.Cim;
using NestVirt.StandIn.Methods;

namespace NestVirt.StandIn.Machine;

/// <summary>A host with Hyper-V: what it is, its VMs, and the classes that its build of Windows has.</summary>
/// <example>
/// <code>
/// var machine = new HyperVMachine(new HostFacts { Build = 17763, CpuVendor = "AuthenticAMD" });
/// VirtualMachine vm = machine.AddVM("lab", new VMOptions { Version = "9.0" });
/// </code>
/// </example>
public sealed class HyperVMachine
{
    private readonly List<VirtualMachine> _vms = [];
    private readonly List<CimObject> _others = [];
    private readonly List<HostDevice> _devices = [];

    /// <summary>Initializes a new instance of the <see cref="HyperVMachine"/> class.</summary>
    public HyperVMachine(HostFacts? host = null)
    {
        Host = host ?? new HostFacts();
        Classes = CimCatalog.ForBuild(Host.Build);
        Jobs = new JobTable(Classes.Get(Names.Virtualization, "Msvm_ConcreteJob"));
        _others.AddRange(TemplateSettings.Create(Classes));
    }

    /// <summary>Gets what the host is.</summary>
    public HostFacts Host { get; }

    /// <summary>Gets the classes.</summary>
    public CimCatalog Classes { get; }

    /// <summary>Gets the jobs.</summary>
    public JobTable Jobs { get; }

    /// <summary>Gets the VMs.</summary>
    public IReadOnlyList<VirtualMachine> VMs => _vms;

    /// <summary>Gets the devices of the host.</summary>
    public IReadOnlyList<HostDevice> Devices => _devices;

    /// <summary>Gets the lock that one request at a time holds.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Adds a VM.</summary>
    public VirtualMachine AddVM(string name, VMOptions? options = null)
    {
        VirtualMachine vm = VMFactory.Create(this, name, options ?? new VMOptions(), _vms.Count);
        _vms.Add(vm);
        return vm;
    }

    /// <summary>Removes a VM.</summary>
    public void Remove(VirtualMachine vm) => _vms.Remove(vm);

    /// <summary>Adds VMs with the names <c>vm-0001</c> and so on.</summary>
    /// <param name="count">How many.</param>
    /// <param name="options">What each is made with, by its place.</param>
    public HyperVMachine AddVMs(int count, Func<int, VMOptions>? options = null)
    {
        for (int at = 1; at <= count; at++)
        {
            AddVM($"vm-{at:D4}", options?.Invoke(at));
        }

        return this;
    }

    /// <summary>Adds a device of the host.</summary>
    public HostDevice AddDevice(HostDevice device)
    {
        _devices.Add(device);
        return device;
    }

    /// <summary>Removes a device of the host, as whoever pulls the card out.</summary>
    public void Remove(HostDevice device) => _devices.Remove(device);

    /// <summary>Adds a device of the host.</summary>
    /// <param name="deviceId">What names it, as in <c>PCI\VEN_8086&amp;DEV_1572\3&amp;11583659&amp;0&amp;18</c>.</param>
    /// <param name="name">Its name.</param>
    /// <param name="pnpClass">Its class, as in <c>Net</c> or <c>Display</c>.</param>
    /// <param name="errorCode">Its problem code: 0 for none, 22 for disabled.</param>
    public HostDevice AddPciDevice(string deviceId, string name, string pnpClass, uint errorCode = 0) =>
        AddDevice(new HostDevice(deviceId, name) { PnpClass = pnpClass, ErrorCode = errorCode });

    /// <summary>Gets the VM that a device is given to; null where it is free.</summary>
    public VirtualMachine? OwnerOf(HostDevice device)
    {
        string path = DeviceInstances.Assignable(this, device).RelativePath();
        return _vms.Find(vm =>
            vm.Devices.Any(setting =>
                setting["HostResource"] is object[] paths
                && paths.OfType<string>().Any(text => text.EndsWith(path, StringComparison.OrdinalIgnoreCase))
            )
        );
    }

    /// <summary>Gets the devices that a VM has.</summary>
    public IEnumerable<HostDevice> DevicesOf(VirtualMachine vm) =>
        _devices.Where(device => device.IsDismounted && ReferenceEquals(OwnerOf(device), vm));

    /// <summary>Adds a network adapter of the host that has SR-IOV, or says why it has not.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="support">SriovSupport: 1 supported, 2 no ACS, 5 no IOMMU (MSFT_NetAdapterSriovSettingData).</param>
    /// <param name="functions">How many virtual functions it can have.</param>
    /// <param name="device">Its PCI device; null where no class tells where it is.</param>
    public CimObject AddSriovAdapter(string name, uint support, uint functions = 64, HostDevice? device = null)
    {
        (CimObject sriov, CimObject? hardware) = HostAdapterFactory.Create(this, name, support, functions, device);
        _others.AddRange(hardware is null ? [sriov] : [sriov, hardware]);
        return sriov;
    }

    /// <summary>Adds an instance that belongs to no VM, as a device or a network adapter of the host.</summary>
    public CimObject Add(string namespaceName, string className, IReadOnlyDictionary<string, object?> values)
    {
        CimObject added = Classes.Get(namespaceName, className).New(values);
        _others.Add(added);
        return added;
    }

    /// <summary>Removes an instance that belongs to no VM.</summary>
    public void Remove(CimObject instance) => _others.Remove(instance);

    /// <summary>Finds a VM by the name that people gave it.</summary>
    public VirtualMachine VM(string name) => _vms.First(vm => vm.Name == name);

    /// <summary>Gets the instances of a class and of those that derive from it.</summary>
    public IEnumerable<CimObject> Instances(string namespaceName, string className) =>
        Instances(namespaceName).Where(instance => instance.Class.IsA(className));

    /// <summary>Gets the instances of a namespace.</summary>
    public IEnumerable<CimObject> Instances(string namespaceName)
    {
        foreach (HostDevice device in _devices)
        {
            device.Look();
        }

        return HostInstances
            .Create(this)
            .Concat(_vms.SelectMany(static vm => vm.Objects))
            .Concat(_others)
            .Concat(Jobs.Instances())
            .Where(instance => instance.Class.Namespace.Equals(namespaceName, StringComparison.OrdinalIgnoreCase));
    }
}
