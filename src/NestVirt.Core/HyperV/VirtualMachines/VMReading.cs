using System.Globalization;
using NestVirt.HyperV.Machine;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.VirtualMachines;

/// <summary>Reads one VM from the instances that belong to it.</summary>
/// <param name="system">The VM.</param>
/// <param name="settings">Its settings, those of another kind among them where a recording has such.</param>
/// <param name="resources">Its processors, memory, network adapters and devices.</param>
/// <param name="ports">What its connections may do.</param>
/// <param name="security">Its security.</param>
internal sealed class VMReading(
    CimInstance system,
    IReadOnlyList<CimInstance> settings,
    IReadOnlyList<CimInstance> resources,
    IReadOnlyList<CimInstance> ports,
    IReadOnlyList<CimInstance> security
)
{
    private const string Exposes = "ExposeVirtualizationExtensions";
    private const string MacSpoofing = "AllowMacSpoofing";
    private const string IovWeight = "IOVOffloadWeight";
    private const string Generations = "Microsoft:Hyper-V:SubType:";

    /// <summary>Gets a value indicating whether the host told of resources at all.</summary>
    internal bool KnowsResources { get; init; }

    /// <summary>Gets a value indicating whether the host told of connections at all.</summary>
    internal bool KnowsPorts { get; init; }

    /// <summary>Gets why the host did not tell all of it, or null.</summary>
    internal string? Unread { get; init; }

    /// <summary>Reads it.</summary>
    /// <param name="id">What names the VM.</param>
    /// <returns>The VM.</returns>
    internal VMFacts Read(Guid id)
    {
        CimInstance? own = settings.FirstOrDefault(static one =>
            one.Text("VirtualSystemType") is null or VMProbes.InEffect
        );
        ulong? state = system.Number("EnabledState");
        bool? isSaved = own?.Boolean("IsSaved");
        return new VMFacts(id, system.Text("ElementName") ?? string.Empty)
        {
            Unread = Unread,
            StateNumber = state,
            State = VMStates.Of(state),
            IsBusy = VMStates.IsBusy(system.Numbers("OperationalStatus")),
            Version = own?.Text("Version"),
            Generation = GenerationOf(own?.Text("VirtualSystemSubType")),
            HasSavedState = isSaved,
            System = own is null ? null : ReadSystem(own),
            Processor = Find(VMProbes.ProcessorType) is { } processor ? ReadProcessor(processor) : null,
            Memory = Find(VMProbes.MemoryType) is { } memory ? ReadMemory(memory) : null,
            AdapterCount = KnowsResources
                ? resources.Count(static one => one.Number("ResourceType") == VMProbes.AdapterType)
                : null,
            Connections = KnowsPorts ? [.. Connections()] : null,
            Devices =
            [
                .. resources
                    .Where(static one => one.Text("ResourceSubType") == VMProbes.PciDevice)
                    .Select(VMDeviceFacts.Read),
            ],
            IsVbsOptedOut = security is [CimInstance one, ..] ? one.Boolean("VirtualizationBasedSecurityOptOut") : null,
            SecurityId = security is [CimInstance same, ..] ? same.Text("InstanceID") : null,
        };
    }

    // That what an adapter may do has an InstanceID that begins with that of its connection is unproven, if it holds of all
    // dumps that were seen; what fits none is taken for that of a connection that was not told.
    private IEnumerable<VMConnectionFacts> Connections()
    {
        string[] told =
        [
            .. resources
                .Where(static one => one.Number("ResourceType") == VMProbes.ConnectionType)
                .Select(static one => one.Text("InstanceID"))
                .OfType<string>(),
        ];
        ILookup<string, CimInstance> owned = ports.ToLookup(
            port => OwnerOf(port.Text("InstanceID") ?? string.Empty, told),
            StringComparer.OrdinalIgnoreCase
        );
        foreach (
            string id in told.Concat(owned.Select(static group => group.Key)).Distinct(StringComparer.OrdinalIgnoreCase)
        )
        {
            CimInstance? rules = owned[id].FirstOrDefault(static port => port.Has(MacSpoofing));
            CimInstance? offload = owned[id].FirstOrDefault(static port => port.Has(IovWeight));
            yield return new VMConnectionFacts(id, rules?.Text("InstanceID"), rules?.Boolean(MacSpoofing) == true)
            {
                OffloadId = offload?.Text("InstanceID"),
                IovWeight = offload is null ? 0 : CimUnits.Count(offload.Number(IovWeight)),
            };
        }
    }

    private static string OwnerOf(string instanceId, string[] connections) =>
        Array.Find(connections, id => instanceId.StartsWith($"{id}\\", StringComparison.OrdinalIgnoreCase))
        ?? (instanceId.LastIndexOf('\\') is var at and > 0 ? instanceId[..at] : instanceId);

    private CimInstance? Find(ulong type) => resources.FirstOrDefault(one => one.Number("ResourceType") == type);

    // Whether Hyper-V knows nesting is told by the property being there: Microsoft's page says 1703, and 1607 has it.
    private static VMProcessorFacts ReadProcessor(CimInstance processor) =>
        new(
            CimUnits.Count(processor.Number("VirtualQuantity")),
            processor.Number("HwThreadsPerCore") is > 0 and { } threads ? CimUnits.Count(threads) : null,
            processor.Has(Exposes),
            processor.Boolean(Exposes)
        )
        {
            Id = processor.Text("InstanceID"),
            ThreadSetting = CimUnits.Count(processor.Number("HwThreadsPerCore")),
        };

    private static VMSystemFacts ReadSystem(CimInstance settings) =>
        new(
            CimUnits.Count(settings.Number("AutomaticShutdownAction")),
            settings.Boolean("GuestControlledCacheTypes"),
            CimUnits.Count(settings.Number("LowMmioGapSize")),
            CimUnits.Count(settings.Number("HighMmioGapSize"))
        )
        {
            Id = settings.Text("InstanceID"),
        };

    private static VMMemoryFacts ReadMemory(CimInstance memory)
    {
        bool? isDynamic = memory.Boolean("DynamicMemoryEnabled");
        return new VMMemoryFacts(
            CimUnits.Megabytes(memory.Number("VirtualQuantity")),
            isDynamic == true ? CimUnits.Megabytes(memory.Number("Reservation")) : null,
            isDynamic == true ? CimUnits.Megabytes(memory.Number("Limit")) : null,
            isDynamic
        )
        {
            Id = memory.Text("InstanceID"),
        };
    }

    private static int? GenerationOf(string? subType) =>
        subType?.StartsWith(Generations, StringComparison.OrdinalIgnoreCase) == true
        && int.TryParse(
            subType.AsSpan(Generations.Length),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out int generation
        )
            ? generation
            : null;
}
