using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Machine;

/// <summary>Which modules make KVM on an architecture.</summary>
internal static class KvmArchitecture
{
    private static readonly string[] s_x86 = ["x86_64", "amd64", "i386", "i486", "i586", "i686", "x86"];

    // Architectures for which upstream KVM has no nesting at all.
    private static readonly string[] s_withoutNesting =
    [
        "riscv64",
        "riscv32",
        "loongarch64",
        "mips",
        "mips64",
        "arm",
        "armv7l",
        "armv6l",
        "armv5l",
    ];

    /// <summary>Tells whether an architecture is x86.</summary>
    /// <param name="architecture">The machine as <c>uname -m</c> names it, or null.</param>
    /// <param name="extension">The virtualization extension, which tells where the name is not known.</param>
    /// <returns>True if it is.</returns>
    public static bool IsX86(string? architecture, string? extension = null) =>
        architecture is null ? extension is "VT-x" or "AMD-V" : Array.IndexOf(s_x86, architecture) >= 0;

    /// <summary>Tells whether an architecture is s390, where the module kvm itself decides on nesting.</summary>
    /// <param name="architecture">The machine as <c>uname -m</c> names it, or null.</param>
    /// <param name="extension">The virtualization extension, or null.</param>
    /// <returns>True if it is.</returns>
    public static bool IsS390(string? architecture, string? extension = null) =>
        architecture is null ? extension == "SIE" : architecture.StartsWith("s390", StringComparison.Ordinal);

    /// <summary>Tells whether an architecture is 64-bit Arm, where kvm-arm.mode decides on nesting.</summary>
    /// <remarks>armv8l is what such a kernel tells 32-bit programs (arch/arm64/include/asm/compat.h).</remarks>
    /// <param name="architecture">The machine as <c>uname -m</c> names it, or null.</param>
    /// <param name="extension">The virtualization extension, or null.</param>
    /// <returns>True if it is.</returns>
    public static bool IsArm64(string? architecture, string? extension = null) =>
        architecture is null
            ? extension == "ARM-VHE"
            : architecture is "aarch64" or "arm64" or "aarch64_be" or "armv8l";

    /// <summary>Tells whether KVM can never nest on an architecture.</summary>
    /// <param name="architecture">The machine as <c>uname -m</c> names it, or null.</param>
    /// <param name="extension">The virtualization extension, or null.</param>
    /// <returns>True if it is known that it cannot.</returns>
    public static bool LacksNesting(string? architecture, string? extension) =>
        Array.IndexOf(s_withoutNesting, architecture) >= 0 || extension is "RISC-V H" or "LVZ" or "MIPS-VZ";

    /// <summary>Names the modules that a host of an architecture may have.</summary>
    /// <param name="architecture">The machine as <c>uname -m</c> names it, or null.</param>
    /// <param name="extension">The virtualization extension, or null.</param>
    /// <returns>Their names, kvm first.</returns>
    public static IReadOnlyList<string> Modules(string? architecture, string? extension = null) =>
        architecture switch
        {
            _ when IsX86(architecture, extension) => ["kvm", "kvm_intel", "kvm_amd"],
            _ when architecture?.StartsWith("ppc", StringComparison.Ordinal) ?? extension == "KVM-HV" =>
            [
                "kvm",
                "kvm_hv",
                "kvm_pr",
            ],
            _ => ["kvm"],
        };

    /// <summary>Names the module that decides on nesting.</summary>
    /// <param name="architecture">The machine as <c>uname -m</c> names it, or null.</param>
    /// <param name="vendor">The processor's vendor, or null.</param>
    /// <param name="extension">The virtualization extension, or null.</param>
    /// <returns>The module; null when the architecture has none, or the vendor is not known.</returns>
    public static string? NestingModule(string? architecture, string? vendor, string? extension) =>
        (vendor?.Trim(), extension) switch
        {
            _ when architecture?.StartsWith("ppc64", StringComparison.Ordinal) ?? extension == "KVM-HV" => "kvm_hv",
            _ when IsS390(architecture, extension) || IsArm64(architecture, extension) => "kvm",
            _ when architecture is not null && !IsX86(architecture) => null,
            ("AuthenticAMD" or "HygonGenuine" or "AMD" or "Hygon", _) or (_, "AMD-V") => "kvm_amd",
            ("GenuineIntel" or "Intel" or "CentaurHauls" or "Centaur" or "Shanghai" or "zhaoxin", _) or (_, "VT-x") =>
                "kvm_intel",
            _ => null,
        };

    /// <summary>Tells whether nesting is on where nothing is configured, by the kernel's own default.</summary>
    /// <remarks>
    /// kvm_amd: on since nesting came (2009). kvm_intel: on since 4.20 (Documentation/virt/kvm/x86/running-nested-guests.rst).
    /// kvm_hv: on. kvm on s390: off. arm64: off without kvm-arm.mode=nested. A vendor's kernel older than 4.20 may differ.
    /// </remarks>
    /// <param name="module">The module that decides.</param>
    /// <param name="kernelRelease">The kernel's release, or null.</param>
    /// <returns>On or Off; Unknown where the release does not tell.</returns>
    public static NestedState DefaultNesting(string module, string? kernelRelease) =>
        module switch
        {
            "kvm_amd" or "kvm_hv" => NestedState.On,
            "kvm" => NestedState.Off,
            "kvm_intel"
                when KernelVersion.TryParse(kernelRelease, out Version? version) && version >= new Version(4, 20) =>
                NestedState.On,
            _ => NestedState.Unknown,
        };
}
