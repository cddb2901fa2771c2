using NestVirt.HyperV.Machine;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.HyperV.VirtualMachines;

/// <summary>What is told of one VM: its settings in effect, not those of its checkpoints.</summary>
/// <param name="Id">What names it. Its name is what people call it, and need not be the only one of that name.</param>
/// <param name="Name">What people call it.</param>
internal sealed record VMFacts(Guid Id, string Name)
{
    /// <summary>Gets what names it, as Hyper-V writes it.</summary>
    internal string IdText => Id.ToString().ToUpperInvariant();

    /// <summary>Gets the word by which a command names it: its name where that means itself alone in every shell, or else its id.</summary>
    internal string Word => PlainWord.Is(Name) && !Guid.TryParse(Name, out _) ? Name : IdText;

    /// <summary>Gets the state.</summary>
    internal VmState State { get; init; }

    /// <summary>Gets the number of the state, or null.</summary>
    internal ulong? StateNumber { get; init; }

    /// <summary>Gets a value indicating whether an operation on it is under way.</summary>
    internal bool IsBusy { get; init; }

    /// <summary>Gets the version of its configuration as Hyper-V writes it, or null.</summary>
    internal string? Version { get; init; }

    /// <summary>Gets the generation, or null.</summary>
    internal int? Generation { get; init; }

    /// <summary>Gets whether its configuration refers to a saved state; null when that was not told.</summary>
    internal bool? HasSavedState { get; init; }

    /// <summary>Gets why the host did not tell all of it, in the host's words; null where it told.</summary>
    internal string? Unread { get; init; }

    /// <summary>Gets the processor settings; null when they were not told.</summary>
    internal VMProcessorFacts? Processor { get; init; }

    /// <summary>Gets the memory settings; null when they were not told.</summary>
    internal VMMemoryFacts? Memory { get; init; }

    /// <summary>Gets how many network adapters it has; null when that was not told.</summary>
    internal int? AdapterCount { get; init; }

    /// <summary>Gets the connections of its adapters to switches, as far as they were told; null when none were.</summary>
    internal IReadOnlyList<VMConnectionFacts>? Connections { get; init; }

    /// <summary>Gets whether any of its adapters may send from other addresses than its own; null when that was not told.</summary>
    internal bool? AllowsMacSpoofing => Connections?.Any(static one => one.AllowsMacSpoofing);

    /// <summary>Gets how many of its adapters are to have a virtual function; null when that was not told.</summary>
    internal int? SriovAdapterCount => Connections?.Count(static one => one.HasVirtualFunction);

    /// <summary>Gets the PCI devices that it owns, by the path of each.</summary>
    internal IReadOnlyList<string> AssignedDevices => [.. Devices.Select(static device => device.Device)];

    /// <summary>Gets the settings by which it owns PCI devices.</summary>
    internal IReadOnlyList<VMDeviceFacts> Devices { get; init; } = [];

    /// <summary>Gets whether it opts out of virtualization-based security; null when that was not told.</summary>
    internal bool? IsVbsOptedOut { get; init; }

    /// <summary>Gets the InstanceID of its security, or null.</summary>
    internal string? SecurityId { get; init; }

    /// <summary>Gets what it has as a whole; null when that was not told.</summary>
    internal VMSystemFacts? System { get; init; }

    /// <summary>Gets the version of its configuration as one that can be compared, or null.</summary>
    internal ConfigurationVersion? ComparableVersion => ConfigurationVersion.Parse(Version);
}

/// <summary>The processors of a VM.</summary>
/// <param name="Count">How many, or null.</param>
/// <param name="ThreadsPerCore">How many threads a core has; null for as many as the host's, or when that was not told.</param>
/// <param name="CanExpose">Whether this Hyper-V knows nesting at all.</param>
/// <param name="IsExposed">Whether the VM is given the extension; null when that was not told.</param>
internal sealed record VMProcessorFacts(int? Count, int? ThreadsPerCore, bool CanExpose, bool? IsExposed)
{
    /// <summary>Gets the InstanceID, or null.</summary>
    internal string? Id { get; init; }

    /// <summary>Gets the number of threads of a core as it is set, where 0 is as many as the host's; null where this Hyper-V has no such setting.</summary>
    internal int? ThreadSetting { get; init; }
}

/// <summary>The memory of a VM, in bytes.</summary>
/// <param name="Startup">What it starts with, or null.</param>
/// <param name="Minimum">The least that it may be left with, where memory is dynamic; null otherwise.</param>
/// <param name="Maximum">The most that it may be given, where memory is dynamic; null otherwise.</param>
/// <param name="IsDynamic">Whether memory is dynamic; null when that was not told.</param>
internal sealed record VMMemoryFacts(long? Startup, long? Minimum, long? Maximum, bool? IsDynamic)
{
    /// <summary>Gets the InstanceID, or null.</summary>
    internal string? Id { get; init; }
}

/// <summary>What a VM has as a whole, as far as devices take it.</summary>
/// <param name="ShutdownAction">What becomes of it when the host shuts down: 2 turns it off, 3 saves it, 4 shuts it down; or null.</param>
/// <param name="ChoosesCacheTypes">Whether its own system chooses how memory of devices is cached, or null.</param>
/// <param name="LowMmio">The space for memory of devices below 4 GiB, in MiB, or null.</param>
/// <param name="HighMmio">The space for memory of devices above 4 GiB, in MiB, or null.</param>
internal sealed record VMSystemFacts(int? ShutdownAction, bool? ChoosesCacheTypes, int? LowMmio, int? HighMmio)
{
    /// <summary>Gets the InstanceID, or null.</summary>
    internal string? Id { get; init; }
}

/// <summary>The connection of an adapter to a switch.</summary>
/// <param name="Id">Its InstanceID.</param>
/// <param name="SecurityId">The InstanceID of what it may do; null where nothing was ever set of that.</param>
/// <param name="AllowsMacSpoofing">Whether it may send from other addresses than its own, which it may not unless that is set.</param>
internal sealed record VMConnectionFacts(string Id, string? SecurityId, bool AllowsMacSpoofing)
{
    /// <summary>Gets the InstanceID of what is offloaded of it; null where nothing was ever set of that.</summary>
    internal string? OffloadId { get; init; }

    /// <summary>Gets how much of the switch's virtual functions it may claim, 0 for none; null when that was not told.</summary>
    internal int? IovWeight { get; init; }

    /// <summary>Gets a value indicating whether it is to have a virtual function.</summary>
    internal bool HasVirtualFunction => IovWeight > 0;
}
