namespace NestVirt.Linux.Machine;

/// <summary>A family of processors that kernels for Linux are built for.</summary>
internal enum ProcessorFamily
{
    /// <summary>None of these, or not known.</summary>
    Unknown,

    /// <summary>x86, of 32 or 64 bits.</summary>
    X86,

    /// <summary>Arm, of 32 or 64 bits.</summary>
    Arm,

    /// <summary>IBM Z.</summary>
    S390,

    /// <summary>POWER and PowerPC.</summary>
    Power,

    /// <summary>RISC-V.</summary>
    RiscV,

    /// <summary>LoongArch.</summary>
    LoongArch,

    /// <summary>MIPS.</summary>
    Mips,
}

/// <summary>Tells families of processors apart, by the name of the machine and by the form of /proc/cpuinfo.</summary>
/// <remarks>
/// Programs of another architecture run through qemu-user under binfmt_misc: its uname names theirs, and for some of
/// them it shows a /proc/cpuinfo of its own (QEMU, linux-user/uname.c; syscall.c: open_cpuinfo). It does not touch
/// /proc/sys/kernel/arch.
/// </remarks>
internal static class ProcessorFamilies
{
    /// <summary>Tells the family by the name of a machine.</summary>
    /// <param name="machine">The machine as <c>uname -m</c> or lscpu names it, or null.</param>
    /// <returns>The family.</returns>
    public static ProcessorFamily OfName(string? machine) =>
        machine switch
        {
            null => ProcessorFamily.Unknown,
            _ when KvmArchitecture.IsX86(machine) => ProcessorFamily.X86,
            ['a', 'r', 'm', ..] or ['a', 'a', 'r', 'c', 'h', '6', '4', ..] => ProcessorFamily.Arm,
            ['s', '3', '9', '0', ..] => ProcessorFamily.S390,
            ['p', 'p', 'c', ..] => ProcessorFamily.Power,
            ['r', 'i', 's', 'c', 'v', ..] => ProcessorFamily.RiscV,
            ['l', 'o', 'o', 'n', 'g', ..] => ProcessorFamily.LoongArch,
            ['m', 'i', 'p', 's', ..] => ProcessorFamily.Mips,
            _ => ProcessorFamily.Unknown,
        };

    /// <summary>Tells the family by the keys that only its kernels print, each in its arch/*/kernel.</summary>
    /// <param name="info">The lines of /proc/cpuinfo.</param>
    /// <returns>The family.</returns>
    public static ProcessorFamily Of(CpuInfo info) =>
        info switch
        {
            { } when info["vendor_id"] == "IBM/S390" => ProcessorFamily.S390,
            { } when info["CPU implementer"] is not null => ProcessorFamily.Arm,
            { } when IsRiscV(info) => ProcessorFamily.RiscV,
            { } when IsPower(info) => ProcessorFamily.Power,
            { } when IsLoongArch(info) => ProcessorFamily.LoongArch,
            { } when info["ASEs implemented"] is not null => ProcessorFamily.Mips,
            { } when X86Flags.IsX86(info.Words("flags")) || X86Processor.IsVendor(info["vendor_id"]) =>
                ProcessorFamily.X86,
            _ => ProcessorFamily.Unknown,
        };

    /// <summary>Names a machine of a family as its kernel does.</summary>
    /// <param name="family">The family.</param>
    /// <returns>The usual name; null of none.</returns>
    public static string? Name(ProcessorFamily family) =>
        family switch
        {
            ProcessorFamily.X86 => "x86_64",
            ProcessorFamily.Arm => "aarch64",
            ProcessorFamily.S390 => "s390x",
            ProcessorFamily.Power => "ppc64le",
            ProcessorFamily.RiscV => "riscv64",
            ProcessorFamily.LoongArch => "loongarch64",
            ProcessorFamily.Mips => "mips64",
            _ => null,
        };

    private static bool IsRiscV(CpuInfo info) =>
        info.First("isa", "hart isa")?.StartsWith("rv", StringComparison.OrdinalIgnoreCase) == true;

    private static bool IsPower(CpuInfo info) =>
        info["platform"] is not null
        || info["cpu"]?.StartsWith("POWER", StringComparison.OrdinalIgnoreCase) == true
        || info["revision"]?.Contains("(pvr ", StringComparison.Ordinal) == true;

    // Vendors' kernels before 5.19 print every key in lower case.
    private static bool IsLoongArch(CpuInfo info) =>
        info.First("CPU Family", "cpu family")?.StartsWith("Loongson-", StringComparison.Ordinal) == true
        || info.First("ISA", "isa")?.StartsWith("loongarch", StringComparison.Ordinal) == true
        || (info.First("Features", "features")?.StartsWith("cpucfg", StringComparison.Ordinal) == true);
}
