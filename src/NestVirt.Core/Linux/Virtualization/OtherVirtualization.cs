using NestVirt.Linux.Machine;
using NestVirt.Model;

namespace NestVirt.Linux.Virtualization;

/// <summary>Judges the virtualization extensions of architectures other than x86.</summary>
/// <param name="cpu">What the kernel says.</param>
/// <param name="family">The family of the processors.</param>
/// <param name="reading">What the machine shows of a hypervisor.</param>
/// <param name="hypervisor">Who runs the machine.</param>
/// <param name="log">The kernel's log.</param>
internal sealed class OtherVirtualization(
    CpuReading cpu,
    ProcessorFamily family,
    HypervisorReading reading,
    HypervisorVerdict hypervisor,
    KernelLog log
)
{
    private const string Vhe = "ARM-VHE";
    private const string El2 = "ARM-EL2";
    private const string Sie = "SIE";
    private const string RiscVH = "RISC-V H";
    private const string RiscVKvmSince = "5.16";
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

    /// <summary>Judges.</summary>
    /// <returns>What is proved.</returns>
    public VirtualizationVerdict Assess() =>
        family switch
        {
            _ when cpu.Info.Fields.Count == 0 => Unknown("The processor's description could not be read."),
            ProcessorFamily.S390 => AssessS390(),
            ProcessorFamily.Arm => AssessArm(),
            ProcessorFamily.RiscV => AssessRiscV(),
            ProcessorFamily.Power => new PowerVirtualization(cpu, reading, hypervisor).Assess(),

            // Vendors' kernels before 5.19 print the key in lower case.
            ProcessorFamily.LoongArch => AssessWord(
                "LVZ",
                cpu.Info["Features"] is null ? "features" : "Features",
                "lvz"
            ),
            ProcessorFamily.Mips => AssessWord("MIPS-VZ", "ASEs implemented", "vz"),
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

    // The line isa names what all CPUs have (since 6.6); before, each CPU has its own.
    private VirtualizationVerdict AssessRiscV()
    {
        string[] lines = [.. cpu.Info.Values("isa")];
        lines = lines.Length > 0 ? lines : [.. cpu.Info.Values("hart isa")];
        string? without = lines.FirstOrDefault(static isa => !HasHypervisorLetter(isa));
        return without is null ? Available(RiscVH, "The kernel lists the hypervisor extension.", Isa(lines[0]), "h")
            : cpu.IsKernelBefore(RiscVKvmSince)
                ? Unknown(
                    $"The kernel is older than KVM for RISC-V (Linux {RiscVKvmSince}), and may not list the extension."
                )
            : Absent("The kernel lists no hypervisor extension (h).", Isa(without));

        static string Isa(string isa) => $"/proc/cpuinfo: isa: {isa}";
    }

    // "rv64imafdch_zicsr_sscofpmf": single letters up to the first word, which begins with z, x or an underscore. Kernels
    // before 6.0 print the device tree's own text, in which single letters may stand among the words (The RISC-V
    // Instruction Set Manual, ISA extension naming: case does not matter, underscores may separate).
    private static bool HasHypervisorLetter(string isa)
    {
        string[] parts = isa.ToUpperInvariant().Split('_', ' ');
        string letters = parts[0].Length > "RV64".Length ? parts[0]["RV64".Length..] : string.Empty;
        int words = letters.AsSpan().IndexOfAny('Z', 'X');
        return (words < 0 ? letters : letters[..words]).Contains('H', StringComparison.Ordinal)
            || parts.Skip(1).Contains("H");
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
