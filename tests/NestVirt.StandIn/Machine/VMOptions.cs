namespace NestVirt.StandIn.Machine;

/// <summary>What a VM is made with.</summary>
public sealed record VMOptions
{
    /// <summary>Gets the identity; another for each VM where none is given.</summary>
    public Guid? Id { get; init; }

    /// <summary>Gets the state.</summary>
    public VMState State { get; init; } = VMState.Off;

    /// <summary>Gets the configuration version.</summary>
    public string Version { get; init; } = "10.0";

    /// <summary>Gets the generation, 1 or 2.</summary>
    public int Generation { get; init; } = 2;

    /// <summary>Gets the virtual processors.</summary>
    public ulong Processors { get; init; } = 2;

    /// <summary>Gets whether the VM is given the extensions of the CPU.</summary>
    public bool IsNested { get; init; }

    /// <summary>Gets the memory at start, in megabytes.</summary>
    public ulong MemoryMegabytes { get; init; } = 4096;

    /// <summary>Gets the smallest memory, in megabytes.</summary>
    public ulong MinimumMegabytes { get; init; } = 512;

    /// <summary>Gets whether the memory changes while the VM runs.</summary>
    public bool HasDynamicMemory { get; init; }

    /// <summary>Gets the number of network adapters.</summary>
    public int Adapters { get; init; } = 1;

    /// <summary>Gets whether the adapters allow other addresses; null leaves out the instance that says so.</summary>
    public bool? AllowsMacSpoofing { get; init; }

    /// <summary>Gets the weight of a virtual function, 0 for none; null leaves out the instance that says so.</summary>
    public uint? IovWeight { get; init; } = 0;

    /// <summary>Gets whether the VM opts out of virtualization-based security.</summary>
    public bool IsVbsOptedOut { get; init; }

    /// <summary>Gets whether the guest can be asked to shut down.</summary>
    public bool HasIntegration { get; init; } = true;

    /// <summary>Gets whether it is a planned VM.</summary>
    public bool IsPlanned { get; init; }

    /// <summary>Gets what happens at the shutdown of the host: 2 turn off, 3 save, 4 shut down.</summary>
    public ushort AutomaticShutdownAction { get; init; } = 3;
}
