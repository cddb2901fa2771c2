using NestVirt.Core.Tests.Linux.Machine;
using NestVirt.Linux.Machine;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Virtualization;

public sealed class HypervisorAssessorTests
{
    private const string Guest = "vendor_id : GenuineIntel\nflags : fpu tsc aperfmperf hypervisor vmx\nbugs : none";
    private const string KvmUnderZvm =
        "sysinfo=present|sysinfo.program=VM00 Control Program: KVM/Linux"
        + "|sysinfo.program=VM01 Control Program: z/VM    7.2.0";

    private const string Metal = "vendor_id : GenuineIntel\nflags : fpu tsc aperfmperf vmx\nbugs : none";
    private const string Arm = "CPU implementer : 0x41\nCPU part : 0xd0c\nFeatures : fp asimd";

    private static (string?, string?, HostLayer) Place(MachineFacts facts) =>
        (facts.Hypervisor.Vendor, facts.Hypervisor.Type, facts.Layer);

    private static string LscpuOf(string vendor) => $"Hypervisor vendor: {vendor}\nVirtualization type: full";

    // Facts with a bar between them.
    private static MachineAnswers Shown(string cpuinfo, string facts) =>
        new MachineAnswers().Cpu(cpuinfo).Shows(facts.Split('|', StringSplitOptions.RemoveEmptyEntries));

    private static MachineAnswers Dmi(string cpuinfo, string system, string product) =>
        new MachineAnswers().Cpu(cpuinfo).Shows($"dmi.sys_vendor={system}", $"dmi.product_name={product}");

    [Theory]
    [InlineData("VMware, Inc.", "VMware7,1", "VMware")]
    [InlineData("innotek GmbH", "VirtualBox", "Oracle")]
    [InlineData("Xen", "HVM domU", "Xen")]
    [InlineData("Microsoft Corporation", "Virtual Machine", "Microsoft")]
    [InlineData("Parallels International GmbH.", "Parallels Virtual Platform", "Parallels")]
    [InlineData("FreeBSD", "BHYVE", "bhyve")]
    [InlineData("Nutanix", "AHV", "KVM")]
    [InlineData("Red Hat", "KVM", "KVM")]
    [InlineData("Google", "Google Compute Engine", "KVM")]
    [InlineData("Amazon EC2", "m5.large", "KVM")]
    [InlineData("QEMU", "Standard PC (Q35 + ICH9, 2009)", "QEMU")]
    [InlineData("HITACHI", "BladeSymphony BS2000 LPAR", "Hitachi")]
    public void DMI_names_the_hypervisor(string system, string product, string vendor)
    {
        MachineFacts facts = Dmi(Guest, system, product).Assess();

        Assert.Equal((vendor, "full", HostLayer.L1), Place(facts));
    }

    [Theory]
    [InlineData("Microsoft Corporation", "Surface Pro 7")]
    [InlineData("Oracle Corporation", "ORACLE SERVER X8-2")]
    [InlineData("Amazon EC2", "c5.metal")]
    [InlineData("Google", "Google Compute Engine")]
    [InlineData("Alibaba Cloud", "Alibaba Cloud ECS")]
    [InlineData("Dell Inc.", "PowerEdge R750")]
    [InlineData("HITACHI", "BladeSymphony BS2000")]
    public void DMI_of_a_real_machine_is_no_sign(string system, string product)
    {
        MachineFacts facts = Dmi(Metal, system, product).Assess();

        Assert.Equal((null, HostLayer.L0), (facts.Hypervisor.Vendor, facts.Layer));
    }

    [Theory]
    [InlineData("Amazon EC2", "c7g.metal", null, HostLayer.L0)]
    [InlineData("Amazon EC2", "c7g.large", "KVM", HostLayer.L1)]
    [InlineData("Ampere(R)", "Mt. Jade", null, HostLayer.L0)]
    [InlineData("Microsoft Corporation", "Virtual Machine", "Microsoft", HostLayer.L1)]
    public void DMI_decides_on_ARM_which_has_no_flag(string system, string product, string? vendor, HostLayer layer)
    {
        MachineFacts facts = Dmi(Arm, system, product).Assess();

        Assert.Equal((vendor, layer), (facts.Hypervisor.Vendor, facts.Layer));
    }

    [Fact]
    public void QEMU_is_KVM_where_its_clock_or_CPUID_shows()
    {
        string[] dmi = ["dmi.sys_vendor=QEMU", "dmi.product_name=Standard PC (i440FX + PIIX, 1996)"];

        const string Smccc = "smccc: KVM: hypervisor services detected (0x00000000 0x00000000 0x00000000 0x00000003)";
        MachineAnswers clock = new MachineAnswers().Cpu(Guest).Shows([.. dmi, "clocksources=kvm-clock tsc"]);
        MachineAnswers cpuid = new MachineAnswers().Cpu(Guest).Lscpu(LscpuOf("KVM"), dmi);
        MachineAnswers neither = new MachineAnswers().Cpu(Guest).Lscpu("Vendor ID: GenuineIntel", dmi);
        MachineAnswers log = new MachineAnswers().Cpu(Arm).Shows(dmi).Log(Smccc);

        Assert.Equal("KVM", clock.Assess().Hypervisor.Vendor);
        Assert.Equal("KVM", cpuid.Assess().Hypervisor.Vendor);
        Assert.Equal("QEMU", neither.Assess().Hypervisor.Vendor);
        Assert.Equal("KVM", log.Assess().Hypervisor.Vendor);
    }

    [Fact]
    public void KVM_that_offers_the_interface_of_HyperV_is_KVM()
    {
        MachineFacts facts = new MachineAnswers()
            .Cpu(Guest)
            .Lscpu(LscpuOf("Microsoft"), "clocksources=kvm-clock hyperv_clocksource_tsc_page tsc")
            .Assess();

        Assert.Equal("KVM", facts.Hypervisor.Vendor);
    }

    [Theory]
    [InlineData(Guest, "NewVisor", "NewVisor", HostLayer.L1)]
    [InlineData(Guest, "(null)", null, HostLayer.L1)]
    [InlineData(Guest, "vertical", null, HostLayer.L1)]
    [InlineData(Metal, "NewVisor", null, HostLayer.L0)]
    [InlineData(Metal, "(null)", null, HostLayer.L0)]
    [InlineData(Metal, "Innotek GmbH", "Innotek GmbH", HostLayer.L1)]
    public void Lscpu_may_name_a_vendor_that_is_new_but_not_one_that_is_none(
        string cpuinfo,
        string named,
        string? vendor,
        HostLayer layer
    )
    {
        MachineFacts facts = new MachineAnswers().Cpu(cpuinfo).Lscpu(LscpuOf(named)).Assess();

        Assert.Equal((vendor, layer), (facts.Hypervisor.Vendor, facts.Layer));
    }

    [Fact]
    public void WSL_is_known_by_its_interpreter_too()
    {
        MachineFacts facts = Shown(Guest, "release=6.6.0-custom|wslinterop=present").Assess();

        Assert.Equal(("Microsoft", "wsl"), (facts.Hypervisor.Vendor, facts.Container));
    }

    [Fact]
    public void VirtualBox_that_offers_the_interface_of_KVM_is_VirtualBox()
    {
        MachineFacts facts = new MachineAnswers()
            .Cpu(Guest)
            .Lscpu(
                LscpuOf("KVM"),
                "dmi.sys_vendor=innotek GmbH",
                "dmi.product_name=VirtualBox",
                "clocksources=kvm-clock tsc"
            )
            .Assess();

        Assert.Equal("Oracle", facts.Hypervisor.Vendor);
    }

    [Theory]
    [InlineData("xen=present|xen.capabilities=control_d", "none", HostLayer.L0, true)]
    [InlineData("hypervisor.type=xen|hypervisor.uuid=zero", "none", HostLayer.L0, true)]
    [InlineData("hypervisor.type=xen|hypervisor.initdomain=1", "none", HostLayer.L0, true)]
    [InlineData("xen=present|xen.capabilities=control_d|dmi.sys_vendor=QEMU", "none", HostLayer.L1, true)]
    [InlineData("hypervisor.type=xen|hypervisor.guest_type=PV", "para", HostLayer.L1, false)]
    [InlineData("hypervisor.type=xen|hypervisor.guest_type=HVM|hypervisor.uuid=set", "full", HostLayer.L1, false)]
    [InlineData("hypervisor.type=xen|hypervisor.features=000020f5", "para", HostLayer.L1, false)]
    [InlineData("hypervisor.type=xen|hypervisor.features=00000108", "para", HostLayer.L1, false)]
    [InlineData("hypervisor.type=xen|hypervisor.features=00002705", "full", HostLayer.L1, false)]
    [InlineData("xen=present", "para", HostLayer.L1, false)]
    public void Xen_is_told_apart_by_kind_of_domain(string shown, string type, HostLayer layer, bool isControlDomain)
    {
        MachineFacts facts = Shown(Guest, shown).Assess();

        Assert.Equal(("Xen", type, layer), Place(facts));
        Assert.Equal(isControlDomain, facts.IsXenControlDomain);
        VirtualizationState state = type == "full" ? VirtualizationState.Available : VirtualizationState.NotAvailable;
        Assert.Equal(state, facts.Virtualization.State);
    }

    [Theory]
    [InlineData("sysinfo=present|sysinfo.lpar=present", "IBM", HostLayer.L0)]
    [InlineData("sysinfo=present|sysinfo.program=VM00 Control Program: z/VM    7.2.0", "IBM", HostLayer.L1)]
    [InlineData(KvmUnderZvm, "KVM", HostLayer.L2)]
    public void S390_counts_the_hypervisors_below(string shown, string vendor, HostLayer layer)
    {
        MachineFacts facts = Shown("vendor_id : IBM/S390", shown).Assess();

        Assert.Equal((vendor, "full", layer), Place(facts));
    }

    [Theory]
    [InlineData("Hyper-V: running on a nested hypervisor", null, HostLayer.L2)]
    [InlineData("Hyper-V: running as root partition", null, HostLayer.L0)]
    [InlineData("Hyper-V: running as root partition", "Hyper-V: running on a nested hypervisor", HostLayer.L1)]
    [InlineData("Hypervisor detected: Microsoft Hyper-V", null, HostLayer.L1)]
    public void HyperV_tells_the_kernel_where_it_stands(string line, string? second, HostLayer layer)
    {
        MachineFacts facts = new MachineAnswers()
            .Cpu(Guest)
            .Lscpu(LscpuOf("Microsoft"))
            .Log(line, second ?? string.Empty)
            .Assess();

        Assert.Equal(("Microsoft", layer), (facts.Hypervisor.Vendor, facts.Layer));
    }

    [Theory]
    [InlineData("Hypervisor detected: KVM", "KVM")]
    [InlineData("Hypervisor detected: VMware", "VMware")]
    [InlineData("Hypervisor detected: Microsoft Hyper-V", "Microsoft")]
    [InlineData("Hypervisor detected: Bhyve", "bhyve")]
    [InlineData("Hypervisor detected: ACRN", "ACRN")]
    public void Kernel_log_names_the_hypervisor(string line, string vendor) =>
        Assert.Equal(vendor, new MachineAnswers().Cpu(Guest).Log(line).Assess().Hypervisor.Vendor);

    [Theory]
    [InlineData("tree=present|tree.hypervisor=present|tree.hypervisor.compatible=vmware", "VMware", HostLayer.L1)]
    [InlineData("tree=present|tree.compatible=linux,dummy-virt", "KVM", HostLayer.L1)]
    [InlineData("tree=present|tree.compatible=linux,dummy-virt|tree.fwcfg=present", "QEMU", HostLayer.L1)]
    [InlineData("tree=present|tree.compatible=raspberrypi,4-model-bbrcm,bcm2711", null, HostLayer.L0)]
    [InlineData("", null, HostLayer.Unknown)]
    public void Device_tree_decides_where_there_is_no_DMI(string shown, string? vendor, HostLayer layer)
    {
        MachineFacts facts = Shown(Arm, shown).Assess();

        Assert.Equal((vendor, layer), (facts.Hypervisor.Vendor, facts.Layer));
    }

    [Fact]
    public void A_flag_without_a_name_is_a_hypervisor_without_a_name()
    {
        MachineFacts facts = new MachineAnswers().Cpu(Guest).Assess();

        Assert.Equal((null, null, HostLayer.L1), Place(facts));
        Assert.Equal("/proc/cpuinfo: flags: hypervisor", facts.Hypervisor.Evidence);
    }

    [Theory]
    [InlineData("4.4.0-19041-Microsoft", "Windows Subsystem for Linux", "container", HostLayer.Unknown)]
    [InlineData("5.15.167.4-microsoft-standard-WSL2", "Microsoft", "full", HostLayer.L1)]
    public void WSL_is_known_by_the_kernels_release(string release, string vendor, string type, HostLayer layer)
    {
        MachineFacts facts = new MachineAnswers().Cpu(Guest).Shows($"release={release}").Assess();

        Assert.Equal((vendor, type, layer), Place(facts));
        Assert.Equal("wsl", facts.Container);
    }

    [Theory]
    [InlineData("container.environ=lxc", "lxc")]
    [InlineData("container.systemd=systemd-nspawn", "systemd-nspawn")]
    [InlineData("containerenv=present", "podman")]
    [InlineData("cgroup=read|cgroup=kubernetes", "kubernetes")]
    [InlineData("cgroup=read|dockerenv=present|mounts=read|mounts=container", "docker")]
    [InlineData("cgroup=read|dockerenv=present|mounts=read", null)]
    [InlineData("vz=present", "openvz")]
    [InlineData("vz=present|bc=present|status=envID:\t0", null)]
    [InlineData("status=VxID:\t41639", "linux-vserver")]
    [InlineData("status=VxID:\t0", null)]
    [InlineData("brandz=present", "illumos-lx")]
    [InlineData("", null)]
    public void Containers_are_named_and_do_not_add_a_layer(string shown, string? container)
    {
        MachineFacts facts = Shown(Metal, shown).Assess();

        Assert.Equal((container, HostLayer.L0), (facts.Container, facts.Layer));
    }

    [Fact]
    public void Names_from_a_host_cannot_move_the_cursor()
    {
        const string Cpu = "vendor_id : Genuine\u001b[2JIntel\nmodel name : \u202eelif\nflags : fpu tsc hypervisor vmx";
        MachineFacts facts = new MachineAnswers()
            .Cpu(Cpu + "\nvmx flags : ept \u001b[2J vpid", "release=6.1\u0007", "itlb_multihit=VMX disabled\u001b[1m")
            .Lscpu(LscpuOf("New\u001b[2JVisor"), "container.environ=lxc\u001b[31m", "dmi.sys_vendor=Some\u0007one")
            .Assess();

        Assert.Equal(["ept", "vpid"], facts.Virtualization.Features);
        string all =
            $"{facts.Cpu} {facts.Virtualization} {facts.Hypervisor} {facts.Container} {facts.VirtualizationReason}"
            + string.Concat(facts.HypervisorEvidence)
            + string.Concat(facts.VirtualizationEvidence);
        Assert.DoesNotContain(all, static character => char.IsControl(character) || character == '\u202e');
    }
}
