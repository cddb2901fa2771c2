namespace NestVirt.StandIn.Machine;

/// <summary>
/// A device of the host with its state: in use, disabled, or dismounted, which is to be given to VMs. What Plug and Play
/// tells of it follows from that.
/// </summary>
/// <param name="instanceId">What names it, as in <c>PCI\VEN_8086&amp;DEV_1572&amp;SUBSYS_00078086&amp;REV_02\3&amp;11583659&amp;0&amp;18</c>.</param>
/// <param name="name">Its name.</param>
public sealed class HostDevice(string instanceId, string name)
{
    private int _late;

    /// <summary>The problem code of a device that somebody disabled (win32 docs, Win32_PnPEntity).</summary>
    public const uint DisabledCode = 22;

    /// <summary>The problem code of a device that waits for a restart.</summary>
    public const uint NeedsRestartCode = 14;

    /// <summary>Gets what names it while the host has it.</summary>
    public string InstanceId { get; } = instanceId;

    /// <summary>Gets its name.</summary>
    public string Name { get; } = name;

    /// <summary>Gets its class, as in <c>Net</c> or <c>Display</c>.</summary>
    public string PnpClass { get; init; } = "System";

    /// <summary>Gets the service that drives it; null for none.</summary>
    public string? Service { get; init; }

    /// <summary>Gets who made it.</summary>
    public string? Manufacturer { get; init; }

    /// <summary>Gets the class code: base class, subclass and interface in three bytes; null where it is not PCI.</summary>
    public uint? ClassCode { get; init; }

    /// <summary>Gets where it is, from the root of its bus on; null where it has no such path.</summary>
    public string? LocationPath { get; init; }

    /// <summary>Gets the number of its bus.</summary>
    public uint Bus { get; init; }

    /// <summary>Gets the number of the device on its bus.</summary>
    public uint Slot { get; init; }

    /// <summary>Gets the number of the function of the device.</summary>
    public uint Function { get; init; }

    /// <summary>
    /// Gets its kind: 0 PCI, 2 Express, 3 legacy, 4 integrated, 5 an Express device whose control the firmware kept, from
    /// 6 on bridges and ports (SurveyDDA.ps1).
    /// </summary>
    public uint DeviceType { get; init; } = 2;

    /// <summary>Gets whether its way up keeps its traffic apart: 0 no, 1 single function, 2 no P2P, 3 yes.</summary>
    public uint Acs { get; init; } = 3;

    /// <summary>Gets whether the firmware holds memory for it.</summary>
    public bool NeedsReservedMemory { get; init; }

    /// <summary>
    /// Gets its virtual functions: 0 it has them, 1 no ACS, 2 no driver of the physical function, 3 no buses (pciprop.h); null
    /// where it has none.
    /// </summary>
    public uint? SriovSupport { get; init; }

    /// <summary>Gets whether its maker tells how to secure it in a VM.</summary>
    public bool HasMitigations { get; init; } = true;

    /// <summary>Gets whether it is enabled and disabled at the next restart of the host only.</summary>
    public bool NeedsRestart { get; set; }

    /// <summary>Gets the interrupts: messages count down from 4294967294, lines are small.</summary>
    public IReadOnlyList<uint> Interrupts { get; init; } = [uint.MaxValue - 1];

    /// <summary>Gets its ranges of memory: the first byte and the last.</summary>
    public IReadOnlyList<(ulong Start, ulong End)> Memory { get; init; } = [];

    /// <summary>Gets the keys that it does not tell, though a device of its kind has them.</summary>
    public ISet<string> Withheld { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets or sets its problem code: 0 for none.</summary>
    public uint ErrorCode { get; set; }

    /// <summary>Gets what the host uses it for.</summary>
    public HostUse Use { get; } = new();

    /// <summary>Gets or sets whether it still waits for the restart when what it waits for was called off.</summary>
    public bool KeepsWaiting { get; set; }

    /// <summary>
    /// Gets or sets how many looks at the host it takes until Plug and Play shows it where it was moved: its driver is changed
    /// after that was answered. How long a host takes is not recorded.
    /// </summary>
    public int Lag { get; set; }

    /// <summary>Gets or sets whether it was taken from the host to be given to VMs.</summary>
    public bool IsDismounted
    {
        get;
        set
        {
            _late = field == value ? _late : Lag;
            field = value;
        }
    }

    /// <summary>Gets whether Plug and Play does not show yet where it was moved.</summary>
    public bool IsLate => _late > 0;

    /// <summary>Gets whether it is shown as taken from the host.</summary>
    internal bool IsShownDismounted => IsDismounted && !IsLate;

    /// <summary>Gets what names it as far as it is shown.</summary>
    internal string ShownPath => IsShownDismounted ? InstancePath : InstanceId;

    /// <summary>Counts a look at the host.</summary>
    internal void Look() => _late = Math.Max(0, _late - 1);

    /// <summary>Gets whether it is on a PCI bus.</summary>
    public bool IsPci => InstanceId.StartsWith(@"PCI\", StringComparison.OrdinalIgnoreCase);

    /// <summary>Gets what names it now: a dismounted device has another driver, of the bus PCIP (Microsoft, DDA).</summary>
    public string InstancePath => IsDismounted ? "PCIP" + InstanceId[3..] : InstanceId;

    /// <summary>Gets the memory that it needs in a VM, in megabytes.</summary>
    public ulong MemoryMegabytes =>
        (Memory.Aggregate(0UL, static (sum, range) => sum + range.End - range.Start + 1) + (1 << 20) - 1) >> 20;
}
