using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;

namespace NestVirt.Core.Tests.Lab;

/// <summary>Makes huge pages on a real kernel, and takes them back.</summary>
[Trait("Category", "Lab")]
[Collection("Lab")]
public sealed class LabHugePageTests
{
    private const string Counts =
        "cat /sys/devices/system/node/node[01]/hugepages/hugepages-2048kB/nr_hugepages | tr '\\n' ' '; ls /etc/sysctl.d /etc/tmpfiles.d | sha256sum";

    [Fact]
    public async Task Pages_of_a_node_are_made_come_back_at_boot_and_are_undone()
    {
        Needs.Lab(LabHost.Amd);
        HostChanger changer = HostChangers.Create();
        HostTarget target = LabHost.Target(LabHost.Amd);
        string before = await LabHost.RunAsync(LabHost.Amd, Counts);
        ChangePlan plan = await changer.PlanAsync(
            target,
            new HugePageRequest(2048, 40) { Node = 1 },
            CancellationToken.None
        );

        ChangeResult result = await changer.ApplyAsync(plan, CancellationToken.None);
        string made = await LabHost.RunAsync(LabHost.Amd, Counts);
        string atBoot = await LabHost.RunAsync(
            LabHost.Amd,
            """
            n=/sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages
            echo 0 >$n; systemd-tmpfiles --create /etc/tmpfiles.d/10-nestvirt.conf; cat $n
            systemd-tmpfiles --create --boot; cat $n
            """
        );
        await UndoNewestAsync(changer, target);

        Assert.Equal(ChangeState.InEffect, result.State);
        Assert.StartsWith("0 40 ", made, StringComparison.Ordinal);
        Assert.Equal("0\n40\n", atBoot);
        Assert.Equal(before, await LabHost.RunAsync(LabHost.Amd, Counts));
    }

    [Fact]
    public async Task Pages_of_the_host_are_made_and_every_node_gets_back_what_it_had()
    {
        Needs.Lab(LabHost.Amd);
        HostChanger changer = HostChangers.Create();
        HostTarget target = LabHost.Target(LabHost.Amd);
        ChangePlan node = await changer.PlanAsync(
            target,
            new HugePageRequest(2048, 10) { Node = 1, IsTemporary = true },
            CancellationToken.None
        );
        await changer.ApplyAsync(node, CancellationToken.None);
        string before = await LabHost.RunAsync(LabHost.Amd, Counts);
        ChangePlan plan = await changer.PlanAsync(target, new HugePageRequest(2048, 50), CancellationToken.None);

        ChangeResult result = await changer.ApplyAsync(plan, CancellationToken.None);
        string total = await LabHost.RunAsync(
            LabHost.Amd,
            "sysctl --system >/dev/null 2>&1; cat /proc/sys/vm/nr_hugepages"
        );
        await UndoNewestAsync(changer, target);
        string after = await LabHost.RunAsync(LabHost.Amd, Counts);
        await UndoNewestAsync(changer, target);

        Assert.Equal(ChangeState.InEffect, result.State);
        Assert.Equal("50\n", total);
        Assert.StartsWith("0 10 ", before, StringComparison.Ordinal);
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task More_pages_than_there_is_memory_are_refused()
    {
        Needs.Lab(LabHost.Amd);
        ChangeRefusedException error = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            HostChangers
                .Create()
                .PlanAsync(
                    LabHost.Target(LabHost.Amd),
                    new HugePageRequest(2048, 100_000) { Node = 0 },
                    CancellationToken.None
                )
        );

        Assert.Equal("MemoryTooLittle", error.Reasons[0].Code);
    }

    private static async Task UndoNewestAsync(HostChanger changer, HostTarget target)
    {
        JournalEntry entry = (await changer.ReadJournalAsync(target, CancellationToken.None)).First(static entry =>
            entry.CanUndo
        );
        await changer.UndoAsync(
            entry,
            new NestVirt.Changes.ChangeScope(StopGuests: false, 10, Force: false),
            CancellationToken.None
        );
    }
}
