using NestVirt.Model;

namespace NestVirt.PowerShell.Completion;

/// <summary>What a completer can offer that this session read from a host.</summary>
internal enum SeenKind
{
    /// <summary>PCI addresses.</summary>
    Address,

    /// <summary>Names of PCI classes.</summary>
    Class,

    /// <summary>Names of vendors.</summary>
    Vendor,

    /// <summary>Names of drivers.</summary>
    Driver,

    /// <summary>Numbers of IOMMU groups.</summary>
    GroupNumber,

    /// <summary>Names of kernel modules.</summary>
    ModuleName,

    /// <summary>Parameters of kernel modules, as module.parameter.</summary>
    ModuleParameter,

    /// <summary>Names of virtual machines.</summary>
    VmName,
}

/// <summary>Names that the cmdlets wrote in this process, for completion only: no cmdlet reads them.</summary>
internal static class SeenValues
{
    // Enough for a few large hosts. A host that lists more than that need not fill the memory.
    private const int Limit = 20_000;

    private static readonly Lock s_gate = new();
    private static readonly Dictionary<(SeenKind Kind, string Host), SortedSet<string>> s_values = [];
    private static int s_count;

    /// <summary>Takes the names out of a record.</summary>
    /// <param name="value">The record.</param>
    internal static void Remember(object value)
    {
        lock (s_gate)
        {
            switch (value)
            {
                case PciDevice device:
                    Add(device.HostName, device);
                    break;
                case IommuGroup group:
                    Add(SeenKind.GroupNumber, group.HostName, FormattableString.Invariant($"{group.Number}"));
                    foreach (PciDevice device in group.Devices)
                    {
                        Add(group.HostName, device);
                    }

                    break;
                case SriovDevice sriov:
                    Add(sriov.HostName, sriov.Device);
                    break;
                case KvmModule module:
                    Add(SeenKind.ModuleName, module.HostName, module.Name);
                    foreach (ModuleParameter parameter in module.Parameters)
                    {
                        Add(SeenKind.ModuleParameter, module.HostName, $"{module.Name}.{parameter.Name}");
                    }

                    break;
                case VmNestedCpu vm:
                    Add(SeenKind.VmName, vm.HostName, vm.VmName);
                    break;
                case VmPciDevice owned:
                    Add(SeenKind.VmName, owned.HostName, owned.VmName);
                    Add(SeenKind.Address, owned.HostName, owned.Address);
                    break;
            }
        }
    }

    /// <summary>Lists the names of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="hosts">The hosts to list; empty for all.</param>
    /// <returns>The names, in order, each once.</returns>
    internal static IReadOnlyCollection<string> Of(SeenKind kind, IReadOnlyCollection<string> hosts)
    {
        lock (s_gate)
        {
            SortedSet<string> result = new(NaturalOrder.Comparer);
            foreach (((SeenKind seen, string host), SortedSet<string> values) in s_values)
            {
                if (seen == kind && (hosts.Count == 0 || hosts.Contains(host, StringComparer.OrdinalIgnoreCase)))
                {
                    result.UnionWith(values);
                }
            }

            return result;
        }
    }

    private static void Add(string host, PciDevice device)
    {
        Add(SeenKind.Address, host, device.Address);
        Add(SeenKind.Class, host, device.Class);
        Add(SeenKind.Vendor, host, device.Vendor);
        Add(SeenKind.Driver, host, device.Driver);
    }

    private static void Add(SeenKind kind, string host, string? text)
    {
        if (string.IsNullOrEmpty(text) || s_count >= Limit)
        {
            return;
        }

        if (!s_values.TryGetValue((kind, host), out SortedSet<string>? values))
        {
            s_values.Add((kind, host), values = new SortedSet<string>(StringComparer.Ordinal));
        }

        s_count += values.Add(text) ? 1 : 0;
    }
}
