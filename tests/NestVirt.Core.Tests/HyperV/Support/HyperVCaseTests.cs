using NestVirt.Hosts;
using NestVirt.HyperV.Support;
using NestVirt.Model;

namespace NestVirt.Core.Tests.HyperV.Support;

/// <summary>What people saw on Hyper-V hosts, from public threads, and what has to be said of it.</summary>
/// <remarks>
/// Not here are threads about what these answers do not hold:
/// multipass 2795 (a Linux guest without the extension: asked of the guest, which KVM's side answers),
/// WSL 4193 and 4561 (a machine of the Host Compute Service is in no class of Hyper-V, and so in no answer),
/// haxm 149 (which of the host's devices can be given away), and
/// windowsserverdocs 4302 (the host's own virtual adapters, which are not read).
/// </remarks>
public sealed class HyperVCaseTests
{
    private static readonly HostTarget s_target = new("hv1", new SnapshotAddress("hv1.json"));

    private static readonly WindowsHost s_amdWindows10 = new()
    {
        Vendor = "AuthenticAMD",
        ProductType = 1,
        Sku = 48,
    };

    [Theory]
    [InlineData("VVV 2534", 19041)]
    [InlineData("Virt-Docs 1276", 19042)]
    [InlineData("Easy-GPU-PV 7", 19044)]
    public void AMD_with_Windows_10_is_blocked_before_the_start_fails(string thread, int build)
    {
        WindowsHost host = s_amdWindows10 with { Build = build };
        VmNestedCpu vm = Of(host, new WindowsVM { Version = "9.0", IsExposed = true });
        Finding why = vm.Reasons[0];

        Assert.True((vm.Verdict, vm.Nesting) == (Verdict.Blocked, VmNesting.WillNotStart), thread);
        Assert.Equal(FindingCodes.HyperVTooOldForAmd, why.Code);

        // The highest version that this Windows has, against the one that it takes.
        Assert.Contains("9.3", why.Message, StringComparison.Ordinal);
        Assert.Contains("9.2", why.Message, StringComparison.Ordinal);
        Finding clear = Assert.Single(vm.Reasons, static reason => reason.Code == FindingCodes.VmWillNotStart);
        Assert.Contains("take the extension from it", clear.Remedy, StringComparison.Ordinal);
        Assert.Equal(Verdict.Blocked, SupportOf(host).Verdict);
    }

    [Fact]
    public void Virt_Docs_345_security_that_runs_is_information_alone()
    {
        WindowsHost host = new()
        {
            Build = 14393,
            ProductType = 1,
            Sku = 48,
            Maker = "Acer",
            Model = "Aspire V3-772G",
            Vbs = 2,
        };
        NestedSupport support = SupportOf(host);

        Assert.Equal(Verdict.Ready, support.Verdict);
        Assert.Equal(
            Severity.Information,
            Assert.Single(support.Reasons, static reason => reason.Code == FindingCodes.HostVbsRunning).Severity
        );
        Assert.Equal(Verdict.Configurable, Of(host, new WindowsVM { Version = "8.0" }).Verdict);
    }

    [Fact]
    public void Virt_Docs_720_a_device_and_nesting_together_are_warned_of()
    {
        VmNestedCpu vm = Of(
            new WindowsHost { Build = 17763 },
            new WindowsVM
            {
                Version = "9.0",
                IsExposed = true,
                Devices = ["gpu"],
            }
        );

        Assert.Equal((FindingCodes.VmDeviceAndNesting, Severity.Warning), (vm.Reasons[0].Code, vm.Reasons[0].Severity));
    }

    [Fact]
    public void MSLab_353_the_machine_in_which_Hyper_V_does_not_run_has_the_setting_off()
    {
        VmNestedCpu vm = Of(
            new WindowsHost { Build = 19041, ProductType = 1 },
            new WindowsVM { Version = "9.2", State = 2 }
        );
        NestedSupport inside = SupportOf(
            new WindowsHost { Maker = "Microsoft Corporation", Model = "Virtual Machine" }
        );

        Assert.Equal((VmNesting.Off, Verdict.Configurable), (vm.Nesting, vm.Verdict));
        Assert.Contains(FindingCodes.VmNestingOff, vm.Reasons.Select(static reason => reason.Code));
        Assert.Equal((HostLayer.L1, FindingCodes.HyperVInGuest), (inside.Layer, inside.Reasons[0].Code));
    }

    [Fact]
    public void WSL_11216_a_Windows_10_on_Intel_nests_whatever_WSL_says()
    {
        WindowsHost host = new()
        {
            Build = 19045,
            ProductType = 1,
            Sku = 48,
        };

        Assert.Equal(Verdict.Ready, SupportOf(host).Verdict);
        Assert.Equal(VmNesting.NextStart, Of(host, new WindowsVM { Version = "9.2", IsExposed = true }).Nesting);
    }

    [Theory]
    [InlineData("vagrant 9962, Windows Server 2012 R2", 3)]
    [InlineData("vagrant 10132, Windows 8.1", 1)]
    public void A_Windows_before_2016_has_no_nesting(string thread, int productType)
    {
        WindowsHost host = new() { Build = 9600, ProductType = productType };
        VmNestedCpu vm = Of(host, new WindowsVM { Version = "5.0", HasSetting = false });

        Assert.True(vm.Verdict == Verdict.Blocked, thread);
        Assert.Equal((VmNesting.Off, false), (vm.Nesting, vm.IsExposed));
        Assert.Equal([FindingCodes.HyperVWithoutNesting], vm.Reasons.Select(static reason => reason.Code));
        Assert.Equal(Verdict.Blocked, SupportOf(host).Verdict);
    }

    [Fact]
    public void WSL_13796_and_NanaBox_3_Arm_is_blocked()
    {
        WindowsHost host = new()
        {
            Build = 26100,
            ProductType = 1,
            Architecture = 12,
            Vendor = "Qualcomm Technologies Inc",
        };
        VmNestedCpu vm = Of(host, new WindowsVM { Version = "12.0", IsExposed = true });

        Assert.Equal((Verdict.Blocked, "aarch64"), (SupportOf(host).Verdict, SupportOf(host).Architecture));
        Assert.Equal((Verdict.Blocked, VmNesting.WillNotStart), (vm.Verdict, vm.Nesting));
        Assert.Equal(FindingCodes.HyperVOnArm, vm.Reasons[0].Code);
    }

    [Fact]
    public void ExHyperV_60_memory_that_is_not_fixed_is_told_by_its_numbers()
    {
        VmNestedCpu vm = Of(new WindowsHost(), new WindowsVM { Devices = ["gpu"], IsDynamic = true });

        Assert.Equal(
            (FindingCodes.VmMemoryNotFixed, "startup 4096 MiB, minimum 512 MiB"),
            (vm.Reasons[0].Code, vm.Reasons[0].Evidence)
        );
    }

    [Fact]
    public void FFU_161_a_guest_of_a_guest_needs_other_addresses_or_NAT()
    {
        VmNestedCpu vm = Of(new WindowsHost(), new WindowsVM { IsExposed = true });

        Assert.Equal(false, vm.AllowsMacSpoofing);
        Assert.Contains(FindingCodes.VmNoMacSpoofing, vm.Reasons.Select(static reason => reason.Code));
    }

    // C6: the flags of the processor are false because Hyper-V runs, not because there is nothing.
    [Fact]
    public void Virt_Docs_184_a_host_whose_flags_read_false_under_its_hypervisor_is_ready() =>
        Assert.Equal(
            (Verdict.Ready, VirtualizationState.Available),
            (SupportOf(new WindowsHost()).Verdict, SupportOf(new WindowsHost()).Virtualization.State)
        );

    private static VmNestedCpu Of(WindowsHost host, WindowsVM vm) =>
        Assert.Single(VMNestingAssessor.Assess((host with { VMs = [vm] }).Answers(), s_target));

    private static NestedSupport SupportOf(WindowsHost host) => HyperVSupportAssessor.Assess(host.Answers(), s_target);
}
