using NestVirt.Model;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Dda;

/// <summary>The interrupts of a device that Windows has started.</summary>
internal enum DeviceInterrupts
{
    /// <summary>They were not told.</summary>
    Unknown,

    /// <summary>It has none.</summary>
    None,

    /// <summary>It has messages (MSI, MSI-X), beside lines or alone.</summary>
    MessageSignalled,

    /// <summary>It has lines alone.</summary>
    LineBased,
}

/// <summary>A range of memory addresses of a device.</summary>
/// <param name="Start">The first.</param>
/// <param name="End">The last.</param>
internal readonly record struct MemoryRange(ulong Start, ulong End)
{
    /// <summary>Gets how many bytes it has; none where it ends before it starts.</summary>
    internal UInt128 Bytes => End >= Start ? (UInt128)End - Start + 1 : 0;
}

/// <summary>A PCI device of a Windows host, as Plug and Play has it. What was not told is null.</summary>
/// <param name="InstancePath">What names it on its host (Win32_PnPEntity.DeviceID). That of a dismounted one begins with <c>PCIP\</c>.</param>
internal sealed record HostDevice(string InstancePath)
{
    /// <summary>How the path of a dismounted device begins.</summary>
    internal const string DismountedPrefix = @"PCIP\";

    private const int Disabled = 22;
    private const int NeedsRestart = 14;
    private const int BridgeClass = 6;
    private const int OtherBridgeClass = 0x0680;

    /// <summary>The first kind of function that is a bridge (pciprop.h, DevProp_PciDevice_BridgeType_PciConventional).</summary>
    internal const int FirstBridgeType = 6;

    /// <summary>Gets the path of its slot, as in <c>PCIROOT(0)#PCI(0100)#PCI(0000)</c>: what Hyper-V's own commands name it by.</summary>
    internal string? LocationPath { get; init; }

    /// <summary>Gets its address.</summary>
    /// <remarks>
    /// The number of the bus holds the segment from bit 8 on, the address the device from bit 16 on and the function below
    /// (wdm.h, PCI_SEGMENT_BUS_NUMBER; pciutils reads both so).
    /// </remarks>
    internal PciAddress? Address { get; init; }

    /// <summary>Gets what people call it.</summary>
    internal string? Name { get; init; }

    /// <summary>Gets its maker, in the language of Windows.</summary>
    internal string? Manufacturer { get; init; }

    /// <summary>Gets its class of Plug and Play, such as Net or Display.</summary>
    internal string? PnpClass { get; init; }

    /// <summary>Gets the service that is its driver.</summary>
    internal string? Service { get; init; }

    /// <summary>Gets what is wrong with it (ConfigManagerErrorCode); 0 where nothing is.</summary>
    internal int? ProblemCode { get; init; }

    /// <summary>Gets a value indicating whether it is disabled: then it has no interrupts and memory that could be looked at.</summary>
    internal bool IsDisabled => ProblemCode == Disabled;

    /// <summary>Gets a value indicating whether it is enabled or disabled at the next boot of the host alone, and which of the two is not told.</summary>
    internal bool WaitsForRestart => ProblemCode == NeedsRestart;

    /// <summary>Gets a value indicating whether Windows has started it, as far as that was told.</summary>
    internal bool IsStarted => ProblemCode is null or 0;

    /// <summary>Gets a value indicating whether the host may use it: what has a problem, such as no driver, is in use for nothing.</summary>
    internal bool IsUsed => !IsDismounted && IsStarted;

    /// <summary>Gets its ids.</summary>
    internal HardwareIds Ids { get; init; } = new();

    /// <summary>Gets the 24-bit class code, with zeros for what was not told of it.</summary>
    internal int? ClassCode => Ids.ClassCode ?? (BaseClass << 16);

    /// <summary>Gets a value indicating whether it is a bridge. The class 0680 is also that of switches of other links, which are endpoints.</summary>
    internal bool IsBridge =>
        ClassCode >> 16 == BridgeClass && !(ClassCode >> 8 == OtherBridgeClass && DeviceType < FirstBridgeType);

    /// <summary>Gets the kind of function (DEVPKEY_PciDevice_DeviceType).</summary>
    internal int? DeviceType { get; init; }

    /// <summary>Gets the base class (DEVPKEY_PciDevice_BaseClass).</summary>
    internal int? BaseClass { get; init; }

    /// <summary>Gets Access Control Services on the way up: 0 none, 1 a single function, 2 no traffic from peer to peer, 3 all.</summary>
    internal int? AcsCompatibleUpHierarchy { get; init; }

    /// <summary>Gets whether the firmware keeps memory for it.</summary>
    internal bool? RequiresReservedMemoryRegion { get; init; }

    /// <summary>Gets its interrupts.</summary>
    internal DeviceInterrupts Interrupts { get; init; }

    /// <summary>Gets the ranges of memory that it has.</summary>
    internal IReadOnlyList<MemoryRange>? Memory { get; init; }

    /// <summary>Gets how much memory it has, in bytes and at most: what a VM that owns it needs as MMIO space.</summary>
    internal ulong? MemoryBytes => Memory is { } ranges ? Sum(ranges) : null;

    /// <summary>Gets a value indicating whether it was dismounted: no driver of the host has it.</summary>
    internal bool IsDismounted => InstancePath.StartsWith(DismountedPrefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>Gets the path of its Msvm_PciExpress, which it has while Hyper-V can give it to VMs; the host's own, not that of a VM.</summary>
    internal CimPath? AssignablePath { get; init; }

    /// <summary>Gets what names the VM that owns it.</summary>
    internal Guid? Owner { get; init; }

    /// <summary>Gets a value indicating whether the host told of what its VMs have, so that one without an owner has none.</summary>
    internal bool IsOwnerKnown { get; init; }

    // A host may tell of more than there is room for.
    private static ulong Sum(IReadOnlyList<MemoryRange> ranges)
    {
        UInt128 sum = 0;
        foreach (MemoryRange range in ranges)
        {
            sum += range.Bytes;
        }

        return sum > ulong.MaxValue ? ulong.MaxValue : (ulong)sum;
    }
}
