using NestVirt.Changes;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Cases;

/// <summary>Machines of other architectures than x86: extension, layer and remedy are theirs.</summary>
public sealed class OtherMachineTests
{
    [Theory]
    [InlineData("n-loongarch", "LVZ", HostLayer.L0, "ArchitectureCannotNest", "Run hypervisors on the machine itself")]
    [InlineData("n-power", "KVM-HV", HostLayer.L0, "NestedOff", "/sys/module/kvm_hv/parameters/nested")]
    [InlineData("n-s390", "SIE", HostLayer.L0, "NestedOff", "options kvm nested=1 hpage=0")]
    [InlineData("n-riscv", "RISC-V H", HostLayer.L1, "ArchitectureCannotNest", "Run hypervisors on the machine itself")]
    public async Task The_first_step_fits_the_machine(
        string name,
        string extension,
        HostLayer layer,
        string code,
        string remedy
    )
    {
        using ReportedMachine machine = ReportedMachine.Build(name);

        NestedSupport support = await machine.SupportAsync();

        Assert.Equal((extension, layer), (support.Virtualization.Extension, support.Layer));
        Assert.Equal(code, support.FirstStep?.Code);
        Assert.Contains(remedy, support.FirstStep!.Remedy, StringComparison.Ordinal);
        string words = await machine.WordsAsync();
        Assert.DoesNotContain("kvm_intel", words, StringComparison.Ordinal);
        Assert.DoesNotContain("VT-", words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POWER8 (raw)", "MMU : Hash", "ArchitectureCannotNest", "POWER9 or later")]
    [InlineData("POWER9 (raw)", "MMU : Hash", "ArchitectureCannotNest", null)]
    public async Task A_Power_host_whose_guests_cannot_nest_is_not_ready(
        string cpu,
        string mmu,
        string code,
        string? remedy
    )
    {
        using ReportedMachine machine = ReportedMachine
            .Build("n-power")
            .With("sys/module/kvm_hv/parameters/nested", "Y\n")
            .With("proc/cpuinfo", $"processor : 0\ncpu : {cpu}\nplatform : PowerNV\n{mmu}\n");

        NestedSupport support = await machine.SupportAsync();

        Assert.Equal(Verdict.Blocked, support.Verdict);
        Finding finding = ReportedMachine.One(support.Reasons, code);
        Assert.Equal(remedy is not null, finding.Remedy?.Contains(remedy ?? "-", StringComparison.Ordinal) == true);
        await Assert.ThrowsAsync<ChangeRefusedException>(() => machine.PlanAsync(new NestingRequest(true)));
    }

    [Theory]
    [InlineData("POWER9", "cap-nested-hv", "MMU : Radix", "modprobe kvm_hv")]
    [InlineData("POWER9", "cap-nested-hv", "MMU : Hash", "radix page tables")]
    [InlineData("POWER8", "cap-nested-hv", "x : y", "from POWER9 on")]
    public async Task A_Power_guest_gets_what_its_processor_takes(string cpu, string not, string mmu, string remedy)
    {
        using ReportedMachine machine = ReportedMachine
            .Build("n-power")
            .Without("sys/module/kvm_hv")
            .Without("sys/module/kvm")
            .Without("sys/class/misc/kvm")
            .With("proc/modules", string.Empty)
            .With(
                "proc/cpuinfo",
                $"processor : 0\ncpu : {cpu} (architected)\nplatform : pSeries\nmachine : CHRP IBM pSeries (emulated by qemu)\n{mmu}\n"
            );

        NestedSupport support = await machine.SupportAsync();

        Assert.Equal(HostLayer.L1, support.Layer);
        Assert.Contains(remedy, support.FirstStep!.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain(not, support.FirstStep.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("options kvm hpage=1 nested=1\n", "6.1.0-28-s390x", true)]
    [InlineData("options kvm hpage=1\noptions kvm nested=1\n", "6.18.4", true)]
    [InlineData("options kvm hpage=0 nested=1\n", "6.1.0-28-s390x", false)]
    [InlineData("options kvm hpage=1 nested=0\n", "6.1.0-28-s390x", false)]
    [InlineData("options kvm hpage=1 nested=1\n", "7.1.0", false)]
    public async Task Huge_pages_keep_kvm_of_IBM_Z_from_nesting(string lines, string release, bool isRefused)
    {
        using ReportedMachine machine = ReportedMachine
            .Build("n-s390")
            .With("etc/modprobe.d/kvm.conf", lines)
            .With("proc/sys/kernel/osrelease", $"{release}\n");

        NestedSupport support = await machine.SupportAsync();

        Assert.Equal(isRefused, support.Reasons.Any(static reason => reason.Code == "ModuleValueInvalid"));
        Assert.Equal(
            lines.Contains("nested=1", StringComparison.Ordinal) && !isRefused ? NestedState.On : NestedState.Off,
            support.Nested.NextBoot
        );
        if (isRefused)
        {
            Assert.StartsWith("Write hpage=0", support.FirstStep!.Remedy, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_plan_that_IBM_Z_could_not_load_is_refused_with_what_to_write()
    {
        using ReportedMachine machine = ReportedMachine.Build("n-s390");

        ChangeRefusedException refusal = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            machine.PlanAsync(new NestingRequest(true))
        );
        Assert.Equal("ModuleValueInvalid", Assert.Single(refusal.Reasons).Code);

        machine.With("etc/modprobe.d/kvm.conf", "options kvm hpage=0\n");
        Assert.NotEmpty((await machine.PlanAsync(new NestingRequest(true))).Changes);
    }

    [Theory]
    [InlineData("VM00 Control Program: KVM/Linux", HostLayer.L1, "load kvm with nested=1")]
    [InlineData("VM00 Control Program: z/VM    7.2.0", HostLayer.L1, "interpretive execution")]
    [InlineData(
        "VM00 Control Program: KVM/Linux\nVM01 Control Program: z/VM    7.2.0",
        HostLayer.L2,
        "load kvm with nested=1"
    )]
    public async Task A_guest_on_IBM_Z_without_sie_asks_the_layer_below(string programs, HostLayer layer, string remedy)
    {
        using ReportedMachine machine = ReportedMachine
            .Build("n-s390")
            .Without("sys/class/misc/kvm")
            .With("proc/modules", string.Empty)
            .With("proc/cpuinfo", "vendor_id       : IBM/S390\nfeatures\t: esan3 zarch te vx\n")
            .With("proc/sysinfo", $"LPAR Number:          5\n{programs}\n");

        NestedSupport support = await machine.SupportAsync();

        Assert.Equal(layer, support.Layer);
        Assert.Equal("HypervisorHidesVirtualization", support.FirstStep?.Code);
        Assert.Contains(remedy, support.FirstStep!.Remedy, StringComparison.Ordinal);
    }
}
