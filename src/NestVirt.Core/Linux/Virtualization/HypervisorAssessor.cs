using NestVirt.Linux.Machine;
using NestVirt.Model;

namespace NestVirt.Linux.Virtualization;

/// <summary>Tells who runs a machine, and so where it stands among hypervisors.</summary>
internal static class HypervisorAssessor
{
    private const string Qemu = "QEMU";
    private const string Kvm = "KVM";
    private const string Microsoft = "Microsoft";

    /// <summary>Weighs the signs: the surest first.</summary>
    /// <param name="reading">What the machine shows.</param>
    /// <param name="info">The lines of /proc/cpuinfo.</param>
    /// <param name="flags">The flags of an x86 processor.</param>
    /// <param name="log">The kernel's log.</param>
    /// <returns>What the signs show.</returns>
    public static HypervisorVerdict Assess(HypervisorReading reading, CpuInfo info, X86Flags flags, KernelLog log)
    {
        HypervisorSign? dmi = DmiSigns.Find(reading, flags.HasHypervisor);
        HypervisorSign? sign =
            OtherSigns.FindWsl(reading)
            ?? S390Signs.Find(reading)
            ?? PowerSigns.Find(reading, info)
            ?? XenSigns.Find(reading, info)
            ?? dmi
            ?? OtherSigns.FindInLscpu(reading, flags)
            ?? OtherSigns.FindInLog(log)
            ?? OtherSigns.FindInCpu(info)
            ?? OtherSigns.FindInTree(reading)
            ?? OtherSigns.FindInClock(reading)
            ?? OtherSigns.FindInPci(reading)
            ?? FindLogicalDomain(reading)
            ?? FindSharedKernel(reading)
            ?? FindFlag(flags);
        sign = WithoutMask(sign, reading, log);
        bool isControlDomain = sign?.Vendor == "Xen" && XenSigns.IsControlDomain(reading);
        return new HypervisorVerdict(sign)
        {
            Layer = LayerOf(sign, isControlDomain, dmi, reading, info, flags, log),
            IsXenControlDomain = isControlDomain,
            Container = ContainerAssessor.Assess(reading),
            BareMetalEvidence = sign is null ? BareMetalEvidence(reading, info, flags) : null,
        };
    }

    private static HypervisorSign? FindFlag(X86Flags flags) =>
        flags.HasHypervisor == true
            ? new HypervisorSign(null, HypervisorSign.Full, "/proc/cpuinfo: flags: hypervisor")
            : null;

    // virt-what: the device of machine descriptions is there on SPARC under its firmware's hypervisor only.
    private static HypervisorSign? FindLogicalDomain(HypervisorReading reading) =>
        reading.Has("mdesc") ? new HypervisorSign("LDoms", HypervisorSign.Para, "/dev/mdesc: present") : null;

    private static HypervisorSign? FindSharedKernel(HypervisorReading reading) =>
        reading switch
        {
            _ when ContainerAssessor.IsOpenVz(reading) => new HypervisorSign(
                "Parallels",
                HypervisorSign.Container,
                "/proc/vz: present, /proc/bc: absent"
            ),
            _ when ContainerAssessor.IsVServerGuest(reading) => new HypervisorSign(
                "Linux-VServer",
                HypervisorSign.Container,
                "/proc/self/status: VxID"
            ),
            _ => null,
        };

    // QEMU's DMI tells not whether KVM or QEMU's own translator runs the machine. And with Hyper-V's interface offered
    // by
    // KVM, CPUID names Microsoft first: the clock, which only KVM has, tells the truth.
    private static HypervisorSign? WithoutMask(HypervisorSign? sign, HypervisorReading reading, KernelLog log)
    {
        bool isKvm = OtherSigns.FindInClock(reading)?.Vendor == Kvm || OtherSigns.FindInLog(log)?.Vendor == Kvm;
        bool isEnlightened = reading.Lscpu.HypervisorVendor is Kvm or Microsoft;
        return sign switch
        {
            { Vendor: Qemu } when isKvm || isEnlightened => sign with { Vendor = Kvm },
            { Vendor: Microsoft } when isKvm => sign with { Vendor = Kvm },
            _ => sign,
        };
    }

    private static HostLayer LayerOf(
        HypervisorSign? sign,
        bool isControlDomain,
        HypervisorSign? dmi,
        HypervisorReading reading,
        CpuInfo info,
        X86Flags flags,
        KernelLog log
    )
    {
        bool isNested = log.Find("Hyper-V: running on a nested hypervisor") is not null;
        bool isRoot = log.Find("Hyper-V: running as root partition") is not null;
        return sign switch
        {
            null => BareMetalEvidence(reading, info, flags) is null ? HostLayer.Unknown : HostLayer.L0,
            { IsFirmware: true } => HostLayer.L0,
            { Type: HypervisorSign.Container } => SharedKernelLayer(reading, flags),
            _ when isControlDomain => dmi is null or { Vendor: "Xen" } ? HostLayer.L0 : HostLayer.L1,
            { Depth: > 1 } => HostLayer.L2,
            { Vendor: Microsoft } when isRoot => isNested ? HostLayer.L1 : HostLayer.L0,
            { Vendor: Microsoft } when isNested => HostLayer.L2,
            _ => HostLayer.L1,
        };
    }

    // A container shares the kernel of its host, and so its layer.
    private static HostLayer SharedKernelLayer(HypervisorReading reading, X86Flags flags) =>
        OtherSigns.FindWsl(reading) is not null
            ? HostLayer.Unknown
            : flags.HasHypervisor switch
            {
                true => HostLayer.L1,
                false => HostLayer.L0,
                null => HostLayer.Unknown,
            };

    private static string? BareMetalEvidence(HypervisorReading reading, CpuInfo info, X86Flags flags)
    {
        string maker = $"{reading["dmi.sys_vendor"]} {reading["dmi.product_name"]}".Trim();
        return reading switch
        {
            _ when flags.HasHypervisor == false => "/proc/cpuinfo: flags without hypervisor",
            _ when flags.IsPresent && reading.Lscpu.IsPresent => "lscpu: no hypervisor by CPUID",
            _ when maker.Length > 0 => $"/sys/class/dmi/id: {maker}",
            _ when PowerSigns.IsBareMetal(reading, info) => "/proc/cpuinfo: platform: PowerNV",
            _ when reading.Has("tree") => $"/proc/device-tree: no hypervisor, {reading["tree.model"]}",
            _ => null,
        };
    }
}

/// <summary>What the signs of a hypervisor show.</summary>
/// <param name="Sign">The sign that decided, or null where there is none.</param>
internal sealed record HypervisorVerdict(HypervisorSign? Sign)
{
    /// <summary>Gets where the machine stands.</summary>
    public required HostLayer Layer { get; init; }

    /// <summary>Gets a value indicating whether this is Xen's control domain.</summary>
    public required bool IsXenControlDomain { get; init; }

    /// <summary>Gets the container, or null.</summary>
    public required string? Container { get; init; }

    /// <summary>Gets what shows that there is no hypervisor, or null.</summary>
    public required string? BareMetalEvidence { get; init; }

    /// <summary>
    /// Gets a value indicating whether another system runs this one and decides what it sees of the processor.
    /// </summary>
    public bool IsGuest => Layer is HostLayer.L1 or HostLayer.L2;
}
