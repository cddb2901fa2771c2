using System.Globalization;
using NestVirt.Linux.Machine;

namespace NestVirt.Linux.Virtualization;

/// <summary>
/// Finds the proof that firmware turned an x86 processor's extension off: a log line, or the register it locked.
/// </summary>
/// <param name="processor">The processor.</param>
/// <param name="info">The lines of /proc/cpuinfo.</param>
/// <param name="log">The kernel's log.</param>
/// <param name="msr">The registers.</param>
internal sealed class FirmwareLock(X86Processor processor, CpuInfo info, KernelLog log, MsrReading msr)
{
    // IA32_FEATURE_CONTROL: the lock, VMX inside and outside of SMX. VM_CR: SVMDIS. (asm/msr-index.h)
    private const ulong Locked = 1 << 0;
    private const ulong VmxInsideSmx = 1 << 1;
    private const ulong VmxOutsideSmx = 1 << 2;
    private const ulong SvmDisabled = 1 << 4;

    // ECX of CPUID leaf 1, and of leaf 0x80000001.
    private const uint VmxBit = 1 << 5;
    private const uint SvmBit = 1 << 2;

    // feat_ctl.c, amd.c, vmx.c and svm.c since 2.6.20. Other features have lines that end in "disabled by BIOS" as
    // well.
    private static readonly string[] s_lines =
    [
        "VMX (outside TXT) disabled by BIOS",
        "VMX (inside TXT) disabled by BIOS",
        "VMX not enabled (by BIOS)",
        "SVM disabled (by BIOS)",
        "kvm: disabled by bios",
        "support for 'kvm_intel' disabled by bios",
        "support for 'kvm_amd' disabled by bios",
    ];

    /// <summary>
    /// Gets whether the silicon has the extension by CPUID, which no kernel changes; null when it was not read.
    /// </summary>
    public bool? HasSilicon => msr.FeatureWord is uint word ? (word & (processor.IsAmd ? SvmBit : VmxBit)) != 0 : null;

    /// <summary>Gets the word of CPUID, for evidence.</summary>
    public string SiliconEvidence =>
        string.Create(CultureInfo.InvariantCulture, $"/dev/cpu/{msr.Cpu}/cpuid: 0x{msr.FeatureWord:x8}");

    /// <summary>Finds the proof, or null.</summary>
    /// <returns>The extension that is off, and what shows it.</returns>
    public (string Extension, string Reason, string Evidence)? Find()
    {
        if (log.Find(s_lines) is string line)
        {
            string extension =
                Says(line, "SVM") || Says(line, "kvm_amd") ? X86Processor.AmdV
                : Says(line, "VMX") || Says(line, "kvm_intel") ? X86Processor.VtX
                : processor.Extension;
            return (extension, "The kernel says that the firmware turned the extension off.", $"kernel log: {line}");
        }

        return IsOffByRegister && IsRegisterOfExtension
            ? (processor.Extension, "The firmware locked the register with the extension off.", RegisterEvidence)
            : null;
    }

    private bool IsOffByRegister =>
        msr.Control is ulong control
        && (
            processor.IsAmd
                ? (control & SvmDisabled) != 0
                : (control & (Locked | VmxOutsideSmx)) == Locked && !IsTrustedBoot
        );

    // A kernel that removes the flag and kept it was started by tboot, for which VMX inside of SMX is enough.
    private bool IsTrustedBoot => (msr.Control & VmxInsideSmx) != 0 && info["vmx flags"] is not null;

    // Intel's register also locks other features, so that without CPUID it speaks for VMX only where the flag or the
    // processor's series does.
    private bool IsRegisterOfExtension =>
        HasSilicon ?? (processor.IsAmd || processor.ShownExtension is not null || processor.IsOfSeriesWithVtX);

    private string RegisterEvidence =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"MSR 0x{(processor.IsAmd ? 0xC0010114 : 0x3A):x} of CPU {msr.Cpu}: 0x{msr.Control:x}"
        );

    private static bool Says(string line, string word) => line.Contains(word, StringComparison.Ordinal);
}
