using System.Globalization;
using NestVirt.Model;

namespace NestVirt.Kvm;

/// <summary>Judges VT-x and AMD-V by evidence, and tells firmware that turned them off from silicon that lacks them.</summary>
/// <remarks>
/// Kernels from 5.6 on remove the vmx flag when the firmware locked VMX off (arch/x86/kernel/cpu/feat_ctl.c), those from 6.7 on
/// the svm flag (amd.c), and say so once in their log. Older ones keep the flag. Distributions carry such changes back.
/// </remarks>
internal sealed class X86Virtualization(CpuReading cpu, X86Flags flags, LscpuReading lscpu, HypervisorVerdict hypervisor, KernelLog log, MsrReading msr)
{
    private const string VtX = "VT-x";
    private const string AmdV = "AMD-V";

    // FACTS: MSR 0x3a bit 0 is the lock, bit 2 VMX outside SMX; VM_CR bit 4 is SVMDIS.
    private const ulong Locked = 1;
    private const ulong VmxOutsideSmx = 1 << 2;
    private const ulong SvmDisabled = 1 << 4;
    private const uint VmxBit = 1 << 5;
    private const uint SvmBit = 1 << 2;

    // Words 0x8000000a.EDX and the Intel-defined auxiliary flags of asm/cpufeatures.h.
    private static readonly HashSet<string> s_svmFeatures =
    [
        "npt", "lbrv", "svm_lock", "nrip_save", "tsc_scale", "vmcb_clean", "flushbyasid", "decodeassists", "pausefilter",
        "pfthreshold", "avic", "v_vmsave_vmload", "vgif", "x2avic", "v_spec_ctrl", "vnmi", "svme_addr_chk", "bus_lock_threshold", "idle_hlt",
    ];

    private static readonly HashSet<string> s_vmxFeatures = ["tpr_shadow", "vnmi", "flexpriority", "ept", "vpid", "ept_ad"];

    // Kernels before this never removed a flag, whatever their distribution carried back.
    private const string FirstUnsureKernel = "4.18";

    private static readonly HashSet<string> s_vendors =
    [
        "GenuineIntel", "AuthenticAMD", "HygonGenuine", "CentaurHauls", "Shanghai", "GenuineTMx86", "TransmetaCPU",
        "CyrixInstead", "Geode by NSC", "PowerVM Lx86", "User Mode Linux",
    ];

    private bool IsAmd => FlaggedExtension == AmdV || (FlaggedExtension is null && cpu.Info["vendor_id"] is "AuthenticAMD" or "HygonGenuine");

    private string ExtensionOfVendor => IsAmd ? AmdV : VtX;

    private string? FlaggedExtension => flags.Any("svm") ? AmdV : flags.Any("vmx") ? VtX : lscpu.Virtualization is VtX or AmdV ? lscpu.Virtualization : null;

    /// <summary>Tells whether a processor is of this architecture.</summary>
    /// <param name="info">The lines of /proc/cpuinfo.</param>
    /// <param name="flags">Its flags.</param>
    /// <param name="lscpu">What lscpu says.</param>
    /// <returns>True if it is.</returns>
    public static bool IsX86(CpuInfo info, X86Flags flags, LscpuReading lscpu) => flags.IsPresent
        || lscpu.Virtualization is VtX or AmdV
        || s_vendors.Contains(info["vendor_id"] ?? lscpu.VendorId ?? string.Empty);

    /// <summary>Judges.</summary>
    /// <returns>What is proved.</returns>
    public VirtualizationVerdict Assess()
    {
        VirtualizationVerdict verdict = FlaggedExtension is string extension ? AssessFlagged(extension) : AssessUnflagged();
        return verdict.Extension is null ? verdict : verdict with { Features = Features() };
    }

    private VirtualizationVerdict AssessFlagged(string extension)
    {
        string module = extension == AmdV ? "kvm_amd" : "kvm_intel";
        string flag = extension == AmdV ? "svm" : "vmx";
        if (cpu.Runs(module))
        {
            return Found(extension, VirtualizationState.Available, $"{module} runs, so the extension works.", $"/sys/module/{module}: {cpu.Modules[module]}");
        }

        if (hypervisor.Sign is { Vendor: "Xen", Type: not HypervisorSign.Full })
        {
            return Found(extension, VirtualizationState.NotAvailable, "Xen uses the extension itself and keeps it from this domain.", hypervisor.Sign.Evidence);
        }

        if (FindDisabled() is VirtualizationVerdict disabled)
        {
            return disabled;
        }

        if (RanInThisBoot() is string evidence)
        {
            return Found(extension, VirtualizationState.Available, "The kernel has set the extension up since the last boot.", evidence);
        }

        return Found(
            extension,
            VirtualizationState.Available,
            $"The processor has {flag}, and nothing says that the firmware turned it off.",
            cpu.Info.Fields.Count > 0 ? $"/proc/cpuinfo: flags: {flag}" : $"lscpu: Virtualization: {extension}");
    }

    private VirtualizationVerdict AssessUnflagged()
    {
        if (FindDisabled() is VirtualizationVerdict disabled)
        {
            return disabled;
        }

        if (!flags.IsPresent)
        {
            return Found(null, VirtualizationState.Unknown, "The processor's flags could not be read.", null);
        }

        if (hypervisor.IsGuest || hypervisor.IsXenControlDomain)
        {
            string who = hypervisor.Sign?.Vendor ?? "The hypervisor";
            string software = cpu.Runs("kvm_pvm") ? " KVM runs here without it, by software (kvm_pvm)." : string.Empty;
            return Found(null, VirtualizationState.NotAvailable, $"{who} does not pass the extension on to this machine.{software}", hypervisor.Sign?.Evidence);
        }

        return AbsenceProved() is (string reason, string evidence)
            ? Found(null, VirtualizationState.NotAvailable, reason, evidence)
            : Found(null, VirtualizationState.Unknown, UnknownReason(), cpu.ItlbMultihit is string text ? $"itlb_multihit: {text}" : null);
    }

    // Log lines of every age; the register decides where it can be read.
    private VirtualizationVerdict? FindDisabled()
    {
        string? line = log.Find(
            "VMX (outside TXT) disabled by BIOS", "VMX (inside TXT) disabled by BIOS", "VMX not enabled (by BIOS)",
            "SVM disabled (by BIOS)", "kvm: disabled by bios")
            ?? log.Lines.FirstOrDefault(static text => text.Contains("support for 'kvm_", StringComparison.Ordinal) && text.Contains("disabled by bios", StringComparison.Ordinal));
        if (line is not null)
        {
            string extension = line.Contains("SVM", StringComparison.Ordinal) || line.Contains("kvm_amd", StringComparison.Ordinal) ? AmdV
                : line.Contains("VMX", StringComparison.Ordinal) ? VtX : ExtensionOfVendor;
            return Found(extension, VirtualizationState.DisabledInFirmware, "The kernel says that the firmware turned the extension off.", $"kernel log: {line}");
        }

        return IsDisabledByRegister() && HasSilicon() != false
            ? Found(ExtensionOfVendor, VirtualizationState.DisabledInFirmware, "The firmware locked the control register with the extension off.", RegisterText())
            : null;
    }

    private bool IsDisabledByRegister() => msr.Control is ulong control
        && (IsAmd ? (control & SvmDisabled) != 0 : (control & (Locked | VmxOutsideSmx)) == Locked);

    // Without the CPUID device, a register that is there speaks for the silicon only where the flag or the model does.
    private bool? HasSilicon() => msr.FeatureWord is uint word ? (word & (IsAmd ? SvmBit : VmxBit)) != 0
        : FlaggedExtension is not null || IsAmd || IsModelWithVmx() ? true : false;

    private string? RanInThisBoot() => (cpu.L1tf, cpu.ItlbMultihit) switch
    {
        // bugs.c: the VMX part is set by kvm_intel when it loads; "VMX disabled" needs the feature usable, and VMX off just now.
        (string text, _) when text.Contains("VMX", StringComparison.Ordinal) => $"l1tf: {text}",
        (_, string text) when text.Contains("VMX disabled", StringComparison.Ordinal) => $"itlb_multihit: {text}",
        _ => null,
    };

    private (string Reason, string Evidence)? AbsenceProved()
    {
        if (msr.FeatureWord is uint word && (word & (IsAmd ? SvmBit : VmxBit)) == 0)
        {
            return ("The processor does not have the extension.", string.Create(CultureInfo.InvariantCulture, $"/dev/cpu/0/cpuid: 0x{word:x8}"));
        }

        if (IsModelWithout() is string model)
        {
            return ("Processors of this age do not have the extension.", $"/proc/cpuinfo: {model}");
        }

        if (cpu.Options.Any(static option => option.StartsWith("clearcpuid=", StringComparison.Ordinal)))
        {
            return null;
        }

        if (cpu.IsKernelBefore(FirstUnsureKernel) || (cpu.Info.Fields.Count > 0 && cpu.Info["bugs"] is null))
        {
            // The bugs line came with 3.16.
            return ("The processor does not have the extension: a kernel of this age shows it even when the firmware turned it off.",
                $"/proc/cpuinfo: no {(IsAmd ? "svm" : "vmx")} in flags; kernel {cpu.KernelRelease ?? "before 3.16"}");
        }

        return log.IsComplete && cpu.ItlbMultihit?.StartsWith("Processor vulnerable", StringComparison.Ordinal) != true
            ? ("The processor does not have the extension: the kernel's log, whole since the boot, does not say that the firmware turned it off.",
                "kernel log: complete, without such a line")
            : null;
    }

    private string UnknownReason()
    {
        string flag = IsAmd ? "svm" : "vmx";
        if (cpu.Options.FirstOrDefault(static option => option.StartsWith("clearcpuid=", StringComparison.Ordinal)) is string option)
        {
            return $"The kernel shows no {flag}, which its option {option} may hide.";
        }

        if (cpu.ItlbMultihit?.StartsWith("Processor vulnerable", StringComparison.Ordinal) == true)
        {
            return $"The kernel shows no {flag}, which it may hide as it was built without KVM.";
        }

        string likely = !IsAmd && IsModelWithVmx() ? "processors of this name have it, so the firmware probably turned it off" : "the firmware may have turned it off";
        return $"The kernel shows no {flag}: {likely}. What would prove it is missing: {log.MissingReason ?? "the start of the kernel log"}; {msr.MissingReason}.";
    }

    // Every Core i and every Xeon since the Core microarchitecture has VT-x.
    private bool IsModelWithVmx() => !IsAmd
        && (cpu.Info["model name"] ?? lscpu.ModelName) is string model
        && (model.Contains("Core(TM) i", StringComparison.Ordinal)
            || model.Contains("Core(TM) Ultra", StringComparison.Ordinal)
            || (model.Contains("Xeon", StringComparison.Ordinal) && FamilyAndModel() is (6, >= 15)));

    private string? IsModelWithout()
    {
        bool isOld = FamilyAndModel() switch
        {
            // VT-x came with the Pentium 4 662 and 672 (family 15, model 4) and the Core Duo (family 6, model 14).
            (int family, int model) when cpu.Info["vendor_id"] == "GenuineIntel" =>
                family < 6 || (family == 6 && model < 14) || (family == 15 && model < 4),

            // AMD-V came with revision F of family 15, model 64.
            (int family, int model) when cpu.Info["vendor_id"] == "AuthenticAMD" => family < 15 || (family == 15 && model < 64),
            _ => cpu.Info["vendor_id"] is "GenuineTMx86" or "TransmetaCPU" or "CyrixInstead" or "Geode by NSC",
        };
        return isOld ? $"{cpu.Info["vendor_id"]} family {cpu.Info["cpu family"]} model {cpu.Info["model"]}" : null;
    }

    private (int Family, int Model)? FamilyAndModel() =>
        int.TryParse(cpu.Info["cpu family"], NumberStyles.None, CultureInfo.InvariantCulture, out int family)
        && int.TryParse(cpu.Info["model"], NumberStyles.None, CultureInfo.InvariantCulture, out int model)
            ? (family, model)
            : null;

    private string RegisterText() => string.Create(
        CultureInfo.InvariantCulture, $"MSR 0x{(IsAmd ? 0xC0010114 : 0x3A):x} of CPU 0: 0x{msr.Control:x}");

    // Since 5.6 the features of VMX have a line of their own; six old ones stay in flags as well.
    private IReadOnlyList<string> Features()
    {
        if (cpu.Info.Words("vmx flags") is [IReadOnlyList<string> own, ..])
        {
            return own;
        }

        HashSet<string> known = IsAmd ? s_svmFeatures : s_vmxFeatures;
        return flags.Kinds is [IReadOnlyList<string> first, ..] ? [.. first.Where(known.Contains)] : [];
    }

    private static VirtualizationVerdict Found(string? extension, VirtualizationState state, string reason, string? evidence) =>
        new(extension, state, reason, evidence);
}
