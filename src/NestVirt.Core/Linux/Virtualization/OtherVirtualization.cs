using NestVirt.Linux.Machine;
using NestVirt.Model;

namespace NestVirt.Linux.Virtualization;

/// <summary>Judges the virtualization extensions of architectures other than x86.</summary>
/// <param name="cpu">What the kernel says.</param>
/// <param name="reading">What the machine shows of a hypervisor.</param>
/// <param name="hypervisor">Who runs the machine.</param>
/// <param name="log">The kernel's log.</param>
internal sealed class OtherVirtualization(
    CpuReading cpu,
    HypervisorReading reading,
    HypervisorVerdict hypervisor,
    KernelLog log
)
{
    private const string Vhe = "ARM-VHE";
    private const string El2 = "ARM-EL2";
    private const string Sie = "SIE";
    private const string KvmHv = "KVM-HV";
    private const string KvmStarted = "/sys/class/misc/kvm: present";

    // The kernels that load kvm by themselves print "sie".
    private const string SieIsPrintedSince = "4.10";

    // arch/arm64/kvm/arm.c, arch/arm64/kernel/smp.c and cpufeature.c; HYP and SVC are the words of 32-bit ARM.
    private static readonly string[] s_vheLines =
    [
        " VHE mode initialized",
        "hVHE mode initialized",
        "detected: Virtualization Host Extensions",
    ];

    private static readonly string[] s_el2Lines =
    [
        "Hyp mode initialized",
        "nVHE mode initialized",
        "started at EL2",
        "started in HYP mode",
    ];

    private static readonly string[] s_el1Lines = ["started at EL1", "started in SVC mode", "HYP mode not available"];

    // KVM for Itanium left with 3.19; the others never had one.
    private string? ArchitectureWithoutKvm =>
        cpu.Info switch
        {
            { } info when info["arch"] == "IA-64" || StartsWith(info["features"], "branchlong") => "Itanium",
            { } info when StartsWith(info["cpu family"], "PA-RISC") => "PA-RISC",
            { } info when StartsWith(info["type"], "sun4") => "SPARC",
            { } info when info["cpu"] == "Alpha" => "Alpha",
            _ => null,
        };

    private bool IsPower =>
        cpu.Info["platform"] is not null
        || StartsWith(cpu.Info["cpu"], "POWER")
        || cpu.Info["revision"]?.Contains("(pvr ", StringComparison.Ordinal) == true;

    /// <summary>Judges.</summary>
    /// <returns>What is proved.</returns>
    public VirtualizationVerdict Assess() =>
        cpu.Info switch
        {
            { Fields: [] } => Unknown("The processor's description could not be read."),
            { } info when info["vendor_id"] == "IBM/S390" => AssessS390(),
            { } info when info["CPU implementer"] is not null => AssessArm(),
            { } info when info.First("isa", "hart isa") is ['r', 'v', ..] and string isa => AssessRiscV(isa),
            _ when IsPower => AssessPower(),
            { } info when info["Model Name"] is not null || HasWord("Features", "cpucfg") => AssessWord(
                "LVZ",
                "Features",
                "lvz"
            ),
            { } info when info["ASEs implemented"] is not null => AssessWord("MIPS-VZ", "ASEs implemented", "vz"),
            _ when ArchitectureWithoutKvm is string name => Absent(
                $"Linux has no KVM for {name}.",
                $"/proc/cpuinfo: {name}"
            ),
            _ => Unknown("The processor is of no known architecture."),
        };

    private VirtualizationVerdict AssessS390()
    {
        if (HasWord("features", "sie"))
        {
            return Available(Sie, "The kernel lists the extension.", "/proc/cpuinfo: features: sie", "sie");
        }

        if (cpu.HasKvmDevice == true)
        {
            return Available(Sie, "KVM has started.", KvmStarted);
        }

        return cpu.IsKernelSince(SieIsPrintedSince)
            ? Absent("This machine has no interpretive execution (sie).", "/proc/cpuinfo: features without sie")
            : Unknown("The kernel is too old, or of unknown age, to list interpretive execution (sie).");
    }

    private VirtualizationVerdict AssessArm()
    {
        string? vhe = log.Find(s_vheLines);
        if ((vhe ?? log.Find(s_el2Lines)) is string given)
        {
            string extension = vhe is null ? El2 : Vhe;
            return Available(extension, "The kernel has the hypervisor's exception level.", $"kernel log: {given}");
        }

        if (cpu.HasKvmDevice == true)
        {
            return Available(El2, "KVM has started.", KvmStarted);
        }

        string who = hypervisor.IsGuest ? hypervisor.Sign?.Vendor ?? "The hypervisor" : "The firmware or a hypervisor";
        string reason = $"{who} keeps the hypervisor's exception level from this system.";
        if (log.Find(s_el1Lines) is string denied)
        {
            return Absent(reason, $"kernel log: {denied}");
        }

        if (cpu.Options.Any(static option => option.EndsWith(".mode=none", StringComparison.Ordinal)))
        {
            return Unknown(
                "KVM is turned off on the kernel's command line, so nothing shows whether it could work."
            ) with
            {
                Remedy = "Take kvm-arm.mode=none off the kernel command line, and reboot.",
            };
        }

        // KVM is a part of the kernel here: it is listed, and failed to start.
        return cpu.HasKvmDevice == false && cpu.Modules.ContainsKey("kvm")
            ? Absent(reason, "/sys/module/kvm: present; /sys/class/misc/kvm: absent")
            : Unknown(
                "No file shows which exception level the kernel was started at. What would prove it is missing: "
                    + $"{log.MissingReason ?? "the start of the kernel log"}."
            ) with
            {
                Remedy = "Ask as root, soon after a boot: the start of the kernel log names the exception level.",
            };
    }

    // "rv64imafdch_zicsr_sscofpmf": single letters up to the first underscore, then words.
    private static VirtualizationVerdict AssessRiscV(string isa)
    {
        string letters = isa.Split('_', ' ')[0];
        return letters.Length > 4 && letters[4..].Contains('h', StringComparison.Ordinal)
            ? Available("RISC-V H", "The kernel lists the hypervisor extension.", $"/proc/cpuinfo: isa: {letters}", "h")
            : Absent("The kernel lists no hypervisor extension (h).", $"/proc/cpuinfo: isa: {letters}");
    }

    private VirtualizationVerdict AssessPower()
    {
        if (cpu.Runs("kvm_hv"))
        {
            return Available(KvmHv, "kvm_hv runs.", $"/sys/module/kvm_hv: {cpu.Modules["kvm_hv"]}");
        }

        if (PowerSigns.IsBareMetal(reading, cpu.Info))
        {
            return Available(KvmHv, "The kernel runs in hypervisor mode.", "/proc/cpuinfo: platform: PowerNV");
        }

        string name = cpu.Info["cpu"] ?? string.Empty;
        bool isPartition = hypervisor.IsGuest || cpu.Info["platform"] == "pSeries";
        return isPartition switch
        {
            // Nested KVM-HV came with POWER9; before it, no hypervisor passes the hypervisor's mode on.
            true when name is ['P', 'O', 'W', 'E', 'R', >= '4' and <= '8', ..] => Absent(
                "A partition of this processor has no hypervisor mode.",
                $"/proc/cpuinfo: cpu: {name}"
            ),
            true => Unknown("Whether this partition may nest shows when kvm_hv loads, and it is not loaded.") with
            {
                Remedy = "Run: modprobe kvm_hv",
            },
            false when cpu.Info["platform"] == "PowerMac" => Absent(
                "The processor has no hypervisor mode that KVM uses.",
                "/proc/cpuinfo: platform: PowerMac"
            ),
            false => Unknown("Nothing shows whether the kernel runs in the processor's hypervisor mode."),
        };
    }

    private VirtualizationVerdict AssessWord(string extension, string key, string word) =>
        HasWord(key, word)
            ? Available(extension, "The kernel lists the extension.", $"/proc/cpuinfo: {key}: {word}", word)
            : Absent("The kernel does not list the extension.", $"/proc/cpuinfo: {key} without {word}");

    private static bool StartsWith(string? text, string start) =>
        text?.StartsWith(start, StringComparison.Ordinal) == true;

    private bool HasWord(string key, string word) => cpu.Info.Words(key).Any(words => words.Contains(word));

    private static VirtualizationVerdict Available(
        string extension,
        string reason,
        string evidence,
        params string[] features
    ) => new(extension, VirtualizationState.Available, reason, evidence) { Features = features };

    private static VirtualizationVerdict Absent(string reason, string evidence) =>
        new(null, VirtualizationState.NotAvailable, reason, evidence);

    private static VirtualizationVerdict Unknown(string reason) => new(null, VirtualizationState.Unknown, reason, null);
}
