namespace NestVirt.Linux.Machine;

/// <summary>The flags of an x86 processor, and what their absence proves.</summary>
/// <param name="Kinds">The flags, one list for each kind of CPU; empty on another architecture.</param>
internal sealed record X86Flags(IReadOnlyList<IReadOnlyList<string>> Kinds)
{
    // Words that no kernel before 2.6.31 prints: the hypervisor's own word came with 2.6.29 (asm/cpufeatures.h).
    private static readonly HashSet<string> s_newWords =
    [
        "aperfmperf",
        "eagerfpu",
        "cpuid",
        "dtherm",
        "epb",
        "arat",
        "ida",
        "pln",
        "pts",
        "xsaveopt",
        "smep",
        "fsgsbase",
        "nonstop_tsc_s3",
        "tsc_adjust",
        "extd_apicid",
        "avx",
        "aes",
        "pclmulqdq",
        "f16c",
        "rdrand",
        "cpb",
        "hw_pstate",
    ];

    /// <summary>Gets a value indicating whether the processor is of this architecture and shows its flags.</summary>
    public bool IsPresent => Kinds.Count > 0;

    /// <summary>Gets whether a hypervisor is there by CPUID; null where an old kernel would not say.</summary>
    public required bool? HasHypervisor { get; init; }

    /// <summary>Reads the flags from /proc/cpuinfo, or from lscpu where that is all there is.</summary>
    /// <param name="cpu">What the kernel says.</param>
    /// <param name="lscpu">What lscpu says.</param>
    /// <returns>The flags.</returns>
    public static X86Flags Read(CpuReading cpu, LscpuReading lscpu)
    {
        IReadOnlyList<IReadOnlyList<string>> kinds = cpu.Info.Words("flags");
        if (kinds.Count == 0 && lscpu.Flags.Count > 0)
        {
            kinds = [lscpu.Flags];
        }

        if (!IsX86(kinds))
        {
            kinds = [];
        }

        // "bugs" came with 3.16, in the same file.
        bool isNew =
            cpu.Info["bugs"] is not null
            || cpu.IsKernelSince("3.0")
            || kinds.Any(static words => words.Any(s_newWords.Contains));
        return new X86Flags(kinds)
        {
            HasHypervisor =
                kinds.Any(static words => words.Contains("hypervisor")) ? true
                : isNew && kinds.Count > 0 ? false
                : null,
        };
    }

    /// <summary>Tells whether words are flags of this architecture.</summary>
    /// <param name="kinds">One list for each kind of CPU.</param>
    /// <returns>True if they are.</returns>
    public static bool IsX86(IReadOnlyList<IReadOnlyList<string>> kinds) =>
        kinds.Any(static words => words.Contains("tsc") || words.Contains("mmx") || words.Contains("fpu"));

    /// <summary>Tells whether every kind of CPU has a flag.</summary>
    /// <param name="flag">The flag.</param>
    /// <returns>True if they have.</returns>
    public bool All(string flag) => IsPresent && Kinds.All(words => words.Contains(flag));

    /// <summary>Tells whether some kind of CPU has a flag.</summary>
    /// <param name="flag">The flag.</param>
    /// <returns>True if one has.</returns>
    public bool Any(string flag) => Kinds.Any(words => words.Contains(flag));
}
