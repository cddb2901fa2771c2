using NestVirt.Core.Tests.Linux.Machine;
using NestVirt.Linux.Machine;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Virtualization;

public sealed class OtherVirtualizationTests
{
    private const string Arm = "CPU implementer : 0x41\nCPU architecture: 8\nCPU part : 0xd0c\nFeatures : fp asimd";
    private const string Z = "vendor_id : IBM/S390\nfeatures : esan3 zarch stfle msa ldisp eimm dfp edat highgprs";

    [Theory]
    [InlineData("kvm [1]: VHE mode initialized successfully", "ARM-VHE", VirtualizationState.Available)]
    [InlineData("kvm [1]: Hyp mode initialized successfully", "ARM-EL2", VirtualizationState.Available)]
    [InlineData("kvm [1]: Protected nVHE mode initialized successfully", "ARM-EL2", VirtualizationState.Available)]
    [InlineData("kvm [1]: Protected hVHE mode initialized successfully", "ARM-VHE", VirtualizationState.Available)]
    [InlineData("CPU features: detected: Virtualization Host Extensions", "ARM-VHE", VirtualizationState.Available)]
    [InlineData("CPU: All CPU(s) started at EL2", "ARM-EL2", VirtualizationState.Available)]
    [InlineData("CPU: All CPU(s) started in HYP mode.", "ARM-EL2", VirtualizationState.Available)]
    [InlineData("CPU: All CPU(s) started at EL1", null, VirtualizationState.NotAvailable)]
    [InlineData("CPU: All CPU(s) started in SVC mode.", null, VirtualizationState.NotAvailable)]
    [InlineData("kvm [1]: HYP mode not available", null, VirtualizationState.NotAvailable)]
    public void ARM_is_judged_by_the_exception_level_that_the_log_names(
        string line,
        string? extension,
        VirtualizationState state
    )
    {
        VirtualizationFacts facts = new MachineAnswers().Cpu(Arm).Log(line).Assess().Virtualization;

        Assert.Equal((extension, state), (facts.Extension, facts.State));
        Assert.Equal($"kernel log: {line}", facts.Evidence);
    }

    [Theory]
    [InlineData("module=kvm builtin|kvm=present", "ARM-EL2", VirtualizationState.Available)]
    [InlineData("module=kvm builtin|kvm=absent", null, VirtualizationState.NotAvailable)]
    [InlineData("modules=listed|kvm=absent", null, VirtualizationState.Unknown)]
    [InlineData("module=kvm builtin|kvm=absent|option=kvm-arm.mode=none", null, VirtualizationState.Unknown)]
    public void ARM_without_a_log_is_judged_by_whether_KVM_started(
        string facts,
        string? extension,
        VirtualizationState state
    )
    {
        VirtualizationFacts found = new MachineAnswers().Cpu(Arm, facts.Split('|')).Assess().Virtualization;

        Assert.Equal((extension, state), (found.Extension, found.State));
    }

    [Fact]
    public void S390_has_SIE_where_the_kernel_lists_it()
    {
        VirtualizationFacts facts = new MachineAnswers().Cpu(Z + " te vx sie").Assess().Virtualization;

        Assert.Equal(("SIE", VirtualizationState.Available), (facts.Extension, facts.State));
        Assert.Equal(["sie"], facts.Features);
    }

    [Theory]
    [InlineData("3.10.0", VirtualizationState.Unknown)]
    [InlineData("5.14.0", VirtualizationState.NotAvailable)]
    public void S390_without_sie_lacks_it_only_where_the_kernel_would_list_it(
        string release,
        VirtualizationState state
    ) => Assert.Equal(state, new MachineAnswers().Cpu(Z, $"release={release}").Assess().Virtualization.State);

    [Theory]
    [InlineData("rv64imafdch_zicsr_sscofpmf", "RISC-V H", VirtualizationState.Available)]
    [InlineData("rv64imafdcvh", "RISC-V H", VirtualizationState.Available)]
    [InlineData("rv64imafdc_zicsr_zihpm_zbh", null, VirtualizationState.NotAvailable)]
    [InlineData("rv64imafdc zicntr zihpm", null, VirtualizationState.NotAvailable)]
    [InlineData("rv64imafdc_zba_h_sstc", "RISC-V H", VirtualizationState.Available)]
    [InlineData("RV64IMAFDCH", "RISC-V H", VirtualizationState.Available)]
    [InlineData("rv64imafdcxthead_zicsr", null, VirtualizationState.NotAvailable)]
    [InlineData("rv64imafdch_zicsr\nisa : rv64imafdc_zicsr", null, VirtualizationState.NotAvailable)]
    [InlineData("rv64imafdc_zicsr\nhart isa : rv64imafdch_zicsr", null, VirtualizationState.NotAvailable)]
    public void RiscV_has_the_single_letter_h(string isa, string? extension, VirtualizationState state)
    {
        string cpuinfo = $"isa : {isa}\nmmu : sv39\nmvendorid : 0x489";

        VirtualizationFacts facts = new MachineAnswers().Cpu(cpuinfo).Assess().Virtualization;

        Assert.Equal((extension, state), (facts.Extension, facts.State));
    }

    [Theory]
    [InlineData("POWER9, altivec supported", "PowerNV", "KVM-HV", VirtualizationState.Available, HostLayer.L0)]
    [InlineData("POWER8 (architected)", "pSeries", null, VirtualizationState.NotAvailable, HostLayer.L1)]
    [InlineData("POWER10 (architected)", "pSeries", null, VirtualizationState.Unknown, HostLayer.L1)]
    public void Power_has_its_hypervisor_mode_on_bare_metal(
        string cpu,
        string platform,
        string? extension,
        VirtualizationState state,
        HostLayer layer
    )
    {
        MachineFacts facts = new MachineAnswers().Cpu($"cpu : {cpu}\nplatform : {platform}").Assess();

        Assert.Equal((extension, state), (facts.Virtualization.Extension, facts.Virtualization.State));
        Assert.Equal(layer, facts.Layer);
    }

    [Fact]
    public void Power_partition_that_nests_shows_it_by_the_loaded_module()
    {
        const string Cpu = "cpu : POWER10\nplatform : pSeries\nmachine : CHRP IBM pSeries (emulated by qemu)";

        MachineFacts facts = new MachineAnswers().Cpu(Cpu, "module=kvm_hv live").Assess();

        Assert.Equal("KVM-HV", facts.Virtualization.Extension);
        Assert.Equal(VirtualizationState.Available, facts.Virtualization.State);
        Assert.Equal(("KVM", "para"), (facts.Hypervisor.Vendor, facts.Hypervisor.Type));
    }

    [Theory]
    [InlineData("5.10.0", VirtualizationState.Unknown)]
    [InlineData("5.16.0", VirtualizationState.NotAvailable)]
    public void RiscV_lacks_h_only_where_the_kernel_would_list_it(string release, VirtualizationState state) =>
        Assert.Equal(
            state,
            new MachineAnswers().Cpu("isa : rv64imafdc", $"release={release}").Assess().Virtualization.State
        );

    [Theory]
    [InlineData("POWER9 (raw)", "MMU : Radix", "module=kvm_hv live", null)]
    [InlineData("POWER9 (raw)", "MMU : Hash", "module=kvm_hv live", "/proc/cpuinfo: MMU: Hash")]
    [InlineData("POWER10 (raw)", "MMU : Hash", "option=disable_radix", "/proc/cpuinfo: MMU: Hash")]
    [InlineData("POWER8E (raw)", "x : y", "module=kvm_hv live", "/proc/cpuinfo: cpu: POWER8E (raw)")]
    [InlineData("POWER7 (raw)", "x : y", "module=kvm_hv live", "/proc/cpuinfo: cpu: POWER7 (raw)")]
    [InlineData("Power11 (raw)", "MMU : Radix", "module=kvm_hv live", null)]
    public void Guests_of_a_Power_host_nest_from_POWER9_on_with_radix_page_tables(
        string name,
        string mmu,
        string fact,
        string? evidence
    )
    {
        MachineFacts facts = new MachineAnswers().Cpu($"cpu : {name}\nplatform : PowerNV\n{mmu}", fact).Assess();

        Assert.Equal(("KVM-HV", HostLayer.L0), (facts.Virtualization.Extension, facts.Layer));
        Assert.Equal(evidence, facts.NestingObstacle?.Evidence);
        Assert.Equal(
            fact == "option=disable_radix",
            facts.NestingObstacle?.Remedy?.StartsWith("Take disable_radix off", StringComparison.Ordinal) == true
        );
    }

    [Theory]
    [InlineData("CHRP IBM,9105-22A", "live", "pHyp", true)]
    [InlineData("CHRP IBM,9105-22A", "absent", "pHyp", true)]
    [InlineData("CHRP IBM pSeries (emulated by qemu)", "live", "KVM", false)]
    public void Guests_of_a_PowerVM_partition_never_nest(string machine, string module, string vendor, bool isBarred)
    {
        MachineFacts facts = new MachineAnswers()
            .Cpu(
                $"cpu : POWER10 (architected)\nplatform : pSeries\nmachine : {machine}\nMMU : Radix",
                $"module=kvm_hv {module}"
            )
            .Assess();

        Assert.Equal((vendor, HostLayer.L1), (facts.Hypervisor.Vendor, facts.Layer));
        Assert.Equal(isBarred, facts.NestingObstacle is not null);
    }

    [Theory]
    [InlineData("POWER9", "MMU : Hash", "module=kvm_pr live", "by software (kvm_pr)")]
    [InlineData("POWER8", "x : y", "module=kvm_pr live", "by software (kvm_pr)")]
    [InlineData("POWER8", "x : y", "modules=listed", "has no hypervisor mode.")]
    public void A_Power_guest_without_the_mode_may_run_KVM_by_software(
        string name,
        string mmu,
        string fact,
        string reason
    )
    {
        MachineFacts facts = new MachineAnswers()
            .Cpu($"cpu : {name} (architected)\nplatform : pSeries\n{mmu}", fact)
            .Assess();

        Assert.Equal(VirtualizationState.NotAvailable, facts.Virtualization.State);
        Assert.EndsWith(reason.TrimEnd('.') + ".", facts.VirtualizationReason, StringComparison.Ordinal);
        Assert.DoesNotContain("cap-nested-hv", facts.VirtualizationRemedy!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cpu family : Loongson-64bit\nmodel name : Loongson-3A5000\nfeatures : cpucfg fpu", "lvz", true)]
    [InlineData("cpu family : Loongson-64bit\nmodel name : Loongson-3A5000\nfeatures : cpucfg fpu", "lasx", false)]
    [InlineData("CPU Family : Loongson-64bit\nModel Name : Loongson-3C6000\nFeatures : cpucfg fpu", "ptw lvz", true)]
    [InlineData("isa : loongarch32 loongarch64\nfeatures : cpucfg lam", "lvz lbt_x86", true)]
    public void LoongArch_is_read_in_either_case(string cpuinfo, string words, bool hasLvz)
    {
        VirtualizationFacts facts = new MachineAnswers().Cpu($"{cpuinfo} {words}").Assess().Virtualization;

        Assert.Equal(
            hasLvz ? ("LVZ", VirtualizationState.Available) : (null, VirtualizationState.NotAvailable),
            (facts.Extension, facts.State)
        );
    }

    [Theory]
    [InlineData("CPU Family : Loongson-64bit\nModel Name : Loongson-3A5000\nFeatures : cpucfg lam fpu lvz", "LVZ")]
    [InlineData("system type : x\ncpu model : MIPS P5600\nASEs implemented : vz msa", "MIPS-VZ")]
    public void Others_are_judged_by_their_feature_word(string cpuinfo, string extension)
    {
        VirtualizationFacts facts = new MachineAnswers().Cpu(cpuinfo).Assess().Virtualization;

        Assert.Equal((extension, VirtualizationState.Available), (facts.Extension, facts.State));
    }
}
