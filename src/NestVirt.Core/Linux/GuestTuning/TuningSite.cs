using NestVirt.Changes;
using NestVirt.Linux.Guests;
using NestVirt.Linux.HugePages;
using NestVirt.Linux.Machine;

namespace NestVirt.Linux.GuestTuning;

/// <summary>A host whose guests are fitted to it.</summary>
/// <param name="Request">What is asked for.</param>
/// <param name="Host">What guests' processors depend on.</param>
/// <param name="Definitions">The definitions of its guests.</param>
/// <param name="Guests">Its guests, with their whole definitions.</param>
/// <param name="Pool">Its processors, and whose they are.</param>
internal sealed record TuningSite(
    VmTuningRequest Request,
    GuestHost Host,
    GuestDefinitions Definitions,
    IReadOnlyList<LibvirtGuest> Guests,
    CpuPool Pool
)
{
    /// <summary>Gets its memory and huge pages.</summary>
    internal required HugePageHost Memory { get; init; }

    /// <summary>Gets what of that was promised in the plan.</summary>
    internal MemoryClaims Claims { get; } = new();

    /// <summary>Gets its mounts; empty where they are not known.</summary>
    internal IReadOnlyList<MountFacts> Mounts { get; init; } = [];

    /// <summary>Gets the NUMA nodes of its PCI devices, by address.</summary>
    internal IReadOnlyDictionary<string, int> DeviceNodes { get; init; } = new Dictionary<string, int>();
}
