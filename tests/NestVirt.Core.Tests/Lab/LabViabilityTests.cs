using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Lab;

/// <summary>Groups that look fit for a guest and are not, on a kernel whose firmware has made them so (topologies/flat.*).</summary>
[Trait("Category", "Lab")]
[Collection("Lab")]
public sealed class LabViabilityTests
{
    private const string Host = LabHost.Flat;
    private const string Reserved = "0000:00:09.0";
    private const string Display = "0000:00:0d.0";
    private const string Card = "0000:03:00.0";

    [Fact]
    public async Task A_group_with_an_RMRR_is_refused_by_us_and_by_the_kernel()
    {
        Needs.Lab(Host);
        IommuGroup group = await GroupOfAsync(Reserved);
        ChangeRefusedException plan = await RefusedAsync(new PciDriverRequest(Reserved, "vfio-pci") { Force = true });
        string kernel = await LabHost.RunAsync(
            Host,
            $"""
            cd /sys/bus/pci/devices/{Reserved}
            modprobe vfio-pci
            echo vfio-pci >driver_override; echo {Reserved} >driver/unbind; echo {Reserved} >/sys/bus/pci/drivers_probe
            qemu-system-x86_64 -accel tcg -nodefaults -nographic -device vfio-pci,host={Reserved} 2>&1 && echo 'it was given'
            dmesg | grep -F {Reserved} | grep -o 'ineligible for IOMMU domain attach' | head -n 1
            echo >driver_override; echo {Reserved} >driver/unbind; echo {Reserved} >/sys/bus/pci/drivers_probe
            basename "$(readlink driver)"
            """
        );

        Finding finding = Assert.Single(group.Reasons, static reason => reason.Code == "DirectRegion");
        Finding bound = Assert.Single(group.Reasons, static reason => reason.Code == "DriverBound");
        Assert.False(group.IsViable);
        Assert.Equal("DirectRegion", group.Reasons.First(static reason => reason.Severity == Severity.Warning).Code);
        Assert.Equal(
            $"/sys/kernel/iommu_groups/{group.Number}/reserved_regions:1: 0x00000000000f0000 0x00000000000fffff direct",
            finding.Evidence
        );
        Assert.Null(bound.Mend);
        Assert.Contains(plan.Reasons, static reason => reason.Code == "DirectRegion");
        Assert.Contains("vfio", kernel, StringComparison.Ordinal);
        Assert.EndsWith("ineligible for IOMMU domain attach\ne1000\n", kernel, StringComparison.Ordinal);
        Assert.DoesNotContain("it was given", kernel, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_region_that_the_kernel_lets_go_refuses_nothing()
    {
        Needs.Lab(Host);
        string relaxable = await LabHost.RunAsync(
            Host,
            "cd /sys/kernel/iommu_groups && grep -l relaxable */reserved_regions"
        );

        IommuGroup group = (await GroupsAsync()).Single(group => relaxable == $"{group.Number}/reserved_regions\n");

        Assert.DoesNotContain(group.Reasons, static reason => reason.Code == "DirectRegion");
    }

    [Fact]
    public async Task The_firmwares_framebuffer_is_named_until_what_we_advise_is_done()
    {
        Needs.Lab(Host);
        const string Unbind = "echo vesa-framebuffer.0 >/sys/bus/platform/drivers/vesa-framebuffer/unbind";
        Finding finding = Assert.Single(
            (await GroupOfAsync(Display)).Reasons,
            static reason => reason.Code == "FirmwareFramebuffer"
        );
        string lines = await LabHost.RunAsync(Host, "grep -n vesafb /proc/iomem");

        await LabHost.RunAsync(Host, Unbind);
        IommuGroup after = await GroupOfAsync(Display);

        Assert.Contains(Unbind, finding.Remedy, StringComparison.Ordinal);
        Assert.Equal($"/proc/iomem:{lines.Trim().Replace(":    ", ": ", StringComparison.Ordinal)}", finding.Evidence);
        Assert.DoesNotContain(after.Reasons, static reason => reason.Code == "FirmwareFramebuffer");
    }

    [Fact]
    public async Task A_virtual_function_beside_its_physical_one_is_not_given_away_with_it()
    {
        Needs.Lab(Host);
        await LabHost.RunAsync(Host, $"echo 1 >/sys/bus/pci/devices/{Card}/sriov_numvfs; udevadm settle");
        try
        {
            string function = (
                await LabHost.RunAsync(Host, $"basename \"$(readlink /sys/bus/pci/devices/{Card}/virtfn0)\"")
            ).Trim();
            IommuGroup group = await GroupOfAsync(function);
            ChangePlan plan = await HostChangers
                .Create()
                .PlanAsync(
                    LabHost.Target(Host),
                    new PciDriverRequest(function, "vfio-pci") { WholeGroup = true },
                    CancellationToken.None
                );

            Assert.Contains(group.Devices, static device => device.Address == Card);
            Assert.Contains(group.Reasons, static reason => reason.Code == "PhysicalFunctionInGroup");
            Assert.Contains(plan.Findings, static finding => finding.Code == "PhysicalFunctionInGroup");
            Assert.DoesNotContain(
                plan.Changes,
                static change => change.Setting.StartsWith($"PCI device {Card}", StringComparison.Ordinal)
            );
            Assert.Contains(
                plan.Changes,
                change => change.Setting.StartsWith($"PCI device {function}", StringComparison.Ordinal)
            );
        }
        finally
        {
            await LabHost.RunAsync(Host, $"echo 0 >/sys/bus/pci/devices/{Card}/sriov_numvfs");
        }
    }

    private static async Task<IommuGroup> GroupOfAsync(string address) =>
        (await GroupsAsync()).Single(group => group.Devices.Any(device => device.Address == address));

    private static async Task<List<IommuGroup>> GroupsAsync() =>
        await HostQueries
            .Ask(HostQuestions.IommuGroups)
            .RunAsync(LabHost.Target(Host), CancellationToken.None)
            .ToListAsync();

    private static async Task<ChangeRefusedException> RefusedAsync(ChangeRequest request) =>
        await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            HostChangers.Create().PlanAsync(LabHost.Target(Host), request, CancellationToken.None)
        );
}
