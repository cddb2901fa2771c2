using NestVirt.Core.Tests.Linux.Machine;
using NestVirt.Linux.Machine;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Virtualization;

public sealed class X86VirtualizationTests
{
    private const string IntelWithVmx = """
        vendor_id	: GenuineIntel
        model name	: Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz
        flags		: fpu tsc msr vmx aperfmperf tpr_shadow vnmi flexpriority ept vpid ept_ad
        bugs		: cpu_meltdown
        """;

    private const string AmdWithSvm = """
        vendor_id	: AuthenticAMD
        model name	: AMD EPYC 7451 24-Core Processor
        flags		: fpu tsc msr svm aperfmperf npt lbrv svm_lock nrip_save avic v_vmsave_vmload vgif sev smca
        bugs		: spectre_v1
        """;

    // Texts of kernels 2.6 to 6.18, without their times.
    [Theory]
    [InlineData("x86/cpu: VMX (outside TXT) disabled by BIOS")]
    [InlineData("VMX (inside TXT) disabled by BIOS")]
    [InlineData("kvm: disabled by bios")]
    [InlineData("kvm: support for 'kvm_intel' disabled by bios")]
    [InlineData("kvm_intel: VMX not enabled (by BIOS) in MSR_IA32_FEAT_CTL on CPU 0")]
    [InlineData("[   12.345678] x86/cpu: VMX (outside TXT) disabled by BIOS")]
    [InlineData("[Fri Nov 20 10:00:00 2026] kvm: disabled by bios")]
    public void Kernel_log_tells_that_firmware_turned_VTx_off(string line)
    {
        MachineAnswers answers = new MachineAnswers().Cpu(MachineAnswers.IntelWithoutVmx).Log(line);

        VirtualizationFacts facts = answers.Assess().Virtualization;

        Assert.Equal(("VT-x", VirtualizationState.DisabledInFirmware), (facts.Extension, facts.State));
        string text = line[(line.IndexOf(']', StringComparison.Ordinal) + 1)..].Trim();
        Assert.Equal($"kernel log: {text}", facts.Evidence);
    }

    [Theory]
    [InlineData("SVM disabled (by BIOS) in MSR_VM_CR")]
    [InlineData("kvm_amd: SVM disabled (by BIOS) in MSR_VM_CR on CPU 17")]
    [InlineData("kvm: support for 'kvm_amd' disabled by bios")]
    [InlineData("kvm: disabled by bios")]
    public void Kernel_log_tells_that_firmware_turned_AMDV_off(string line)
    {
        MachineAnswers answers = new MachineAnswers().Cpu(MachineAnswers.AmdWithoutSvm).Log(line);

        VirtualizationFacts facts = answers.Assess().Virtualization;

        Assert.Equal(("AMD-V", VirtualizationState.DisabledInFirmware), (facts.Extension, facts.State));
        Assert.Equal(["npt", "lbrv"], facts.Features);
    }

    [Theory]
    [InlineData("x86/cpu: SGX disabled by BIOS.")]
    [InlineData("x86/mktme: disabled by BIOS")]
    public void Kernel_log_of_another_feature_tells_nothing(string line) =>
        Assert.Equal(
            VirtualizationState.Unknown,
            new MachineAnswers().Cpu(MachineAnswers.IntelWithoutVmx).Log(line).Assess().Virtualization.State
        );

    [Theory]
    [InlineData("0000000000000001", VirtualizationState.DisabledInFirmware)]
    [InlineData("0000000000000003", VirtualizationState.DisabledInFirmware)]
    [InlineData("0000000000000005", VirtualizationState.Available)]
    [InlineData("0000000000000000", VirtualizationState.Available)]
    public void Feature_control_register_decides_where_an_old_kernel_keeps_the_flag(
        string value,
        VirtualizationState state
    )
    {
        VirtualizationFacts facts = new MachineAnswers().Cpu(IntelWithVmx).Msr($"msr= {value}").Assess().Virtualization;

        Assert.Equal(("VT-x", state), (facts.Extension, facts.State));
    }

    [Theory]
    [InlineData("0000000000000018", VirtualizationState.DisabledInFirmware)]
    [InlineData("0000000000000008", VirtualizationState.Available)]
    public void VM_CR_register_decides_where_an_old_kernel_keeps_the_flag(string value, VirtualizationState state)
    {
        VirtualizationFacts facts = new MachineAnswers().Cpu(AmdWithSvm).Msr($"msr={value}").Assess().Virtualization;

        Assert.Equal(("AMD-V", state), (facts.Extension, facts.State));
    }

    [Fact]
    public void Register_and_CPUID_tell_a_locked_processor_from_one_without_the_extension()
    {
        MachineAnswers locked = new MachineAnswers()
            .Cpu(MachineAnswers.IntelWithoutVmx)
            .Msr("msr=0000000000000001", "cpuid= 00050654 00100800 7ffefbff bfebfbff");
        MachineAnswers lacking = new MachineAnswers()
            .Cpu(MachineAnswers.IntelWithoutVmx)
            .Msr("msr=0000000000000001", "cpuid= 00050654 00100800 7ffefbdf bfebfbff");

        Assert.Equal(VirtualizationState.DisabledInFirmware, locked.Assess().Virtualization.State);
        Assert.Equal(VirtualizationState.NotAvailable, lacking.Assess().Virtualization.State);
    }

    [Fact]
    public void A_module_at_work_outweighs_everything_else()
    {
        MachineAnswers answers = new MachineAnswers()
            .Cpu(IntelWithVmx, "modules=listed", "module=kvm_intel live", "kvm=present")
            .Log("kvm: disabled by bios");

        Assert.Equal(VirtualizationState.Available, answers.Assess().Virtualization.State);
    }

    [Fact]
    public void A_built_in_module_is_at_work_only_if_KVM_has_its_device()
    {
        MachineAnswers refused = new MachineAnswers()
            .Cpu(IntelWithVmx, "modules=listed", "module=kvm_intel builtin", "kvm=absent")
            .Log("kvm: disabled by bios");
        MachineAnswers works = new MachineAnswers()
            .Cpu(IntelWithVmx, "modules=listed", "module=kvm_intel builtin", "kvm=present")
            .Log("kvm: disabled by bios");

        Assert.Equal(VirtualizationState.DisabledInFirmware, refused.Assess().Virtualization.State);
        Assert.Equal(VirtualizationState.Available, works.Assess().Virtualization.State);
    }

    [Theory]
    [InlineData("l1tf=Mitigation; PTE Inversion; VMX: conditional cache flushes, SMT vulnerable")]
    [InlineData("itlb_multihit=KVM: Mitigation: VMX disabled")]
    public void Vulnerability_files_prove_a_usable_extension(string fact)
    {
        VirtualizationFacts facts = new MachineAnswers().Cpu(IntelWithVmx, fact).Assess().Virtualization;

        Assert.Equal(VirtualizationState.Available, facts.State);
        Assert.Equal(fact.Replace("=", ": ", StringComparison.Ordinal), facts.Evidence);
    }

    [Fact]
    public void No_flag_on_bare_metal_is_unknown_with_what_would_prove_it()
    {
        MachineFacts facts = new MachineAnswers()
            .Cpu(MachineAnswers.IntelWithoutVmx, "release=6.1.0", "itlb_multihit=KVM: Mitigation: VMX unsupported")
            .Assess();

        Assert.Equal((null, VirtualizationState.Unknown), (facts.Virtualization.Extension, facts.Virtualization.State));
        Assert.Equal("itlb_multihit: KVM: Mitigation: VMX unsupported", facts.Virtualization.Evidence);
        Assert.Contains("the firmware probably turned it off", facts.VirtualizationReason, StringComparison.Ordinal);
        Assert.Contains("the kernel log", facts.VirtualizationReason, StringComparison.Ordinal);
        Assert.Contains("the control register", facts.VirtualizationReason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_kernel_log_that_does_not_blame_the_firmware_proves_the_absence()
    {
        MachineAnswers whole = new MachineAnswers()
            .Cpu(MachineAnswers.IntelWithoutVmx)
            .Log("Linux version 6.1.0-56-amd64 (debian-kernel@lists.debian.org)");
        MachineAnswers overwritten = new MachineAnswers()
            .Cpu(MachineAnswers.IntelWithoutVmx)
            .Log("Booting paravirtualized kernel on bare hardware");
        MachineAnswers withoutKvm = new MachineAnswers()
            .Cpu(MachineAnswers.IntelWithoutVmx, "itlb_multihit=Processor vulnerable")
            .Log("Linux version 6.1.0-custom");

        Assert.Equal(VirtualizationState.NotAvailable, whole.Assess().Virtualization.State);
        Assert.Equal(VirtualizationState.Unknown, overwritten.Assess().Virtualization.State);
        Assert.Equal(VirtualizationState.Unknown, withoutKvm.Assess().Virtualization.State);
    }

    [Theory]
    [InlineData("4.15.0-200-generic", VirtualizationState.NotAvailable)]
    [InlineData("3.10.0-1160.el7.x86_64", VirtualizationState.NotAvailable)]
    [InlineData("4.18.0-513.el8.x86_64", VirtualizationState.Unknown)]
    [InlineData("6.18.1", VirtualizationState.Unknown)]
    public void A_kernel_that_never_hides_the_flag_proves_the_absence(string release, VirtualizationState state) =>
        Assert.Equal(
            state,
            new MachineAnswers().Cpu(MachineAnswers.IntelWithoutVmx, $"release={release}").Assess().Virtualization.State
        );

    [Fact]
    public void An_option_that_hides_features_leaves_it_unknown()
    {
        MachineFacts facts = new MachineAnswers()
            .Cpu(MachineAnswers.IntelWithoutVmx, "release=4.15.0", "option=clearcpuid=vmx")
            .Log("Linux version 4.15.0")
            .Assess();

        Assert.Equal(VirtualizationState.Unknown, facts.Virtualization.State);
        Assert.Contains("clearcpuid=vmx", facts.VirtualizationReason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GenuineIntel", 6, 9)]
    [InlineData("GenuineIntel", 15, 2)]
    [InlineData("GenuineIntel", 5, 8)]
    [InlineData("AuthenticAMD", 6, 10)]
    [InlineData("AuthenticAMD", 15, 44)]
    public void A_processor_older_than_its_makers_extension_does_not_have_it(string vendor, int family, int model)
    {
        string cpuinfo = $"vendor_id : {vendor}\ncpu family : {family}\nmodel : {model}\nflags : fpu tsc\nbugs : x";

        VirtualizationFacts facts = new MachineAnswers().Cpu(cpuinfo, "release=6.1.0").Assess().Virtualization;

        Assert.Equal((null, VirtualizationState.NotAvailable), (facts.Extension, facts.State));
    }

    [Fact]
    public void A_guest_without_the_flag_is_not_given_the_extension()
    {
        string cpuinfo = MachineAnswers.AmdWithoutSvm.Replace("msr", "msr hypervisor", StringComparison.Ordinal);

        MachineFacts facts = new MachineAnswers()
            .Cpu(cpuinfo, "module=kvm builtin", "module=kvm_pvm builtin", "kvm=present")
            .Shows("clocksources=tsc kvm-clock")
            .Assess();

        Assert.Null(facts.Virtualization.Extension);
        Assert.Equal(VirtualizationState.NotAvailable, facts.Virtualization.State);
        Assert.Equal(("KVM", "full", HostLayer.L1), (facts.Hypervisor.Vendor, facts.Hypervisor.Type, facts.Layer));
        Assert.Contains("kvm_pvm", facts.VirtualizationReason, StringComparison.Ordinal);
    }

    [Fact]
    public void Features_of_VMX_come_from_their_own_line_where_there_is_one()
    {
        MachineAnswers old = new MachineAnswers().Cpu(IntelWithVmx);
        MachineAnswers recent = new MachineAnswers().Cpu(
            IntelWithVmx + "\nvmx flags\t: vnmi preemption_timer ept vpid unrestricted_guest shadow_vmcs"
        );

        Assert.Equal(
            ["tpr_shadow", "vnmi", "flexpriority", "ept", "vpid", "ept_ad"],
            old.Assess().Virtualization.Features
        );
        Assert.Equal(
            ["vnmi", "preemption_timer", "ept", "vpid", "unrestricted_guest", "shadow_vmcs"],
            recent.Assess().Virtualization.Features
        );
    }

    [Fact]
    public void Features_of_SVM_are_those_of_its_CPUID_leaf() =>
        Assert.Equal(
            ["npt", "lbrv", "svm_lock", "nrip_save", "avic", "v_vmsave_vmload", "vgif"],
            new MachineAnswers().Cpu(AmdWithSvm).Assess().Virtualization.Features
        );

    [Fact]
    public void CPUs_that_differ_are_a_finding()
    {
        string cpuinfo = "vendor_id : GenuineIntel\nflags : fpu tsc vmx\nflags : fpu tsc\nbugs : none";

        MachineFacts facts = new MachineAnswers().Cpu(cpuinfo).Assess();

        Assert.Equal("CpusDiffer", Assert.Single(facts.Findings).Code);
    }

    [Fact]
    public void Nothing_readable_is_unknown_in_every_part()
    {
        MachineFacts facts = new MachineAnswers().Assess();

        Assert.Equal(new CpuFacts(null, null), facts.Cpu);
        Assert.Equal(VirtualizationState.Unknown, facts.Virtualization.State);
        Assert.Equal(HostLayer.Unknown, facts.Layer);
        Assert.NotNull(facts.VirtualizationReason);
    }
}
