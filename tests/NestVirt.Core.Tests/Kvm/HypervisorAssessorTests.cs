using NestVirt.Kvm;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Kvm;

public sealed class HypervisorAssessorTests
{
    private const string Guest = "vendor_id : GenuineIntel\nflags : fpu tsc aperfmperf hypervisor vmx\nbugs : none";
    private const string Metal = "vendor_id : GenuineIntel\nflags : fpu tsc aperfmperf vmx\nbugs : none";
    private const string Arm = "CPU implementer : 0x41\nCPU part : 0xd0c\nFeatures : fp asimd";

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
        MachineFacts facts = new MachineAnswers().Cpu(Guest).Shows($"dmi.sys_vendor={system}", $"dmi.product_name={product}").Assess();

        Assert.Equal((vendor, "full", HostLayer.L1), (facts.Hypervisor.Vendor, facts.Hypervisor.Type, facts.Layer));
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
        MachineFacts facts = new MachineAnswers().Cpu(Metal).Shows($"dmi.sys_vendor={system}", $"dmi.product_name={product}").Assess();

        Assert.Equal((null, HostLayer.L0), (facts.Hypervisor.Vendor, facts.Layer));
    }

    [Theory]
    [InlineData("Amazon EC2", "c7g.metal", null, HostLayer.L0)]
    [InlineData("Amazon EC2", "c7g.large", "KVM", HostLayer.L1)]
    [InlineData("Ampere(R)", "Mt. Jade", null, HostLayer.L0)]
    [InlineData("Microsoft Corporation", "Virtual Machine", "Microsoft", HostLayer.L1)]
    public void DMI_decides_on_ARM_which_has_no_flag(string system, string product, string? vendor, HostLayer layer)
    {
        MachineFacts facts = new MachineAnswers().Cpu(Arm).Shows($"dmi.sys_vendor={system}", $"dmi.product_name={product}").Assess();

        Assert.Equal((vendor, layer), (facts.Hypervisor.Vendor, facts.Layer));
    }

    [Fact]
    public void QEMU_is_KVM_where_its_clock_or_CPUID_shows()
    {
        string[] dmi = ["dmi.sys_vendor=QEMU", "dmi.product_name=Standard PC (i440FX + PIIX, 1996)"];

        Assert.Equal("KVM", new MachineAnswers().Cpu(Guest).Shows([.. dmi, "clocksources=kvm-clock tsc"]).Assess().Hypervisor.Vendor);
        Assert.Equal("KVM", new MachineAnswers().Cpu(Guest).Lscpu("Hypervisor vendor: KVM\nVirtualization type: full", dmi).Assess().Hypervisor.Vendor);
        Assert.Equal("QEMU", new MachineAnswers().Cpu(Guest).Lscpu("Vendor ID: GenuineIntel", dmi).Assess().Hypervisor.Vendor);
        Assert.Equal("KVM", new MachineAnswers().Cpu(Arm).Shows(dmi).Log("smccc: KVM: hypervisor services detected (0x00000000 0x1)").Assess().Hypervisor.Vendor);
    }

    [Fact]
    public void KVM_that_offers_the_interface_of_HyperV_is_KVM()
    {
        MachineFacts facts = new MachineAnswers()
            .Cpu(Guest)
            .Lscpu("Hypervisor vendor: Microsoft\nVirtualization type: full", "clocksources=kvm-clock hyperv_clocksource_tsc_page tsc")
            .Assess();

        Assert.Equal("KVM", facts.Hypervisor.Vendor);
    }

    [Fact]
    public void VirtualBox_that_offers_the_interface_of_KVM_is_VirtualBox()
    {
        MachineFacts facts = new MachineAnswers()
            .Cpu(Guest)
            .Lscpu("Hypervisor vendor: KVM\nVirtualization type: full", "dmi.sys_vendor=innotek GmbH", "dmi.product_name=VirtualBox", "clocksources=kvm-clock tsc")
            .Assess();

        Assert.Equal("Oracle", facts.Hypervisor.Vendor);
    }

    [Theory]
    [InlineData(new[] { "xen=present", "xen.capabilities=control_d" }, "none", HostLayer.L0, true)]
    [InlineData(new[] { "hypervisor.type=xen", "hypervisor.uuid=zero" }, "none", HostLayer.L0, true)]
    [InlineData(new[] { "hypervisor.type=xen", "hypervisor.initdomain=1", "hypervisor.guest_type=PVH" }, "none", HostLayer.L0, true)]
    [InlineData(new[] { "xen=present", "xen.capabilities=control_d", "dmi.sys_vendor=QEMU" }, "none", HostLayer.L1, true)]
    [InlineData(new[] { "hypervisor.type=xen", "hypervisor.guest_type=PV" }, "para", HostLayer.L1, false)]
    [InlineData(new[] { "hypervisor.type=xen", "hypervisor.guest_type=HVM", "hypervisor.uuid=set" }, "full", HostLayer.L1, false)]
    [InlineData(new[] { "hypervisor.type=xen", "hypervisor.features=000020f5" }, "para", HostLayer.L1, false)]
    [InlineData(new[] { "hypervisor.type=xen", "hypervisor.features=00000108" }, "para", HostLayer.L1, false)]
    [InlineData(new[] { "hypervisor.type=xen", "hypervisor.features=00002705" }, "full", HostLayer.L1, false)]
    [InlineData(new[] { "xen=present" }, "para", HostLayer.L1, false)]
    public void Xen_is_told_apart_by_kind_of_domain(string[] shown, string type, HostLayer layer, bool isControlDomain)
    {
        MachineFacts facts = new MachineAnswers().Cpu(Guest).Shows(shown).Assess();

        Assert.Equal(("Xen", type, layer, isControlDomain), (facts.Hypervisor.Vendor, facts.Hypervisor.Type, facts.Layer, facts.IsXenControlDomain));
        VirtualizationState state = type == "full" ? VirtualizationState.Available : VirtualizationState.NotAvailable;
        Assert.Equal(state, facts.Virtualization.State);
    }

    [Theory]
    [InlineData(new[] { "sysinfo=present", "sysinfo.lpar=present" }, "IBM", HostLayer.L0)]
    [InlineData(new[] { "sysinfo=present", "sysinfo.program=VM00 Control Program: z/VM    7.2.0" }, "IBM", HostLayer.L1)]
    [InlineData(new[] { "sysinfo=present", "sysinfo.program=VM00 Control Program: KVM/Linux", "sysinfo.program=VM01 Control Program: z/VM    7.2.0" }, "KVM", HostLayer.L2)]
    public void S390_counts_the_hypervisors_below(string[] shown, string vendor, HostLayer layer)
    {
        MachineFacts facts = new MachineAnswers().Cpu("vendor_id : IBM/S390").Shows(shown).Assess();

        Assert.Equal((vendor, "full", layer), (facts.Hypervisor.Vendor, facts.Hypervisor.Type, facts.Layer));
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
            .Lscpu("Hypervisor vendor: Microsoft\nVirtualization type: full")
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
    [InlineData(new[] { "tree=present", "tree.hypervisor=present", "tree.hypervisor.compatible=vmware" }, "VMware", HostLayer.L1)]
    [InlineData(new[] { "tree=present", "tree.compatible=linux,dummy-virt" }, "KVM", HostLayer.L1)]
    [InlineData(new[] { "tree=present", "tree.compatible=linux,dummy-virt", "tree.fwcfg=present" }, "QEMU", HostLayer.L1)]
    [InlineData(new[] { "tree=present", "tree.compatible=raspberrypi,4-model-bbrcm,bcm2711" }, null, HostLayer.L0)]
    [InlineData(new string[0], null, HostLayer.Unknown)]
    public void Device_tree_decides_where_there_is_no_DMI(string[] shown, string? vendor, HostLayer layer)
    {
        MachineFacts facts = new MachineAnswers().Cpu(Arm).Shows(shown).Assess();

        Assert.Equal((vendor, layer), (facts.Hypervisor.Vendor, facts.Layer));
    }

    [Fact]
    public void A_flag_without_a_name_is_a_hypervisor_without_a_name()
    {
        MachineFacts facts = new MachineAnswers().Cpu(Guest).Assess();

        Assert.Equal((null, "full", HostLayer.L1), (facts.Hypervisor.Vendor, facts.Hypervisor.Type, facts.Layer));
        Assert.Equal("/proc/cpuinfo: flags: hypervisor", facts.Hypervisor.Evidence);
    }

    [Theory]
    [InlineData("4.4.0-19041-Microsoft", "Windows Subsystem for Linux", "container", HostLayer.Unknown)]
    [InlineData("5.15.167.4-microsoft-standard-WSL2", "Microsoft", "full", HostLayer.L1)]
    public void WSL_is_known_by_the_kernels_release(string release, string vendor, string type, HostLayer layer)
    {
        MachineFacts facts = new MachineAnswers().Cpu(Guest).Shows($"release={release}").Assess();

        Assert.Equal((vendor, type, layer, "wsl"), (facts.Hypervisor.Vendor, facts.Hypervisor.Type, facts.Layer, facts.Container));
    }

    [Theory]
    [InlineData(new[] { "container.environ=lxc" }, "lxc")]
    [InlineData(new[] { "container.systemd=systemd-nspawn" }, "systemd-nspawn")]
    [InlineData(new[] { "containerenv=present" }, "podman")]
    [InlineData(new[] { "cgroup=read", "cgroup=kubernetes" }, "kubernetes")]
    [InlineData(new[] { "cgroup=read", "dockerenv=present", "mounts=read", "mounts=container" }, "docker")]
    [InlineData(new[] { "cgroup=read", "dockerenv=present", "mounts=read" }, null)]
    [InlineData(new[] { "vz=present" }, "openvz")]
    [InlineData(new[] { "vz=present", "bc=present", "status=envID:\t0" }, null)]
    [InlineData(new[] { "status=VxID:\t41639" }, "linux-vserver")]
    [InlineData(new[] { "status=VxID:\t0" }, null)]
    [InlineData(new[] { "brandz=present" }, "illumos-lx")]
    [InlineData(new string[0], null)]
    public void Containers_are_named_and_do_not_add_a_layer(string[] shown, string? container)
    {
        MachineFacts facts = new MachineAnswers().Cpu(Metal).Shows(shown).Assess();

        Assert.Equal((container, HostLayer.L0), (facts.Container, facts.Layer));
    }

    [Fact]
    public void Names_from_a_host_cannot_move_the_cursor()
    {
        MachineFacts facts = new MachineAnswers()
            .Cpu("vendor_id : Genuine\u001b[2JIntel\nmodel name : \u202eelif\nflags : fpu tsc hypervisor")
            .Shows("container.environ=lxc\u001b[31m", "dmi.sys_vendor=QEMU\u0007")
            .Assess();

        string all = $"{facts.Cpu} {facts.Hypervisor} {facts.Container} {string.Concat(facts.HypervisorEvidence)}";
        Assert.DoesNotContain(all, static character => char.IsControl(character) || character == '\u202e');
    }
}
