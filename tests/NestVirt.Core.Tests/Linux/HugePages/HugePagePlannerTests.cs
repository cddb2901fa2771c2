using System.Runtime.Versioning;
using NestVirt.Changes;
using NestVirt.Core.Tests.Changes;
using NestVirt.Linux.HugePages;
using NestVirt.Linux.Worker;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.HugePages;

[UnsupportedOSPlatform("windows")]
public sealed class HugePagePlannerTests : IDisposable
{
    private const long Mega = 2048;
    private const long Giga = 1024 * 1024;
    private const string Sysctl = "/etc/sysctl.d/90-nestvirt.conf";
    private const string Tmpfiles = "/etc/tmpfiles.d/10-nestvirt.conf";
    private const string Header = "# Written by NestVirt; \"nestvirt undo\" puts back what was here before.\n";
    private readonly TreeChange _host = new();

    public HugePagePlannerTests()
    {
        _host
            .Tree.Write(
                "proc/meminfo",
                "MemTotal:       8000000 kB\nMemFree:        1000000 kB\nMemAvailable:   6000000 kB\nHugepagesize:       2048 kB\n"
            )
            .Write("proc/cmdline", "quiet\n")
            .Write("usr/bin/systemd-tmpfiles", "")
            .Write("run/systemd/system/x", "");
        File.SetUnixFileMode(_host.Tree.Path + "/usr/bin/systemd-tmpfiles", (UnixFileMode)0b111_101_101);
        Pool("kernel/mm", Mega, 100, 100);
        Pool("kernel/mm", Giga, 0, 0);
        foreach (int node in (int[])[0, 1])
        {
            _host.Tree.Write(
                $"sys/devices/system/node/node{node}/meminfo",
                $"Node {node} MemTotal: 4000000 kB\nNode {node} MemFree: 2000000 kB\nNode {node} Inactive(file): 1000000 kB\n"
            );
            Pool($"devices/system/node/node{node}", Mega, 50, 50);
            Pool($"devices/system/node/node{node}", Giga, 0, 0);
        }
    }

    [Fact]
    public async Task The_default_size_is_written_now_and_for_each_boot()
    {
        ChangePlan plan = await PlanAsync(new HugePageRequest(Mega, 64));

        Assert.Equal(
            [
                "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages: 100 -> 64",
                $"{Sysctl}: (none) -> {Header}vm.nr_hugepages = 64",
            ],
            plan.Changes.Select(static change => $"{change.Setting}: {change.From ?? "(none)"} -> {change.To}")
        );
        Assert.Equal(
            [ChangeTiming.Now, ChangeTiming.NextBoot],
            plan.Changes.Select(static change => change.TakesEffect)
        );
        await _host.ApplyAsync(plan);
        ChangePlan again = await PlanAsync(new HugePageRequest(Mega, 64));
        Assert.Empty(again.Changes);
        Assert.Empty(again.Pending);
    }

    [Fact]
    public async Task A_temporary_number_is_not_written_for_a_boot() =>
        Assert.Single((await PlanAsync(new HugePageRequest(Mega, 64) { IsTemporary = true })).Changes);

    [Fact]
    public async Task Nodes_and_other_sizes_share_one_file_and_zero_removes_only_its_line()
    {
        await ApplyAsync(new HugePageRequest(Mega, 40) { Node = 0 });
        await ApplyAsync(new HugePageRequest(Mega, 60) { Node = 1 });
        ChangePlan large = await ApplyAsync(new HugePageRequest(Giga, 1));
        string? all = _host.Text(Tmpfiles);
        await ApplyAsync(new HugePageRequest(Mega, 0) { Node = 0 });
        string? fewer = _host.Text(Tmpfiles);
        Pool("devices/system/node/node1", Mega, 60, 60);
        Pool("kernel/mm", Giga, 1, 1);
        await ApplyAsync(new HugePageRequest(Mega, 0) { Node = 1 });
        await ApplyAsync(new HugePageRequest(Giga, 0));

        const string Node0 = "w! /sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages - - - - 40\n";
        const string Node1 = "w! /sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages - - - - 60\n";
        const string Large = "w! /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages - - - - 1\n";
        Assert.Equal(Header + Node0 + Node1 + Large, all);
        Assert.Equal(Header + Node1 + Large, fewer);
        Assert.Null(_host.Text(Tmpfiles));
        Assert.Equal("AllocatedAtRunTime", Assert.Single(large.Findings).Code);
    }

    [Fact]
    public async Task Pages_of_a_gibibyte_are_reserved_on_the_kernels_command_line_where_the_way_of_booting_is_known()
    {
        const string Large = "w! /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages - - - - 3\n";
        _host
            .Tree.Write("proc/cmdline", "BOOT_IMAGE=/vmlinuz quiet hugepagesz=2M hugepages=8\n")
            .Write("etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet hugepagesz=2M hugepages=8\"\n")
            .Write("boot/grub/grub.cfg", "menuentry 'Linux' {\n\tlinux\t/vmlinuz quiet hugepagesz=2M hugepages=8\n}\n")
            .Write(Tmpfiles[1..], Header + Large);
        foreach (string tool in (string[])["update-grub", "grub-mkconfig"])
        {
            _host.Tree.Write($"usr/sbin/{tool}", "#!/bin/sh\n");
            File.SetUnixFileMode($"{_host.Tree.Path}/usr/sbin/{tool}", (UnixFileMode)0b111_101_101);
        }

        ChangePlan plan = await PlanAsync(new HugePageRequest(Giga, 2));
        ChangePlan node = await PlanAsync(new HugePageRequest(Giga, 2) { Node = 0 });
        _host.Tree.Write("etc/tmpfiles.d/20-mine.conf", Large);
        ChangeRefusedException conflict = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            PlanAsync(new HugePageRequest(Giga, 2))
        );
        ChangePlan replaced = await PlanAsync(new HugePageRequest(Giga, 2) { ReplaceConflict = true });

        Assert.Equal(
            [
                "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages",
                Tmpfiles,
                "/etc/default/grub",
                "/boot/grub/grub.cfg",
            ],
            plan.Changes.Select(static change => change.Setting)
        );
        Assert.Equal(
            "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet hugepagesz=2M hugepages=8 hugepagesz=1G hugepages=2\"",
            plan.Changes[2].To
        );
        Assert.Empty(plan.Pending);
        Assert.DoesNotContain(node.Changes, static change => change.Setting == "/etc/default/grub");
        Assert.Equal("LineWins", conflict.Reasons[0].Code);
        Assert.Contains(replaced.Changes, static change => change.Setting == "/etc/tmpfiles.d/20-mine.conf");

        _host.Tree.Write(
            "etc/default/grub",
            "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet hugepagesz=1G hugepages=2 hugepagesz=2M hugepages=8\"\n"
        );
        HostChange gone = (await PlanAsync(new HugePageRequest(Giga, 0) { ReplaceConflict = true })).Changes.Single(
            static change => change.Setting == "/etc/default/grub"
        );
        Assert.Equal("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet hugepagesz=2M hugepages=8\"", gone.To);
    }

    [Fact]
    public async Task Pages_that_the_command_line_reserves_are_not_said_to_fail_at_boot()
    {
        _host.Tree.Write("proc/cmdline", "hugepagesz=1G hugepages=2 hugepagesz=2M hugepages=100\n");

        Assert.Equal(
            ["HugePagesFewer"],
            (await PlanAsync(new HugePageRequest(Giga, 2))).Findings.Select(static finding => finding.Code)
        );
        Assert.Empty((await PlanAsync(new HugePageRequest(Mega, 100))).Changes);
        Assert.Contains(
            "vm.nr_hugepages = 0",
            (await PlanAsync(new HugePageRequest(Mega, 0))).Changes[1].To,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Numbers_of_nodes_replace_the_number_of_the_host_and_the_other_way_round()
    {
        await ApplyAsync(new HugePageRequest(Mega, 100));
        await ApplyAsync(new HugePageRequest(Mega, 64) { Node = 0 });
        string? nodes = _host.Text(Tmpfiles);
        string? sysctl = _host.Text(Sysctl);
        await ApplyAsync(new HugePageRequest(Mega, 90));

        Assert.Contains("node0/hugepages/hugepages-2048kB/nr_hugepages - - - - 64\n", nodes, StringComparison.Ordinal);
        Assert.Contains("node1/hugepages/hugepages-2048kB/nr_hugepages - - - - 50\n", nodes, StringComparison.Ordinal);
        Assert.Null(sysctl);
        Assert.Null(_host.Text(Tmpfiles));
        Assert.Equal($"{Header}vm.nr_hugepages = 90\n", _host.Text(Sysctl));
    }

    [Theory]
    [InlineData("/etc/sysctl.conf")]
    [InlineData("/etc/sysctl.d/99-mine.conf")]
    [InlineData("/usr/lib/sysctl.d/95-tuned.conf")]
    public async Task A_line_that_wins_is_named_and_replaced_only_when_told(string path)
    {
        _host.Tree.Write(path[1..], "# mine\r\n-vm/nr_hugepages =  7\nvm.swappiness=1");

        Finding reason = Assert.Single(
            (await Assert.ThrowsAsync<ChangeRefusedException>(() => PlanAsync(new HugePageRequest(Mega, 64)))).Reasons
        );
        await ApplyAsync(new HugePageRequest(Mega, 64) { ReplaceConflict = true });

        Assert.Equal(("LineWins", $"{path}:2: -vm/nr_hugepages =  7"), (reason.Code, reason.Evidence));
        Assert.Equal(
            "# mine\r\n# nestvirt: -vm/nr_hugepages =  7\nvm.swappiness=1",
            _host.Text(path.Replace("/usr/lib", "/etc", StringComparison.Ordinal))
        );
        Assert.Equal($"{Header}vm.nr_hugepages = 64\n", _host.Text(Sysctl));
    }

    [Fact]
    public async Task A_line_that_is_overridden_or_masked_is_no_obstacle()
    {
        _host
            .Tree.Write("etc/sysctl.d/10-old.conf", "vm.nr_hugepages=7\n")
            .Write("usr/lib/sysctl.d/99-late.conf", "vm.nr_hugepages=8\n")
            .Link("etc/sysctl.d/99-late.conf", "/dev/null");

        ChangePlan plan = await PlanAsync(new HugePageRequest(Mega, 64));

        Assert.Equal("/etc/sysctl.d/10-old.conf:1: vm.nr_hugepages=7", Assert.Single(plan.Findings).Evidence);
    }

    [Fact]
    public async Task A_foreign_pattern_of_tmpfiles_wins()
    {
        _host.Tree.Write(
            "etc/tmpfiles.d/zz.conf",
            "w /sys/devices/system/node/node*/hugepages/hugepages-2048kB/nr_hugepages - - - - 3\n"
        );

        ChangeRefusedException error = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            PlanAsync(new HugePageRequest(Mega, 64) { Node = 1 })
        );

        Assert.Equal("LineWins", Assert.Single(error.Reasons).Code);
    }

    [Fact]
    public async Task Without_systemd_a_node_is_set_until_the_next_boot_and_that_is_said()
    {
        Directory.Delete(_host.Tree.Path + "/run/systemd", recursive: true);

        ChangePlan plan = await PlanAsync(new HugePageRequest(Mega, 64) { Node = 1 });

        Assert.Single(plan.Changes);
        Assert.Equal("NotPersistent", Assert.Single(plan.Findings).Code);
    }

    [Theory]
    [InlineData(4, 1, null, "HugePageSizeUnknown", "The sizes that it has: 2 MiB, 1 GiB.")]
    [InlineData(Mega, 1, 7, "NodeUnknown", "The nodes that it has: 0, 1.")]
    [InlineData(Mega, -1, null, "HugePageCountInvalid", "Give 0 or more.")]
    [InlineData(
        Mega,
        3000,
        null,
        "MemoryTooLittle",
        "There is room for 2734 more, 2834 in all. Stop what uses memory, or ask for fewer."
    )]
    [InlineData(
        Mega,
        3000,
        0,
        "MemoryTooLittle",
        "There is room for 1367 more, 1417 in all. Stop what uses memory, or ask for fewer."
    )]
    [InlineData(
        Giga,
        3,
        1,
        "MemoryTooLittle",
        "There is room for 2 more, 2 in all. Stop what uses memory, or ask for fewer."
    )]
    [InlineData(Giga * 8, 1, null, "HugePageSizeUnknown", "The sizes that it has: 2 MiB, 1 GiB.")]
    public async Task What_cannot_be_is_refused(long size, long count, int? node, string code, string remedy)
    {
        ChangeRefusedException error = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            PlanAsync(new HugePageRequest(size, count) { Node = node, Force = true })
        );

        Assert.Equal((code, remedy), (error.Reasons[0].Code, error.Reasons[0].Remedy));
    }

    [Fact]
    public async Task One_page_is_no_plural_and_sizes_have_one_unit()
    {
        _host.Tree.Write(
            "proc/meminfo",
            "MemTotal:       8000000 kB\nMemFree:        1000000 kB\nMemAvailable:   1000000 kB\nHugepagesize:       2048 kB\n"
        );

        ChangeRefusedException refusal = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            PlanAsync(new HugePageRequest(Giga, 1))
        );

        Assert.StartsWith(
            "1 more huge page of 1 GiB does not fit into the free memory.",
            refusal.Message,
            StringComparison.Ordinal
        );
        Assert.Equal("There is no room for another one. Stop what uses memory.", refusal.Remedy);
        Assert.Equal("set 1 huge page of 1 GiB on node 0", new HugePageRequest(Giga, 1) { Node = 0 }.Title);
        Assert.Equal("set 64 huge pages of 2 MiB", new HugePageRequest(Mega, 64).Title);
        Assert.Equal("set 0 huge pages of 64 KiB", new HugePageRequest(64, 0).Title);
    }

    [Fact]
    public async Task Pages_in_use_are_not_taken_away_without_force()
    {
        Pool("kernel/mm", Mega, 100, 80, reserved: 10);
        Pool("devices/system/node/node1", Mega, 50, 30);

        ChangeRefusedException host = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            PlanAsync(new HugePageRequest(Mega, 29))
        );
        ChangeRefusedException node = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            PlanAsync(new HugePageRequest(Mega, 19) { Node = 1 })
        );

        Assert.Equal(
            "/sys/kernel/mm/hugepages/hugepages-2048kB: nr_hugepages 100, free_hugepages 80, resv_hugepages 10",
            host.Reasons[0].Evidence
        );
        Assert.Equal("HugePagesInUse", node.Reasons[0].Code);
        Assert.NotEmpty((await PlanAsync(new HugePageRequest(Mega, 30))).Changes);
        Assert.NotEmpty((await PlanAsync(new HugePageRequest(Mega, 29) { Force = true })).Changes);
    }

    [Fact]
    public async Task Surplus_pages_wait_for_their_release()
    {
        _host.Tree.Write("sys/kernel/mm/hugepages/hugepages-2048kB/surplus_hugepages", "40\n");

        ChangePlan plan = await PlanAsync(new HugePageRequest(Mega, 60) { IsTemporary = true });

        Assert.Empty(plan.Changes);
        Assert.Equal("HugePagesInUse", Assert.Single(plan.Pending).Code);
    }

    [Fact]
    public async Task Undo_gives_each_node_what_it_had()
    {
        ChangePlan plan = await ApplyAsync(new HugePageRequest(Mega, 64));
        Pool("devices/system/node/node0", Mega, 14, 14);

        await _host.UndoAsync(plan, 1);

        Assert.Equal("100\n", _host.Text("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"));
        Assert.Equal("50\n", _host.Text("/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages"));
        Assert.Null(_host.Text(Sysctl));
    }

    public void Dispose() => _host.Dispose();

    private void Pool(string parent, long size, long total, long free, long reserved = 0) =>
        _host
            .Tree.Write($"sys/{parent}/hugepages/hugepages-{size}kB/nr_hugepages", $"{total}\n")
            .Write($"sys/{parent}/hugepages/hugepages-{size}kB/free_hugepages", $"{free}\n")
            .Write($"sys/{parent}/hugepages/hugepages-{size}kB/resv_hugepages", $"{reserved}\n")
            .Write($"sys/{parent}/hugepages/hugepages-{size}kB/surplus_hugepages", "0\n");

    private async Task<ChangePlan> PlanAsync(HugePageRequest request) =>
        HugePagePlanner.Plan(_host.Target, request, await _host.Tree.ReadAsync([.. HugePagePlanner.Probes]));

    private async Task<ChangePlan> ApplyAsync(HugePageRequest request)
    {
        ChangePlan plan = await PlanAsync(request);
        ChangeReport report = await _host.ApplyAsync(plan);
        Assert.Equal("applied", report.State);
        Assert.Empty((await PlanAsync(request)).Changes);
        return plan;
    }
}
