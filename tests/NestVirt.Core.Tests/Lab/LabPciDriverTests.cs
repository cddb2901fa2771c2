using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Lab;

/// <summary>Gives functions of a lab host other drivers, and takes that back: the host is left as it was found.</summary>
[Trait("Category", "Lab")]
[Collection("Lab")]
public sealed class LabPciDriverTests
{
    private const string Spare = "0000:04:00.0";
    private const string Pair = "0000:03:00.0";
    private const string Physical = "0000:01:00.0";
    private const string Rules = "/etc/udev/rules.d/70-nestvirt-driver.rules";

    private readonly HostChanger _changer = HostChangers.Create();

    private static HostTarget Target => LabHost.Target(LabHost.Amd);

    [Fact]
    public async Task A_spare_interface_goes_to_vfio_and_undo_gives_it_back()
    {
        Needs.Lab(LabHost.Amd);
        string before = await StateAsync(Spare);

        ChangeResult bound = await ApplyAsync(new PciDriverRequest(Spare, "vfio-pci") { IsTemporary = true });
        string during = await StateAsync(Spare);
        ChangePlan again = await _changer.PlanAsync(
            Target,
            new PciDriverRequest(Spare, "vfio_pci") { IsTemporary = true },
            CancellationToken.None
        );
        await UndoAsync(bound);

        Assert.Equal("e1000e (null) 1", before);
        Assert.Equal((ChangeState.InEffect, "vfio-pci vfio-pci 0"), (bound.State, during));
        Assert.Empty(again.Changes);
        Assert.Equal(before, await StateAsync(Spare));
    }

    [Fact]
    public async Task A_device_goes_back_to_the_driver_of_the_host_by_its_short_address()
    {
        Needs.Lab(LabHost.Amd);
        ChangeResult bound = await ApplyAsync(new PciDriverRequest("04:00.0", "vfio-pci") { IsTemporary = true });

        ChangeResult back = await ApplyAsync(new PciDriverRequest("04:00.0", null) { IsTemporary = true });
        string after = await StateAsync(Spare);
        await UndoAsync(back);
        string undone = await StateAsync(Spare);
        await UndoAsync(bound);

        Assert.Equal((ChangeState.InEffect, "e1000e (null) 1"), (back.State, after));
        Assert.Equal("vfio-pci vfio-pci 0", undone);
        Assert.Equal("e1000e (null) 1", await StateAsync(Spare));
    }

    [Fact]
    public async Task Undo_does_not_take_what_the_host_has_begun_to_use()
    {
        Needs.Lab(LabHost.Amd);
        ChangeResult bound = await ApplyAsync(new PciDriverRequest(Spare, "vfio-pci") { IsTemporary = true });
        ChangeResult back = await ApplyAsync(new PciDriverRequest(Spare, null) { IsTemporary = true });
        await LabHost.RunAsync(LabHost.Amd, $"ip addr add 192.0.2.7/24 dev $(ls /sys/bus/pci/devices/{Spare}/net)");
        NestVirtException used = await Assert.ThrowsAnyAsync<NestVirtException>(() => UndoAsync(back));
        string after = await StateAsync(Spare);
        await LabHost.RunAsync(LabHost.Amd, $"ip addr del 192.0.2.7/24 dev $(ls /sys/bus/pci/devices/{Spare}/net)");
        await UndoAsync(back);
        await UndoAsync(bound);

        Assert.Equal(NestVirtErrorKind.ChangeRefused, used.Kind);
        Assert.Contains("192.0.2.7", used.Message, StringComparison.Ordinal);
        Assert.StartsWith("e1000e", after, StringComparison.Ordinal);
        Assert.Equal("e1000e (null) 1", await StateAsync(Spare));
    }

    [Fact]
    public async Task A_rule_of_udev_binds_the_device_again_when_it_appears_and_undo_removes_it()
    {
        Needs.Lab(LabHost.Amd);
        ChangeResult bound = await ApplyAsync(new PciDriverRequest(Spare, "vfio-pci"));
        string rebound = await LabHost.RunAsync(
            LabHost.Amd,
            $"""
            cd /sys/bus/pci/devices/{Spare}; echo >driver_override; echo {Spare} >driver/unbind; echo {Spare} >/sys/bus/pci/drivers/e1000e/bind
            basename "$(readlink driver)"
            udevadm trigger --settle --action=add "$PWD"
            basename "$(readlink driver)"; cat driver_override
            """
        );
        await UndoAsync(bound);

        Assert.Equal("e1000e\nvfio-pci\nvfio-pci\n", rebound);
        Assert.Equal("e1000e (null) 1", await StateAsync(Spare));
        Assert.Equal("no\n", await LabHost.RunAsync(LabHost.Amd, $"[ -e {Rules} ] && echo yes || echo no"));
    }

    [Fact]
    public async Task A_worker_killed_after_it_unbound_the_device_is_undone()
    {
        Needs.Lab(LabHost.Amd);
        ChangeResult bound = await ApplyAsync(new PciDriverRequest(Spare, "vfio-pci") { IsTemporary = true });
        foreach (string left in new[] { "vfio-pci", "", "e1000e" })
        {
            await LabHost.RunAsync(
                LabHost.Amd,
                $"""
                echo applying >/var/lib/nestvirt/journal/{bound.Id}/state; rm -f /var/lib/nestvirt/journal/{bound.Id}/1/after
                cd /sys/bus/pci/devices/{Spare}; [ ! -e driver ] || echo {Spare} >driver/unbind; echo {left} >driver_override
                """
            );
            await UndoAsync(bound);
            Assert.Equal("e1000e (null) 1", await StateAsync(Spare));
        }
    }

    [Fact]
    public async Task The_boot_disk_and_the_management_interface_are_refused_whatever_is_allowed()
    {
        Needs.Lab(LabHost.Amd);
        ChangeRefusedException disk = await RefusedAsync("0000:00:01.0");
        ChangeRefusedException network = await RefusedAsync("0000:00:02.0");
        ChangeRefusedException bridge = await RefusedAsync("0000:00:1f.0");

        Assert.Contains(
            disk.Reasons,
            static reason => reason.Code == "UsedByHost" && reason.Evidence == "RootFileSystem: / on vda"
        );
        Assert.Contains(
            network.Reasons,
            static reason =>
                reason.Code == "UsedByHost"
                && reason.Evidence!.Contains("default route on eth", StringComparison.Ordinal)
        );
        Assert.Contains(
            network.Reasons,
            static reason =>
                reason.Code == "UsedByHost" && reason.Evidence!.StartsWith("Connection", StringComparison.Ordinal)
        );
        Assert.Contains(bridge.Reasons, static reason => reason.Code == "IsBridge");
    }

    [Fact]
    public async Task A_group_is_bound_as_a_whole_where_that_is_asked_for()
    {
        Needs.Lab(LabHost.Amd);
        ChangePlan one = await _changer.PlanAsync(
            Target,
            new PciDriverRequest(Pair, "vfio-pci") { IsTemporary = true },
            CancellationToken.None
        );
        ChangeResult all = await ApplyAsync(
            new PciDriverRequest(Pair, "vfio-pci") { IsTemporary = true, WholeGroup = true }
        );
        string during = await StateAsync(Pair) + await StateAsync("0000:03:00.1");
        await UndoAsync(all);

        Finding finding = Assert.Single(one.Findings, static finding => finding.Code == "GroupNotViable");
        Assert.Contains("0000:03:00.1 (e1000e)", finding.Message, StringComparison.Ordinal);
        Assert.Equal("vfio-pci vfio-pci 0vfio-pci vfio-pci 0", during);
        Assert.DoesNotContain(all.Findings, static finding => finding.Code == "GroupNotViable");
        Assert.Equal("e1000e (null) 1e1000e (null) 1", await StateAsync(Pair) + await StateAsync("0000:03:00.1"));
    }

    [Fact]
    public async Task A_device_that_a_program_holds_through_vfio_stays_where_it_is()
    {
        Needs.Lab(LabHost.Amd);
        ChangeResult bound = await ApplyAsync(new PciDriverRequest(Spare, "vfio-pci") { IsTemporary = true });
        try
        {
            string holder = (
                await LabHost.RunAsync(
                    LabHost.Amd,
                    $"""
                    g=$(basename "$(readlink /sys/bus/pci/devices/{Spare}/iommu_group)")
                    sleep 300 <>/dev/vfio/$g >/dev/null 2>&1 & echo $!
                    """
                )
            ).Trim();
            ChangeRefusedException refused = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
                _changer.PlanAsync(
                    Target,
                    new PciDriverRequest(Spare, null) { Force = true, IsTemporary = true },
                    CancellationToken.None
                )
            );
            NestVirtException kept = await Assert.ThrowsAnyAsync<NestVirtException>(() => UndoAsync(bound));
            await LabHost.RunAsync(
                LabHost.Amd,
                $"kill {holder}; while kill -0 {holder} 2>/dev/null; do sleep 0.1; done"
            );

            Assert.Contains(
                refused.Reasons,
                reason =>
                    reason.Code == "DeviceInGuest"
                    && reason.Evidence!.Contains($"sleep (process {holder})", StringComparison.Ordinal)
            );
            Assert.Contains("in use through VFIO", kept.Message, StringComparison.Ordinal);
        }
        finally
        {
            await UndoAsync(bound);
        }

        Assert.Equal("e1000e (null) 1", await StateAsync(Spare));
    }

    [Fact]
    public async Task Virtual_functions_are_bound_alone_and_come_back_with_their_physical_one()
    {
        Needs.Lab(LabHost.Amd);
        await LabHost.RunAsync(LabHost.Amd, $"echo 2 >/sys/bus/pci/devices/{Physical}/sriov_numvfs; udevadm settle");
        try
        {
            string function = (
                await LabHost.RunAsync(LabHost.Amd, $"basename \"$(readlink /sys/bus/pci/devices/{Physical}/virtfn0)\"")
            ).Trim();
            ChangeResult bound = await ApplyAsync(new PciDriverRequest(function, "vfio-pci") { IsTemporary = true });
            string during = await StateAsync(function);
            await UndoAsync(bound);
            ChangeRefusedException refused = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
                _changer.PlanAsync(
                    Target,
                    new PciDriverRequest(Physical, "vfio-pci") { IsTemporary = true },
                    CancellationToken.None
                )
            );
            ChangeResult forced = await ApplyAsync(
                new PciDriverRequest(Physical, "vfio-pci") { IsTemporary = true, Force = true }
            );
            await UndoAsync(forced);

            Assert.StartsWith("vfio-pci vfio-pci", during, StringComparison.Ordinal);
            Assert.Contains(refused.Reasons, static reason => reason.Code == "HasVirtualFunctions");
            Assert.Equal(
                "2\n",
                await LabHost.RunAsync(LabHost.Amd, $"cat /sys/bus/pci/devices/{Physical}/sriov_numvfs")
            );
        }
        finally
        {
            await LabHost.RunAsync(LabHost.Amd, $"echo 0 >/sys/bus/pci/devices/{Physical}/sriov_numvfs");
        }
    }

    // Who has it, driver_override, and how many interfaces: their names follow the order of binding.
    private static async Task<string> StateAsync(string address) =>
        await LabHost.RunAsync(
            LabHost.Amd,
            $"""
            udevadm settle
            cd /sys/bus/pci/devices/{address}
            printf '%s %s %s' "$(basename "$(readlink driver)")" "$(cat driver_override)" "$(ls net 2>/dev/null | wc -l)"
            """
        );

    private async Task<ChangeResult> ApplyAsync(PciDriverRequest request)
    {
        ChangePlan plan = await _changer.PlanAsync(Target, request, CancellationToken.None);
        return await _changer.ApplyAsync(plan, CancellationToken.None);
    }

    private async Task UndoAsync(ChangeResult change)
    {
        JournalEntry entry = Assert.Single(
            await _changer.ReadJournalAsync(Target, CancellationToken.None),
            entry => entry.Id == change.Id
        );
        await _changer.UndoAsync(entry, new ChangeScope(StopGuests: false, 1, Force: false), CancellationToken.None);
    }

    private async Task<ChangeRefusedException> RefusedAsync(string address) =>
        await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            _changer.PlanAsync(
                Target,
                new PciDriverRequest(address, "vfio-pci") { Force = true, WholeGroup = true },
                CancellationToken.None
            )
        );
}
