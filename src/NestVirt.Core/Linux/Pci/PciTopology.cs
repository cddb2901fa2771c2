using NestVirt.Model;

namespace NestVirt.Linux.Pci;

/// <summary>A function and its place below the bridges of a host.</summary>
internal sealed class PciNode
{
    private const ulong BusBits = 16;

    /// <summary>Initializes a new instance of the <see cref="PciNode"/> class.</summary>
    /// <param name="device">The function.</param>
    /// <param name="address">Its address.</param>
    public PciNode(PciDevice device, PciAddress address)
    {
        Device = device;
        Address = address;
    }

    /// <summary>Gets the function.</summary>
    public PciDevice Device { get; }

    /// <summary>Gets its address.</summary>
    public PciAddress Address { get; }

    /// <summary>Gets the bridge above, or null on a root bus.</summary>
    public PciNode? Parent { get; internal set; }

    /// <summary>Gets how many bridges are above.</summary>
    public int Depth { get; internal set; }

    /// <summary>Gets the functions directly below.</summary>
    public List<PciNode> Children { get; } = [];

    /// <summary>Gets a value indicating whether the kernel takes the function for one of several of a device.</summary>
    public bool IsMultifunction { get; internal set; }

    /// <summary>Gets a value indicating whether the function is a virtual one of SR-IOV.</summary>
    public bool IsVirtual => Device.PhysicalFunction is not null;

    /// <summary>Gets what the functions of one bus have in common.</summary>
    public ulong BusKey => ((ulong)Address.Domain << (int)BusBits) | Address.Bus;

    /// <summary>Gets the bridges above, the nearest first.</summary>
    public IEnumerable<PciNode> Ancestors
    {
        get
        {
            for (PciNode? node = Parent; node is not null; node = node.Parent)
            {
                yield return node;
            }
        }
    }

    /// <summary>Writes the address and what kind of function it is, such as <c>0000:00:06.0 (root port)</c>.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Device.Address} ({KindName})";

    private string KindName =>
        Device.PortType switch
        {
            PciePortType.RootPort => "root port",
            PciePortType.UpstreamPort => "upstream port of a switch",
            PciePortType.DownstreamPort => "downstream port of a switch",
            PciePortType.PcieToPciBridge => "PCIe-to-PCI bridge",
            PciePortType.PciToPcieBridge => "PCI-to-PCIe bridge",
            PciePortType.RootComplexEndpoint => "endpoint inside the root complex",
            PciePortType.RootComplexEventCollector => "event collector",
            PciePortType.Endpoint or PciePortType.LegacyEndpoint => IsVirtual ? "virtual function" : "endpoint",
            _ when IsVirtual => "virtual function",
            _ when Device.AcsUnknownReason is not null => IsPciBridge ? "bridge" : "function",
            _ => IsPciBridge ? "conventional PCI bridge" : "conventional PCI function",
        };

    // Bridges to other buses, such as ISA, are functions like any other here.
    private bool IsPciBridge => Device.ClassCode >> 8 == 0x0604;
}

/// <summary>The functions of a host as the tree that its bridges make.</summary>
internal sealed class PciTopology
{
    private readonly Dictionary<PciAddress, PciNode> _byAddress = [];
    private readonly ILookup<ulong, PciNode> _byBus;

    /// <summary>Initializes a new instance of the <see cref="PciTopology"/> class.</summary>
    /// <param name="devices">The functions of one host.</param>
    public PciTopology(IEnumerable<PciDevice> devices)
    {
        foreach (PciDevice device in devices)
        {
            if (PciAddress.TryParse(device.Address, out PciAddress address))
            {
                _byAddress.TryAdd(address, new PciNode(device, address));
            }
        }

        foreach (PciNode node in _byAddress.Values)
        {
            node.Parent = Find(node.Device.Parent);
            node.Parent?.Children.Add(node);
        }

        Nodes = SortFromTheRoots();
        _byBus = Nodes.ToLookup(static node => node.BusKey);
        foreach (PciNode node in Nodes)
        {
            node.IsMultifunction = IsMultifunction(node);
        }
    }

    /// <summary>Gets the functions, each after the bridges above it and virtual functions last, as the kernel adds them.</summary>
    public IReadOnlyList<PciNode> Nodes { get; }

    /// <summary>Finds a function.</summary>
    /// <param name="address">Its address, or null.</param>
    /// <returns>The function, or null when there is none.</returns>
    public PciNode? Find(string? address) =>
        PciAddress.TryParse(address, out PciAddress parsed) ? _byAddress.GetValueOrDefault(parsed) : null;

    /// <summary>Gets the functions of a function's bus, that function included.</summary>
    public IEnumerable<PciNode> OnBusOf(PciNode node) => _byBus[node.BusKey];

    /// <summary>Gets the other functions in a function's slot.</summary>
    public IEnumerable<PciNode> SiblingsOf(PciNode node) =>
        OnBusOf(node).Where(other => other != node && other.Address.Device == node.Address.Device);

    // Recorded or forged input may name a parent that is below its own child; such a ring is cut open.
    private List<PciNode> SortFromTheRoots()
    {
        HashSet<PciNode> seen = [];
        Queue<PciNode> waiting = new(_byAddress.Values.Where(static node => node.Parent is null));
        foreach (PciNode start in _byAddress.Values.Prepend(null!))
        {
            if (start is not null && !seen.Contains(start) && start.Parent is not null)
            {
                start.Parent.Children.Remove(start);
                start.Parent = null;
                waiting.Enqueue(start);
            }

            while (waiting.TryDequeue(out PciNode? node))
            {
                if (seen.Add(node))
                {
                    node.Depth = node.Parent is null ? 0 : node.Parent.Depth + 1;
                    node.Children.ForEach(waiting.Enqueue);
                }
            }
        }

        return
        [
            .. seen.OrderBy(static node => node.IsVirtual)
                .ThenBy(static node => node.Depth)
                .ThenBy(static node => node.Address),
        ];
    }

    // pci_setup_device() takes bit 7 of the header type, pci_scan_slot() sets it for functions above 0, and
    // pci_iov_add_virtfn() clears it (drivers/pci of Linux 6.1 and 6.12). Below a port there is one slot only, so that a
    // slot above 0 there is ARI's way to write a function above 7.
    private bool IsMultifunction(PciNode node)
    {
        bool isAlternative =
            node.Address.Device > 0
            && node.Parent?.Device.PortType is PciePortType.RootPort or PciePortType.DownstreamPort;
        return !node.IsVirtual
            && (
                node.Address.Function > 0
                || isAlternative
                || (node.Device.IsMultifunction ?? SiblingsOf(node).Any(static other => !other.IsVirtual))
            );
    }
}
