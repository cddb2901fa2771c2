using NestVirt.Client;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Lab;

/// <summary>The whole answer over real kernels, held against what the test reads there itself.</summary>
[Trait("Category", "Lab")]
[Collection("Lab")]
public sealed class LabSupportTests
{
    [Fact]
    [Trait("Host", "Intel")]
    public async Task An_intel_host_has_VT_x_with_its_features_and_nesting_as_its_module_says()
    {
        Needs.Lab(LabHost.Intel);
        string flags = await LabHost.RunAsync(
            LabHost.Intel,
            "sed -n 's/^vmx flags[^:]*: //p' /proc/cpuinfo | head -n 1"
        );
        string nested = await LabHost.RunAsync(LabHost.Intel, "cat /sys/module/kvm_intel/parameters/nested");

        NestedSupport support = await SupportAsync(LabHost.Intel);

        Assert.Equal("GenuineIntel", support.Cpu.Vendor);
        Assert.Equal("VT-x", support.Virtualization.Extension);
        Assert.Equal(VirtualizationState.Available, support.Virtualization.State);
        Assert.Subset(
            support.Virtualization.Features.ToHashSet(),
            flags.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).ToHashSet()
        );
        Assert.Contains("ept", support.Virtualization.Features);
        Assert.Equal("kvm_intel", support.Nested.Module);
        Assert.Equal(nested.Trim() == "Y" ? NestedState.On : NestedState.Off, support.Nested.Effective);
        Assert.Equal(HostLayer.L0, support.Layer);
        Assert.Equal(IommuState.Off, support.Iommu.State);
        Assert.Equal(Verdict.Ready, support.Verdict);
    }

    [Fact]
    [Trait("Host", "Intel")]
    public async Task A_reload_with_nesting_off_is_seen_at_once()
    {
        Needs.Lab(LabHost.Intel);
        const string Reload = "modprobe -r kvm_intel && modprobe kvm_intel nested=";
        try
        {
            await LabHost.RunAsync(LabHost.Intel, Reload + "0");
            NestedSupport off = await SupportAsync(LabHost.Intel);

            Assert.Equal(NestedState.Off, off.Nested.Effective);
            Assert.Equal(NestedState.On, off.Nested.NextBoot);
            Assert.Equal(Verdict.Configurable, off.Verdict);
            Assert.Contains(
                off.Reasons,
                static reason => reason.Remedy is not null && reason.Code.StartsWith("Nested", StringComparison.Ordinal)
            );
        }
        finally
        {
            await LabHost.RunAsync(LabHost.Intel, Reload + "1");
        }
    }

    [Fact]
    [Trait("Host", "Intel")]
    public async Task A_module_that_is_not_loaded_is_a_setting_and_no_obstacle()
    {
        Needs.Lab(LabHost.Intel);
        try
        {
            await LabHost.RunAsync(LabHost.Intel, "modprobe -r kvm_intel");
            NestedSupport unloaded = await SupportAsync(LabHost.Intel);

            Assert.Equal(VirtualizationState.Available, unloaded.Virtualization.State);
            Assert.Equal(NestedState.Off, unloaded.Nested.Effective);
            Assert.Equal(Verdict.Configurable, unloaded.Verdict);
        }
        finally
        {
            await LabHost.RunAsync(LabHost.Intel, "modprobe kvm_intel");
        }
    }

    [Fact]
    public async Task An_amd_guest_has_AMD_V_nesting_and_an_iommu_by_effect()
    {
        Needs.Lab(LabHost.Amd);
        string groups = await LabHost.RunAsync(LabHost.Amd, "ls /sys/kernel/iommu_groups | wc -l");
        string nested = await LabHost.RunAsync(LabHost.Amd, "cat /sys/module/kvm_amd/parameters/nested");

        NestedSupport support = await SupportAsync(LabHost.Amd);

        Assert.Equal("AuthenticAMD", support.Cpu.Vendor);
        Assert.Equal("AMD-V", support.Virtualization.Extension);
        Assert.Contains("npt", support.Virtualization.Features);
        Assert.Equal("kvm_amd", support.Nested.Module);
        Assert.Equal(nested.Trim() == "1" ? NestedState.On : NestedState.Off, support.Nested.Effective);
        Assert.Equal(HostLayer.L1, support.Layer);
        Assert.Equal(IommuState.On, support.Iommu.State);
        Assert.Equal(int.Parse(groups, System.Globalization.CultureInfo.InvariantCulture), support.Iommu.GroupCount);
        Assert.Equal(Verdict.Ready, support.Verdict);
    }

    private static async Task<NestedSupport> SupportAsync(string host) =>
        await HostQueries
            .Ask(HostQuestions.Support)
            .RunAsync(LabHost.Target(host), CancellationToken.None)
            .SingleAsync();
}
