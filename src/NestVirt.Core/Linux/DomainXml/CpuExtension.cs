namespace NestVirt.Linux.DomainXml;

/// <summary>The virtualization extensions of x86, and what hangs on each.</summary>
internal static class CpuExtension
{
    /// <summary>The extension of Intel.</summary>
    public const string Vmx = "vmx";

    /// <summary>The extension of AMD.</summary>
    public const string Svm = "svm";

    private const string VmxPrefix = "vmx-";

    // The words of CPUID leaf 0x8000000A in QEMU (feature_word_info of target/i386/cpu.c).
    private static readonly HashSet<string> s_svmParts = new(StringComparer.Ordinal)
    {
        "npt",
        "lbrv",
        "svm-lock",
        "nrip-save",
        "tsc-scale",
        "vmcb-clean",
        "flushbyasid",
        "decodeassists",
        "pause-filter",
        "pfthreshold",
        "avic",
        "v-vmsave-vmload",
        "vgif",
        "svme-addr-chk",
        "vnmi",
    };

    /// <summary>Says whether QEMU takes a feature away, and complains, where the extension is off (feature_dependencies of target/i386/cpu.c).</summary>
    /// <param name="extension">The extension.</param>
    /// <param name="feature">The feature.</param>
    /// <returns>Whether it is a part of the extension.</returns>
    public static bool HasPart(string extension, string feature) =>
        extension == Vmx ? feature.StartsWith(VmxPrefix, StringComparison.Ordinal) : s_svmParts.Contains(feature);
}
