using NestVirt.Model;

namespace NestVirt.Kvm;

/// <summary>Judges the virtualization extensions of architectures other than x86.</summary>
internal sealed class OtherVirtualization(CpuReading cpu, HypervisorReading reading, HypervisorVerdict hypervisor, KernelLog log)
{
    private const string Vhe = "ARM-VHE";
    private const string El2 = "ARM-EL2";

    // The kernels that load kvm by themselves print "sie".
    private const string SieIsPrintedSince = "4.10";

    /// <summary>Judges.</summary>
    /// <returns>What is proved.</returns>
    public VirtualizationVerdict Assess() => cpu.Info switch
    {
        { Fields: [] } => Unknown("The processor's description could not be read."),
        _ when cpu.Info["vendor_id"] == "IBM/S390" => AssessS390(),
        _ when cpu.Info["CPU implementer"] is not null => AssessArm(),
        _ when cpu.Info.First("isa", "hart isa") is string isa && isa.StartsWith("rv", StringComparison.Ordinal) => AssessRiscV(isa),
        _ when IsPower => AssessPower(),
        _ when HasWord("Features", "cpucfg") || cpu.Info["Model Name"] is not null => AssessFlag("LVZ", "Features", "lvz"),
        _ when cpu.Info["ASEs implemented"] is not null => AssessFlag("MIPS-VZ", "ASEs implemented", "vz"),
        _ when ArchitectureWithoutKvm is string name =>
            Found(null, VirtualizationState.NotAvailable, $"Linux has no KVM for {name}.", $"/proc/cpuinfo: {name}"),
        _ => Unknown("The processor is of no known architecture."),
    };

    // KVM for Itanium left with 3.19; the others never had one.
    private string? ArchitectureWithoutKvm => cpu.Info switch
    {
        _ when cpu.Info["arch"] == "IA-64" || HasWord("features", "branchlong") || HasWord("features", "branchlong,") => "Itanium",
        _ when cpu.Info["cpu family"]?.StartsWith("PA-RISC", StringComparison.Ordinal) == true => "PA-RISC",
        _ when cpu.Info["type"]?.StartsWith("sun4", StringComparison.Ordinal) == true => "SPARC",
        _ when cpu.Info["cpu"] == "Alpha" => "Alpha",
        _ => null,
    };

    private bool IsPower => cpu.Info["platform"] is not null
        || cpu.Info["cpu"]?.StartsWith("POWER", StringComparison.Ordinal) == true
        || cpu.Info["revision"]?.Contains("(pvr ", StringComparison.Ordinal) == true;

    private VirtualizationVerdict AssessS390()
    {
        if (HasWord("features", "sie"))
        {
            return Found("SIE", VirtualizationState.Available, "The kernel lists the interpretive-execution facility.", "/proc/cpuinfo: features: sie") with
            {
                Features = ["sie"],
            };
        }

        if (cpu.HasKvmDevice == true)
        {
            return Found("SIE", VirtualizationState.Available, "KVM has started.", "/sys/class/misc/kvm: present");
        }

        return cpu.IsKernelSince(SieIsPrintedSince)
            ? Found(null, VirtualizationState.NotAvailable, "The interpretive-execution facility (sie) is not passed on to this machine.", "/proc/cpuinfo: features without sie")
            : Unknown("The kernel is too old, or of unknown age, to list the interpretive-execution facility (sie).");
    }

    private VirtualizationVerdict AssessArm()
    {
        string? started = log.Find("started at EL2", "started in HYP mode");
        string? vhe = log.Find("VHE mode initialized", "hVHE mode initialized", "detected: Virtualization Host Extensions");
        string? works = vhe ?? log.Find("Hyp mode initialized", "nVHE mode initialized") ?? started;
        if (works is not null)
        {
            return Found(vhe is null ? El2 : Vhe, VirtualizationState.Available, "The kernel runs with the hypervisor's exception level.", $"kernel log: {works}");
        }

        if (cpu.HasKvmDevice == true)
        {
            return Found(El2, VirtualizationState.Available, "KVM has started.", "/sys/class/misc/kvm: present");
        }

        string who = hypervisor.IsGuest ? hypervisor.Sign?.Vendor ?? "The hypervisor" : "The firmware or a hypervisor";
        if (log.Find("started at EL1", "started in SVC mode", "HYP mode not available") is string denied)
        {
            return Found(null, VirtualizationState.NotAvailable, $"{who} keeps the hypervisor's exception level from this system.", $"kernel log: {denied}");
        }

        if (cpu.Options.Any(static option => option.EndsWith(".mode=none", StringComparison.Ordinal)))
        {
            return Unknown("KVM is turned off on the kernel's command line, so nothing shows whether it could work.");
        }

        // KVM is a part of the kernel here: it is listed, and failed to start.
        return cpu.HasKvmDevice == false && cpu.Modules.ContainsKey("kvm")
            ? Found(null, VirtualizationState.NotAvailable, $"KVM is in the kernel and did not start. {who} keeps its exception level from this system.", "/sys/module/kvm: present, /sys/class/misc/kvm: absent")
            : Unknown($"No file shows which exception level the kernel was started at. What would prove it is missing: {log.MissingReason ?? "the start of the kernel log"}.");
    }

    // "rv64imafdch_zicsr_sscofpmf": single letters up to the first underscore, then words.
    private static VirtualizationVerdict AssessRiscV(string isa)
    {
        string letters = isa.Split('_', ' ')[0];
        bool hasH = letters.Length > 4 && letters[4..].Contains('h', StringComparison.Ordinal);
        return hasH
            ? Found("RISC-V H", VirtualizationState.Available, "The kernel lists the hypervisor extension.", $"/proc/cpuinfo: isa: {letters}") with { Features = ["h"] }
            : Found(null, VirtualizationState.NotAvailable, "The processor, or what runs this machine, does not offer the hypervisor extension.", $"/proc/cpuinfo: isa: {letters}");
    }

    private VirtualizationVerdict AssessPower()
    {
        if (cpu.Runs("kvm_hv"))
        {
            return Found("KVM-HV", VirtualizationState.Available, "kvm_hv runs.", $"/sys/module/kvm_hv: {cpu.Modules["kvm_hv"]}");
        }

        string name = cpu.Info["cpu"] ?? string.Empty;
        if (PowerSigns.IsBareMetal(reading, cpu.Info))
        {
            return Found("KVM-HV", VirtualizationState.Available, "The kernel runs in the processor's hypervisor mode.", "/proc/cpuinfo: platform: PowerNV");
        }

        bool isPartition = hypervisor.IsGuest || cpu.Info["platform"] == "pSeries";
        return isPartition switch
        {
            // Nested KVM-HV came with POWER9; before it, no hypervisor passes the hypervisor's mode on.
            true when name.StartsWith("POWER", StringComparison.Ordinal) && name.Length > 5 && name[5] is >= '4' and <= '8' =>
                Found(null, VirtualizationState.NotAvailable, "A partition of this processor does not have its hypervisor mode.", $"/proc/cpuinfo: cpu: {name}"),
            true => Unknown("Whether the hypervisor lets this partition nest shows only when kvm_hv loads, and it is not loaded."),
            false when cpu.Info["platform"] == "PowerMac" =>
                Found(null, VirtualizationState.NotAvailable, "The processor has no hypervisor mode that KVM uses.", "/proc/cpuinfo: platform: PowerMac"),
            false => Unknown("Nothing shows whether the kernel runs in the processor's hypervisor mode."),
        };
    }

    private VirtualizationVerdict AssessFlag(string extension, string key, string word) => HasWord(key, word)
        ? Found(extension, VirtualizationState.Available, "The kernel lists the extension.", $"/proc/cpuinfo: {key}: {word}") with { Features = [word] }
        : Found(null, VirtualizationState.NotAvailable, "The kernel does not list the extension.", $"/proc/cpuinfo: {key} without {word}");

    private bool HasWord(string key, string word) => cpu.Info.Words(key).Any(words => words.Contains(word));

    private static VirtualizationVerdict Unknown(string reason) => new(null, VirtualizationState.Unknown, reason, null);

    private static VirtualizationVerdict Found(string? extension, VirtualizationState state, string reason, string? evidence) =>
        new(extension, state, reason, evidence);
}
