using NestVirt.Changes;
using NestVirt.Core.Tests.Linux.Boot;
using NestVirt.Hosts;
using NestVirt.Linux.Iommu;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Iommu;

public sealed class IommuPlannerTests
{
    [Theory]
    [InlineData("intel_iommu=igfx_off quiet", "intel_iommu=on,igfx_off quiet")]
    [InlineData("intel_iommu=off,sm_on", "intel_iommu=on,sm_on")]
    [InlineData("intel_iommu=pt", "intel_iommu=on")]
    public async Task What_an_administrator_set_beside_off_stays(string present, string wanted)
    {
        Needs.Shell();
        using BootTree host = BootTree.Grub(present);
        host.Write("sys/firmware/acpi/tables/DMAR", "x");
        Directory.CreateDirectory(host.Tree.Path + "/sys/kernel/iommu_groups");

        ChangePlan plan = await PlanAsync(host, new IommuRequest(Enable: true));

        Assert.Equal(wanted, plan.Changes[^1].To);
    }

    [Fact]
    public async Task Intel_gets_the_word_that_its_kernel_needs_and_useless_ones_go()
    {
        Needs.Shell();
        using BootTree host = BootTree.Grub("quiet intel_iommu=off amd_iommu=on iommu=1");
        host.Write("sys/firmware/acpi/tables/DMAR", "x");
        Directory.CreateDirectory(host.Tree.Path + "/sys/kernel/iommu_groups");

        ChangePlan plan = await PlanAsync(host, new IommuRequest(Enable: true));
        ChangePlan fast = await PlanAsync(host, new IommuRequest(Enable: true) { Passthrough = true });

        Assert.Equal("quiet intel_iommu=on", plan.Changes[^1].To);
        Assert.Equal("quiet intel_iommu=on iommu=pt", fast.Changes[^1].To);
        Assert.Single(plan.Pending);
    }

    [Fact]
    public async Task Amd_gets_no_word_and_loses_the_one_that_turns_it_off()
    {
        Needs.Shell();
        using BootTree host = BootTree.Grub("quiet amd_iommu=off");
        host.Write("sys/firmware/acpi/tables/IVRS", "x");
        Directory.CreateDirectory(host.Tree.Path + "/sys/kernel/iommu_groups");

        Assert.Equal("quiet", (await PlanAsync(host, new IommuRequest(Enable: true))).Changes[^1].To);
    }

    [Fact]
    public async Task An_iommu_that_is_on_loses_words_that_do_nothing_and_nothing_waits_for_that()
    {
        Needs.Shell();
        using BootTree host = BootTree.Grub("quiet amd_iommu=on");
        host.Write("sys/firmware/acpi/tables/IVRS", "x").Write("sys/kernel/iommu_groups/0/devices/0000:00:00.0/x", "");

        ChangePlan plan = await PlanAsync(host, new IommuRequest(Enable: true));
        ChangePlan off = await PlanAsync(host, new IommuRequest(Enable: false));

        Assert.Equal("quiet", plan.Changes[^1].To);
        Assert.Equal("IommuWordsUseless", Assert.Single(plan.Findings).Code);
        Assert.Empty(plan.Pending);
        Assert.Equal("quiet amd_iommu=off", off.Changes[^1].To);

        host.Apply(plan);
        host.WithMenu("quiet");
        ChangePlan again = await PlanAsync(host, new IommuRequest(Enable: true));
        Assert.Empty(again.Changes);
        Assert.Empty(again.Pending);
    }

    [Fact]
    public async Task An_iommu_that_is_on_is_left_alone_where_the_way_of_booting_is_unknown()
    {
        Needs.Shell();
        using BootTree host = new("quiet amd_iommu=on");
        host.Write("sys/firmware/acpi/tables/IVRS", "x").Write("sys/kernel/iommu_groups/0/devices/0000:00:00.0/x", "");

        ChangePlan plan = await PlanAsync(host, new IommuRequest(Enable: true));

        Assert.Empty(plan.Changes);
        Assert.Empty(plan.Pending);
        Assert.Equal("IommuWordsUseless", Assert.Single(plan.Findings).Code);
    }

    [Fact]
    public async Task Firmware_that_describes_none_and_a_kernel_that_uses_none_are_refused()
    {
        Needs.Shell();
        using BootTree host = BootTree.Grub("quiet");
        Directory.CreateDirectory(host.Tree.Path + "/sys/firmware/acpi/tables");
        Directory.CreateDirectory(host.Tree.Path + "/sys/kernel/iommu_groups");

        Finding firmware = (
            await Assert.ThrowsAsync<ChangeRefusedException>(() => PlanAsync(host, new IommuRequest(Enable: true)))
        ).Reasons[0];
        host.Write("sys/firmware/acpi/tables/IVRS", "x");
        Finding kernel = (
            await Assert.ThrowsAsync<ChangeRefusedException>(() => PlanAsync(host, new IommuRequest(Enable: true)))
        ).Reasons[0];

        Assert.Equal("IommuNotDescribed", firmware.Code);
        Assert.Equal("IommuOff", kernel.Code);
    }

    [Theory]
    [InlineData("intel_iommu=off")]
    [InlineData("iommu=off")]
    [InlineData("amd_iommu=off")]
    public async Task Where_firmware_describes_none_no_word_on_the_line_is_the_reason(string word)
    {
        Needs.Shell();
        using BootTree host = BootTree.Grub($"quiet {word}");
        Directory.CreateDirectory(host.Tree.Path + "/sys/firmware/acpi/tables");
        Directory.CreateDirectory(host.Tree.Path + "/sys/kernel/iommu_groups");

        Finding reason = (
            await Assert.ThrowsAsync<ChangeRefusedException>(() => PlanAsync(host, new IommuRequest(Enable: true)))
        ).Reasons[0];

        Assert.Equal("IommuNotDescribed", reason.Code);
        Assert.Null(reason.Command);
    }

    private static async Task<ChangePlan> PlanAsync(BootTree host, IommuRequest request) =>
        IommuPlanner.Plan(
            new HostTarget("tree", new TreeAddress(host.Tree.Path)),
            request,
            await host.Tree.ReadAsync([.. IommuPlanner.Probes])
        );
}
