using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Virtualization;

/// <summary>
/// Judges VT-x and AMD-V by evidence, and tells firmware that turned them off from silicon that lacks them.
/// </summary>
/// <remarks>
/// Kernels from 5.6 on remove the vmx flag when the firmware locked VMX off (arch/x86/kernel/cpu/feat_ctl.c), later
/// ones
/// the svm flag too (amd.c), and say so once in their log. Older ones keep the flag. Distributions carry changes back.
/// </remarks>
/// <param name="cpu">What the kernel says.</param>
/// <param name="flags">The processor's flags.</param>
/// <param name="processor">The processor.</param>
/// <param name="hypervisor">Who runs the machine.</param>
/// <param name="log">The kernel's log.</param>
/// <param name="msr">The registers.</param>
internal sealed class X86Virtualization(
    CpuReading cpu,
    X86Flags flags,
    X86Processor processor,
    HypervisorVerdict hypervisor,
    KernelLog log,
    MsrReading msr
)
{
    // Kernels before this never removed a flag, whatever their distribution carried back.
    private const string FirstUnsureKernel = "4.18";

    // What bugs.c prints of a kernel that was built without kvm_intel; such a kernel also removes the vmx flag.
    private const string BuiltWithoutKvm = "Processor vulnerable";

    // CPUID leaf 0x8000000a, EDX, in asm/cpufeatures.h.
    private static readonly HashSet<string> s_svmFeatures =
    [
        "npt",
        "lbrv",
        "svm_lock",
        "nrip_save",
        "tsc_scale",
        "vmcb_clean",
        "flushbyasid",
        "decodeassists",
        "pausefilter",
        "pfthreshold",
        "avic",
        "v_vmsave_vmload",
        "vgif",
        "x2avic",
        "v_spec_ctrl",
        "vnmi",
        "svme_addr_chk",
        "bus_lock_threshold",
        "idle_hlt",
    ];

    private static readonly HashSet<string> s_vmxFeatures =
    [
        "tpr_shadow",
        "vnmi",
        "flexpriority",
        "ept",
        "vpid",
        "ept_ad",
    ];

    private readonly FirmwareLock _firmware = new(processor, cpu.Info, log, msr);

    /// <summary>Judges.</summary>
    /// <returns>What is proved.</returns>
    public VirtualizationVerdict Assess()
    {
        VirtualizationVerdict verdict =
            FindAtWork()
            ?? FindTakenByXen()
            ?? FindTurnedOff()
            ?? (processor.ShownExtension is null ? AssessWithoutFlag() : AssessFlag());
        return verdict.Extension is null ? verdict : verdict with { Features = Features() };
    }

    private VirtualizationVerdict? FindAtWork()
    {
        string module = processor.Module;
        return processor.ShownExtension is not null && cpu.Runs(module)
            ? Available($"{module} runs, so the extension works.", $"/sys/module/{module}: {cpu.Modules[module]}")
            : null;
    }

    // Old versions of Xen show the flag to paravirtualized domains.
    private VirtualizationVerdict? FindTakenByXen() =>
        processor.ShownExtension is string extension
        && hypervisor.Sign is { Vendor: "Xen", Type: not HypervisorSign.Full }
            ? new VirtualizationVerdict(
                extension,
                VirtualizationState.NotAvailable,
                "Xen uses the extension itself and keeps it from this domain.",
                hypervisor.Sign.Evidence
            )
            : null;

    private VirtualizationVerdict? FindTurnedOff() =>
        _firmware.Find() is (string extension, string reason, string evidence)
            ? new VirtualizationVerdict(extension, VirtualizationState.DisabledInFirmware, reason, evidence)
            : null;

    // bugs.c: kvm_intel sets the VMX part of l1tf when it loads; itlb_multihit says "VMX disabled" of an extension
    // that is
    // usable and not in use at this moment.
    private VirtualizationVerdict AssessFlag() =>
        (cpu.L1tf, cpu.ItlbMultihit) switch
        {
            (string text, _) when Says(text, "VMX") => Available(
                "kvm_intel has set the extension up since the last boot.",
                $"l1tf: {text}"
            ),
            (_, string text) when Says(text, "VMX disabled") => Available(
                "The kernel finds the extension usable, though not in use.",
                $"itlb_multihit: {text}"
            ),
            _ => Available(
                $"The processor has {processor.Flag}, and nothing says that the firmware turned it off.",
                cpu.Info.Fields.Count > 0
                    ? $"/proc/cpuinfo: flags: {processor.Flag}"
                    : $"lscpu: Virtualization: {processor.Extension}"
            ),
        };

    private VirtualizationVerdict AssessWithoutFlag()
    {
        if (!flags.IsPresent)
        {
            return Unknown("The processor's flags could not be read.");
        }

        if (hypervisor.IsGuest || hypervisor.IsXenControlDomain)
        {
            string who = hypervisor.Sign?.Vendor ?? "The hypervisor";
            string more = cpu.Runs("kvm_pvm") ? " KVM runs here without it, by software (kvm_pvm)." : string.Empty;
            return Absent($"{who} does not pass the extension on to this machine.{more}", hypervisor.Sign?.Evidence);
        }

        return FindAbsence() ?? (Unknown(UnknownReason()) with { Remedy = UnknownRemedy() });
    }

    private VirtualizationVerdict? FindAbsence()
    {
        if (_firmware.HasSilicon == false)
        {
            return Absent("The processor does not have the extension.", _firmware.SiliconEvidence);
        }

        if (processor.IsOlderThanExtension)
        {
            return Absent("Processors of this age lack the extension.", $"/proc/cpuinfo: {processor.Description}");
        }

        if (HidingOption is not null)
        {
            return null;
        }

        string who = hypervisor.Layer == HostLayer.L0 ? "The processor" : "The processor, or what is shown of it,";
        if (ShowsFlagAlways)
        {
            return Absent(
                $"{who} lacks the extension: a kernel of this age shows it even when the firmware turned it off.",
                $"/proc/cpuinfo: flags without {processor.Flag}; kernel {cpu.KernelRelease ?? "before 3.16"}"
            );
        }

        return log.IsComplete && !IsBuiltWithoutKvm
            ? Absent(
                $"{who} lacks the extension: the kernel's log, whole since the boot, does not blame the firmware.",
                "kernel log: complete, without such a line"
            )
            : null;
    }

    private string UnknownReason()
    {
        if (HidingOption is string option)
        {
            return $"The kernel shows no {processor.Flag}, which its option {option} may hide.";
        }

        if (IsBuiltWithoutKvm)
        {
            return $"The kernel shows no {processor.Flag}, which it may hide as it was built without KVM.";
        }

        string likely = processor.IsOfSeriesWithVtX
            ? "processors of this series have it, so the firmware probably turned it off"
            : "the firmware may have turned it off";
        return $"The kernel shows no {processor.Flag}: {likely}. What would prove it is missing: "
            + $"{log.MissingReason ?? "the start of the kernel log"}; {msr.MissingReason}.";
    }

    private string UnknownRemedy() =>
        HidingOption is string option
            ? $"Take {PlainWord.Or(option, "that option")} off the kernel command line, and reboot."
        : IsBuiltWithoutKvm ? "Boot a kernel that has KVM, such as the distribution's own."
        : FirmwareRemedy.For(processor.Extension);

    // The bugs line came with 3.16.
    private bool ShowsFlagAlways =>
        cpu.IsKernelBefore(FirstUnsureKernel)
        || (cpu.KernelRelease is null && cpu.Info.Fields.Count > 0 && cpu.Info["bugs"] is null);

    private string? HidingOption =>
        cpu.Options.FirstOrDefault(static option => option.StartsWith("clearcpuid=", StringComparison.Ordinal));

    private bool IsBuiltWithoutKvm => cpu.ItlbMultihit is string text && Says(text, BuiltWithoutKvm);

    // Since 5.6 the features of VMX have a line of their own; six old ones stay in flags as well.
    private IReadOnlyList<string> Features()
    {
        if (cpu.Info.Words("vmx flags") is [IReadOnlyList<string> own, ..])
        {
            return own;
        }

        HashSet<string> known = processor.IsAmd ? s_svmFeatures : s_vmxFeatures;
        return flags.Kinds is [IReadOnlyList<string> first, ..] ? [.. first.Where(known.Contains)] : [];
    }

    private VirtualizationVerdict Available(string reason, string evidence) =>
        new(processor.Extension, VirtualizationState.Available, reason, evidence);

    private static VirtualizationVerdict Absent(string reason, string? evidence) =>
        new(null, VirtualizationState.NotAvailable, reason, evidence);

    private VirtualizationVerdict Unknown(string reason) =>
        new(
            null,
            VirtualizationState.Unknown,
            reason,
            cpu.ItlbMultihit is string text ? $"itlb_multihit: {text}" : null
        );

    private static bool Says(string text, string part) => text.Contains(part, StringComparison.Ordinal);
}
