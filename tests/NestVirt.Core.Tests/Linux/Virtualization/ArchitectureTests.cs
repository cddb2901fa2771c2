using NestVirt.Core.Tests.Linux.Machine;
using NestVirt.Linux.Machine;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Virtualization;

/// <summary>Flags and programs of one architecture say nothing of a machine of another.</summary>
public sealed class ArchitectureTests
{
    private const string Arm = "CPU implementer : 0x41\nCPU part : 0xd0c\nFeatures : fp asimd";
    private const string Intel = "vendor_id : GenuineIntel\nflags : fpu tsc aperfmperf vmx\nbugs : none";
    private const string Loongson = "CPU Family : Loongson-64bit\nModel Name : Loongson-3C6000\nFeatures : cpucfg fpu";

    [Theory]
    [InlineData(Arm + " vmx svm\nflags : fpu tsc vmx hypervisor")]
    [InlineData("isa : rv64imafdc\nmmu : sv39\nflags : fpu tsc svm")]
    [InlineData("cpu : POWER9 (architected)\nplatform : pSeries\nMMU : Hash\nflags : fpu mmx vmx")]
    [InlineData(Loongson + "\nflags : fpu vmx svm")]
    public void A_line_of_flags_by_chance_makes_no_x86_processor(string cpuinfo)
    {
        MachineFacts facts = new MachineAnswers().Cpu(cpuinfo).Assess();

        Assert.Null(facts.Virtualization.Extension);
        Assert.DoesNotContain("flags", facts.Hypervisor.Evidence ?? string.Empty, StringComparison.Ordinal);
        Assert.Empty(facts.Findings);
    }

    [Theory]
    [InlineData("loongarch64", Loongson + " lvz", "fpu lsx lvz", "LVZ")]
    [InlineData("x86_64", Loongson + " lvz", "fpu tsc vmx hypervisor", "LVZ")]
    [InlineData("x86_64", Arm, "fpu tsc vmx hypervisor", null)]
    [InlineData("aarch64", Intel, "fp asimd", "VT-x")]
    public void What_lscpu_of_another_architecture_prints_does_not_count(
        string architecture,
        string cpuinfo,
        string flags,
        string? extension
    )
    {
        MachineFacts facts = new MachineAnswers()
            .Cpu(cpuinfo)
            .Lscpu(
                $"Architecture: {architecture}\nFlags: {flags}\nVirtualization: VT-x\nHypervisor vendor: Microsoft",
                "tree=present"
            )
            .Assess();

        Assert.Equal(extension, facts.Virtualization.Extension);
        Assert.Equal(architecture == "loongarch64" ? "Microsoft" : null, facts.Hypervisor.Vendor);
    }

    [Theory]
    [InlineData("aarch64", Intel, "x86_64")]
    [InlineData("x86_64", "isa : rv64imafdch\nmmu : sv57", "riscv64")]
    [InlineData("x86_64", "vendor_id : IBM/S390\nfeatures : zarch sie", "s390x")]
    public void A_description_that_is_not_of_the_kernels_architecture_is_not_believed(
        string kernel,
        string cpuinfo,
        string shown
    )
    {
        MachineFacts facts = new MachineAnswers().Cpu(cpuinfo, $"arch={kernel}").Assess();

        Assert.Equal(
            (null, VirtualizationState.Unknown, kernel),
            (facts.Virtualization.Extension, facts.Virtualization.State, facts.Architecture)
        );
        Finding finding = Assert.Single(facts.Findings);
        Assert.Equal(
            ("ArchitecturesDiffer", $"/proc/sys/kernel/arch: {kernel}; /proc/cpuinfo: {shown}"),
            (finding.Code, finding.Evidence)
        );
    }

    [Theory]
    [InlineData("x86_64", Intel, "VT-x")]
    [InlineData("i686", Intel, "VT-x")]
    [InlineData("armv8l", Arm, null)]
    [InlineData("ppc", "cpu : POWER9\nplatform : PowerNV", "KVM-HV")]
    [InlineData("something", Intel, "VT-x")]
    public void Names_of_one_family_do_not_differ(string kernel, string cpuinfo, string? extension)
    {
        MachineFacts facts = new MachineAnswers().Cpu(cpuinfo, $"arch={kernel}").Assess();

        Assert.Equal(extension, facts.Virtualization.Extension);
        Assert.Empty(facts.Findings);
    }

    [Theory]
    [InlineData("tree.compatible=riscv-virtio", "QEMU")]
    [InlineData("tree.model=riscv-virtio,qemu", "QEMU")]
    [InlineData("tree.compatible=linux,dummy-loongson3", "QEMU")]
    [InlineData("tree.compatible=linux,dummy-virt", "KVM")]
    [InlineData("tree.compatible=fsl,qemu-e500", "QEMU")]
    [InlineData("tree.model=SiFive HiFive Unmatched A00", null)]
    [InlineData("tree.compatible=sifive,hifive-unmatched-a00", null)]
    public void Machines_that_QEMU_makes_are_guests(string fact, string? vendor)
    {
        MachineFacts facts = new MachineAnswers()
            .Cpu("isa : rv64imafdc\nmmu : sv39")
            .Shows("tree=present", fact)
            .Assess();

        Assert.Equal((vendor, vendor is null ? HostLayer.L0 : HostLayer.L1), (facts.Hypervisor.Vendor, facts.Layer));
    }

    [Theory]
    [InlineData("PowerNV IBM PowerNV (emulated by qemu)", "x=y", "QEMU", HostLayer.L1)]
    [InlineData("PowerNV 9006-22P", "tree.compatible=qemu,powernv9", "QEMU", HostLayer.L1)]
    [InlineData("PowerNV 9006-22P", "tree.compatible=ibm,powernv", null, HostLayer.L0)]
    public void PowerNV_may_be_emulated(string machine, string fact, string? vendor, HostLayer layer)
    {
        MachineFacts facts = new MachineAnswers()
            .Cpu($"cpu : POWER9\nplatform : PowerNV\nmachine : {machine}")
            .Shows("tree=present", fact)
            .Assess();

        Assert.Equal((vendor, layer), (facts.Hypervisor.Vendor, facts.Layer));
    }

    [Theory]
    [InlineData("0x3 Version=0x60c00", "KVM")]
    [InlineData("0x2 Version=0x300", "Xvisor")]
    [InlineData("0x1 Version=0x10003", "QEMU")]
    public void The_firmware_of_RiscV_names_its_maker(string id, string vendor)
    {
        MachineFacts facts = new MachineAnswers()
            .Cpu("isa : rv64imafdc\nmmu : sv39")
            .Shows(
                "tree=present",
                id.StartsWith("0x2", StringComparison.Ordinal) ? "x=y" : "tree.model=riscv-virtio,qemu"
            )
            .Log($"SBI implementation ID={id}")
            .Assess();

        Assert.Equal((vendor, HostLayer.L1), (facts.Hypervisor.Vendor, facts.Layer));
    }
}
