using NestVirt.Changes;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Virtualization;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Cases;

/// <summary>What is to be done first is what decides on nesting, and fits the machine.</summary>
public sealed class HeadlineMachineTests
{
    private const string VtX = "Turn on Intel Virtualization Technology (VT-x, VMX) in the firmware setup";
    private const string AmdV = "Turn on SVM (also called AMD-V, or virtualization) in the firmware setup";

    [Theory]
    [InlineData("30-intel-bios-off", "VirtualizationUnknown", VtX)]
    [InlineData("zz-i-headline-amd", "VirtualizationUnknown", AmdV)]
    [InlineData("10-amd-bios-off", "VirtualizationDisabledInFirmware", AmdV)]
    public async Task An_extension_that_firmware_turned_off_comes_before_the_IOMMU(
        string name,
        string code,
        string remedy
    )
    {
        using ReportedMachine machine = ReportedMachine.Build(name);

        await IsFirstAsync(machine, code, remedy);
    }

    [Theory]
    [InlineData("DMAR", "vendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz", VtX)]
    [InlineData("IVRS", "vendor_id\t: HygonGenuine\nmodel name\t: Hygon C86 7185 32-core Processor", AmdV)]
    [InlineData("NONE", "vendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC 7351P 16-Core Processor", AmdV)]
    public async Task An_extension_that_is_not_shown_comes_first_whatever_the_firmware_describes(
        string table,
        string processor,
        string remedy
    )
    {
        using ReportedMachine machine = ReportedMachine
            .Build("30-intel-bios-off")
            .Without("sys/devices/system/cpu")
            .With($"sys/firmware/acpi/tables/{table}", string.Empty)
            .With("proc/cpuinfo", $"processor\t: 0\n{processor}\nflags\t\t: fpu vme de pse tsc msr lm nx sse4_2\n\n");

        await IsFirstAsync(machine, "VirtualizationUnknown", remedy);
    }

    [Fact]
    public async Task An_option_that_hides_the_extension_is_taken_away_first()
    {
        using ReportedMachine machine = ReportedMachine
            .Build("30-intel-bios-off")
            .With("proc/cmdline", "ro quiet clearcpuid=vmx\n");

        await IsFirstAsync(machine, "VirtualizationUnknown", "Take clearcpuid=vmx off the kernel command line");
    }

    [Theory]
    [InlineData("4.19.121-microsoft-standard", "kvm_intel", "GenuineIntel", "vmx")]
    [InlineData("5.15.167.4-microsoft-standard-WSL2", "kvm_intel", "GenuineIntel", "vmx")]
    [InlineData("6.6.87.2-microsoft-standard-WSL2+", "kvm_amd", "AuthenticAMD", "svm")]
    public async Task Windows_holds_the_command_line_of_its_subsystem(
        string release,
        string module,
        string vendor,
        string flag
    )
    {
        using ReportedMachine machine = Wsl(release, module, vendor, flag);

        NestedSupport support = await machine.SupportAsync();

        Assert.Equal("NestedOff", support.FirstStep?.Code);
        Assert.Equal(
            $"Write kernelCommandLine={module}.nested=1 under [wsl2] in .wslconfig of the Windows user, then run in Windows: wsl --shutdown",
            support.FirstStep!.Remedy
        );
        Assert.Null(support.FirstStep.Command);
        Assert.DoesNotContain(
            support.Reasons,
            static reason =>
                reason.Code.StartsWith("Module", StringComparison.Ordinal)
                && reason.Remedy!.Contains("on the kernel command line", StringComparison.Ordinal)
        );
        ChangeRefusedException refusal = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            machine.PlanAsync(new NestingRequest(true))
        );
        Assert.Equal(
            ("KernelParameterNeeded", support.FirstStep.Remedy),
            (refusal.Reasons[0].Code, refusal.Reasons[0].Remedy)
        );
    }

    [Fact]
    public async Task A_subsystem_without_the_extension_gets_it_from_Windows()
    {
        using ReportedMachine machine = Wsl("5.15.167.4-microsoft-standard-WSL2", "kvm_intel", "GenuineIntel", "aes")
            .Without("sys/module/kvm_intel")
            .Without("sys/class/misc/kvm")
            .Without("dev/kvm");

        await IsFirstAsync(
            machine,
            "HypervisorHidesVirtualization",
            "Write nestedVirtualization=true under [wsl2] in .wslconfig"
        );
    }

    [Fact]
    public async Task A_guest_on_arm64_gets_the_remedy_of_arm64()
    {
        using ReportedMachine machine = ReportedMachine.Build("06-oracle-arm");

        await IsFirstAsync(
            machine,
            "HypervisorHidesVirtualization",
            "On the KVM host below, boot with kvm-arm.mode=nested"
        );
        Assert.DoesNotContain("kvm_intel", await machine.WordsAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Amazon EC2", "t3.large", "x86_64", "c8i, m8i, r8i and their flex variants")]
    [InlineData(
        "Amazon EC2",
        "c8i.2xlarge",
        "x86_64",
        "Stop this instance (c8i.2xlarge), turn its CPU option NestedVirtualization on"
    )]
    [InlineData("Amazon EC2", "r8i-flex.large", "x86_64", "Stop this instance (r8i-flex.large)")]
    [InlineData("Amazon EC2", "t4g.small", "aarch64", "use a .metal type")]
    [InlineData("Google", "Google Compute Engine", "x86_64", "enableNestedVirtualization")]
    [InlineData("Google", "Google Compute Engine", "aarch64", "bare-metal machine type")]
    [InlineData("Alibaba Cloud", "Alibaba Cloud ECS", "x86_64", "bare-metal instance")]
    [InlineData("QEMU", "KVM Virtual Machine", "aarch64", "kvm-arm.mode=nested")]
    [InlineData("QEMU", "Standard PC (Q35 + ICH9, 2009)", "x86_64", "kvm_intel nested=1")]
    [InlineData("QEMU", "x", "s390x", "load kvm with nested=1")]
    [InlineData("QEMU", "x", "ppc64le", "cap-nested-hv=on")]
    [InlineData("QEMU", "x", "riscv64", "does not pass the extension on")]
    [InlineData("QEMU", "x", "loongarch64", "does not pass the extension on")]
    public void A_guest_gets_the_remedy_of_its_cloud_and_architecture(
        string maker,
        string product,
        string architecture,
        string remedy
    )
    {
        string text = HypervisorRemedy.For(Guest("KVM") with { Maker = maker, Product = product }, architecture);

        Assert.Contains(remedy, text, StringComparison.Ordinal);
        Assert.Equal(architecture == "x86_64" && maker == "QEMU", text.Contains("kvm_intel", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("pHyp", "ppc64le", "KVM capability")]
    [InlineData("Microsoft", "x86_64", "Set-VMProcessor")]
    [InlineData("Microsoft", "aarch64", "bare-metal")]
    [InlineData("IBM", "s390x", "sie")]
    [InlineData("VMware", "x86_64", "vhv.enable")]
    public void A_guest_gets_the_remedy_of_its_hypervisor(string vendor, string architecture, string remedy) =>
        Assert.Contains(remedy, HypervisorRemedy.For(Guest(vendor), architecture), StringComparison.Ordinal);

    [Fact]
    public async Task A_type_of_EC2_that_nests_is_known_by_its_firmware()
    {
        using ReportedMachine machine = ReportedMachine
            .Build("30-intel-bios-off")
            .With("proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu lm nx hypervisor\n\n")
            .With("sys/class/dmi/id/sys_vendor", "Amazon EC2\n")
            .With("sys/class/dmi/id/product_name", "m8i.large\n");

        await IsFirstAsync(machine, "HypervisorHidesVirtualization", "Stop this instance (m8i.large)");
    }

    [Theory]
    [InlineData("vboxdrv 688128 2 vboxnetadp,vboxnetflt,", "kvm_intel", "VirtualBox")]
    [InlineData("vmmon 151552 0 -", "kvm_amd", "VMware")]
    [InlineData("vboxdrv 688128 3 vboxnetadp,", "kvm_amd", "VirtualBox")]
    public async Task KVM_that_holds_the_extension_from_loading_on_is_named_beside_others(
        string line,
        string module,
        string product
    )
    {
        using ReportedMachine machine = Beside(line, module, "Y");

        NestedSupport support = await machine.SupportAsync();

        Finding finding = ReportedMachine.One(support.Reasons, "KvmHoldsExtension");
        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.Contains(product, finding.Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "/sys/module/kvm/parameters/enable_virt_at_load: Y; /proc/modules: ",
            finding.Evidence,
            StringComparison.Ordinal
        );
        Assert.Contains("kvm.enable_virt_at_load=0", finding.Remedy, StringComparison.Ordinal);
        Assert.Contains($"modprobe -r {module}", finding.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain(support.Reasons, static reason => reason.Code == "OtherHypervisorLoaded");
    }

    [Theory]
    [InlineData("N")]
    [InlineData(null)]
    public async Task KVM_that_takes_the_extension_with_its_first_guest_is_a_neighbour_as_before(string? value)
    {
        using ReportedMachine machine = Beside("vboxdrv 688128 2 vboxnetadp,vboxnetflt,", "kvm_intel", value);

        NestedSupport support = await machine.SupportAsync();

        ReportedMachine.One(support.Reasons, "OtherHypervisorLoaded");
        Assert.DoesNotContain(support.Reasons, static reason => reason.Code == "KvmHoldsExtension");
    }

    private static async Task IsFirstAsync(ReportedMachine machine, string code, string remedy)
    {
        NestedSupport support = await machine.SupportAsync();

        Assert.NotNull(support.FirstStep);
        Assert.Equal(code, support.FirstStep.Code);
        Assert.StartsWith(remedy, support.FirstStep.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("VT-d", support.FirstStep.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("iommu", support.FirstStep.Remedy, StringComparison.OrdinalIgnoreCase);
        Assert.NotEqual(NestedState.On, support.Nested.NextBoot);
    }

    private static ReportedMachine Wsl(string release, string module, string vendor, string flag) =>
        ReportedMachine
            .Build("01-wsl-builtin")
            .Without("sys/module/kvm_intel")
            .With("proc/sys/kernel/osrelease", $"{release}\n")
            .With("proc/version", $"Linux version {release} (x@y) #1 SMP\n")
            .With("proc/cpuinfo", $"processor\t: 0\nvendor_id\t: {vendor}\nflags\t\t: fpu lm nx hypervisor {flag}\n\n")
            .With($"sys/module/{module}/parameters/nested", module == "kvm_amd" ? "0\n" : "N\n")
            .With($"lib/modules/{release}/modules.dep", string.Empty)
            .With(
                $"lib/modules/{release}/modules.builtin",
                $"kernel/arch/x86/kvm/kvm.ko\nkernel/arch/x86/kvm/{module.Replace('_', '-')}.ko\n"
            );

    private static ReportedMachine Beside(string line, string module, string? atLoad)
    {
        bool isAmd = module == "kvm_amd";
        ReportedMachine machine = ReportedMachine
            .Build("27-not-conf")
            .Without("sys/module/kvm_intel")
            .With("proc/sys/kernel/osrelease", "6.12.74-amd64\n")
            .With(
                "proc/cpuinfo",
                $"processor\t: 0\nvendor_id\t: {(isAmd ? "AuthenticAMD" : "GenuineIntel")}\nflags\t\t: fpu lm {(isAmd ? "svm npt" : "vmx ept")}\n\n"
            )
            .With("proc/modules", $"{module} 380928 0 - Live 0x0\nkvm 1142784 1 {module}, Live 0x0\n{line} Live 0x0\n")
            .With($"sys/module/{module}/initstate", "live\n")
            .With($"sys/module/{module}/parameters/nested", isAmd ? "1\n" : "Y\n");
        return atLoad is null ? machine : machine.With("sys/module/kvm/parameters/enable_virt_at_load", $"{atLoad}\n");
    }

    private static MachineFacts Guest(string vendor) =>
        new(
            new CpuFacts("GenuineIntel", null),
            new VirtualizationFacts(null, VirtualizationState.NotAvailable, []),
            new HypervisorFacts(vendor, "full"),
            HostLayer.L1
        );
}
