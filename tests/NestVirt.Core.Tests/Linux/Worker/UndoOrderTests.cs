using System.Diagnostics;
using System.Runtime.Versioning;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Core.Tests.Changes;
using NestVirt.Linux.Drivers;
using NestVirt.Linux.Files;
using NestVirt.Linux.HugePages;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Sriov;
using NestVirt.Linux.Worker;

namespace NestVirt.Core.Tests.Linux.Worker;

/// <summary>Ways back in and out of order, by the real worker over a tree.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class UndoOrderTests : IDisposable
{
    private const string Physical = "0000:01:00.0";
    private const string Second = "0000:01:10.2";
    private const string Count = $"/sys/bus/pci/devices/{Physical}/sriov_numvfs";
    private const string Defaults = "/etc/default/grub";
    private const string Menu = "/boot/grub/grub.cfg";
    private const string Host = "/sys/kernel/mm/hugepages/hugepages-2048kB";
    private const string Node = "/sys/devices/system/node/node0/hugepages/hugepages-2048kB";
    private static readonly ChangeScope s_scope = new(StopGuests: false, 1, Force: false);

    private readonly TreeChange _host = new();
    private readonly HostChanger _changer = HostChangers.Create();

    public UndoOrderTests()
    {
        Needs.Shell();
        string folder = $"sys/devices/pci0000:00/{Physical}";
        _host
            .Tree.Write($"{folder}/class", "0x020000\n")
            .Write($"{folder}/vendor", "0x8086\n")
            .Write($"{folder}/device", "0x10c9\n")
            .Write($"{folder}/sriov_totalvfs", "7\n")
            .Write($"{folder}/sriov_numvfs", "0\n")
            .Write($"{folder}/sriov_offset", "128\n")
            .Write($"{folder}/sriov_stride", "2\n")
            .Write($"{folder}/sriov_drivers_autoprobe", "1\n")
            .Link($"sys/bus/pci/devices/{Physical}", $"../../../devices/pci0000:00/{Physical}")
            .Write("sys/bus/pci/drivers/igb/bind", "")
            .Link($"{folder}/driver", "../../../bus/pci/drivers/igb")
            .Write("run/systemd/system/x", "");
        foreach (string address in (string[])[Second, "0000:01:00.1"])
        {
            _host.Tree.Write($"sys/bus/pci/devices/{address}/driver_override", "(null)\n");
        }

        foreach (string pool in (string[])[Host, Node])
        {
            _host.Tree.Write($"{pool[1..]}/nr_hugepages", "0\n").Write($"{pool[1..]}/surplus_hugepages", "0\n");
        }
    }

    [Fact]
    public async Task Functions_set_and_set_to_none_are_taken_back_in_order_and_leave_nothing()
    {
        await SetAsync(3);
        await SetAsync(0);

        NestVirtException refusal = await RefusalAsync(1);
        ChangeResult second = await UndoAsync(null);
        string? between = _host.Text(Count);
        ChangeResult first = await UndoAsync(null);
        ChangeResult none = await UndoAsync(null);

        Assert.StartsWith(
            "Change 2 changed the same since, and nothing was done: ",
            refusal.Message,
            StringComparison.Ordinal
        );
        Assert.Contains(Count, refusal.Message, StringComparison.Ordinal);
        Assert.Equal("3\n", between);
        Assert.Equal((2, 1, null), (second.Id, first.Id, none.Id));
        Assert.Equal(ChangeState.Unchanged, none.State);
        await AssertAllIsBackAsync();
    }

    [Fact]
    public async Task Force_takes_both_back_the_later_one_first()
    {
        await SetAsync(3);
        await SetAsync(0);

        ChangeResult undone = await UndoAsync(1, force: true);
        ChangeResult none = await UndoAsync(null);

        Assert.StartsWith("undo 2, then 1: ", undone.Title, StringComparison.Ordinal);
        Assert.Equal(ChangeState.Unchanged, none.State);
        await AssertAllIsBackAsync();
    }

    [Fact]
    public async Task A_virtual_function_is_part_of_its_physical_one_by_number_and_by_address()
    {
        HostChange count = VirtualFunctionAction.Plan(Physical, 0, 3, isProbed: true, bind: null)!;
        HostChange driver = Override(Second);
        HostChange setting = VirtualFunctionSettingAction.Plan(
            Physical,
            "eth4",
            1,
            null,
            new Dictionary<string, string>(),
            new Dictionary<string, string> { ["vlan"] = "5" },
            ["vlan"]
        );
        HostChange whole = Override(Physical);
        HostChange other = Override("0000:01:00.1");

        Assert.True(await OverlapAsync(count, driver));
        Assert.True(await OverlapAsync(driver, count));
        Assert.True(await OverlapAsync(count, setting));
        Assert.True(await OverlapAsync(setting, driver));
        Assert.True(await OverlapAsync(count, whole));
        Assert.False(await OverlapAsync(count, other));
        Assert.False(await OverlapAsync(other, whole));
    }

    [Fact]
    public async Task The_pages_of_a_node_are_of_those_of_the_host_and_parameters_of_their_module()
    {
        HostChange host = HugePageAction.Plan(Host, 0, 4)!;
        HostChange node = HugePageAction.Plan(Node, 0, 2)!;
        HostChange other = HugePageAction.Plan(Node.Replace("2048", "1048576", StringComparison.Ordinal), 0, 1)!;
        HostChange module = ModuleAction.Plan(
            "kvm_amd",
            null,
            ["kvm_amd.npt"],
            "loaded",
            new NestingRequest(Enable: true),
            []
        );
        HostChange value = ValueAction.Plan("/sys/module/kvm_amd/parameters/nested", "0", "1")!;
        HostChange sched = ValueAction.Plan("/sys/module/kvm/parameters/halt_poll_ns", "0", "1")!;

        Assert.True(await OverlapAsync(host, node));
        Assert.True(await OverlapAsync(node, host));
        Assert.False(await OverlapAsync(other, host));
        Assert.True(await OverlapAsync(module, value));
        Assert.False(await OverlapAsync(value, sched));
    }

    [Fact]
    public async Task The_pages_of_a_node_set_after_those_of_the_host_are_in_the_way()
    {
        await _host.ApplyAsync(_host.Plan(HugePageAction.Plan(Host, 0, 4)));
        await _host.ApplyAsync(_host.Plan(HugePageAction.Plan(Node, 0, 2)));

        Assert.Contains($"{Node}/nr_hugepages", (await RefusalAsync(1)).Message, StringComparison.Ordinal);
        await UndoAsync(2);
        await UndoAsync(1);

        Assert.Equal("0\n", _host.Text(Host + "/nr_hugepages"));
    }

    [Fact]
    public async Task A_driver_given_after_another_is_in_the_way()
    {
        await _host.ApplyAsync(_host.Plan(Override(Second)));
        await _host.ApplyAsync(_host.Plan(Override(Second, "vfio-pci", "pci-stub")));

        Assert.Contains($"PCI device {Second}", (await RefusalAsync(1)).Message, StringComparison.Ordinal);
        await UndoAsync(1, force: true);

        // An empty line, of which the kernel makes "(null)".
        Assert.Equal("\n", _host.Text($"/sys/bus/pci/devices/{Second}/driver_override"));
        Assert.All(await _host.JournalAsync(), static entry => Assert.Equal(JournalState.Undone, entry.State));
    }

    [Fact]
    public async Task Words_of_the_kernel_are_taken_back_the_newest_first()
    {
        Needs.Root();
        await WithToolAsync("update-grub", $"read -r word <{Defaults}\nprintf 'menu of %s\\n' \"$word\" >{Menu}\n");
        _host.Tree.Write(Defaults[1..], "old\n").Write(Menu[1..], "menu of old\n");
        foreach (string word in (string[])["new", "newer"])
        {
            await _host.ApplyAsync(
                _host.Plan(_host.File(Defaults, word + "\n"), ToolAction.Plan("update-grub", Menu, null, word, Menu))
            );
        }

        NestVirtException refusal = await RefusalAsync(1);
        await UndoAsync(null);
        await UndoAsync(null);

        Assert.Equal($"Change 2 changed the same since, and nothing was done: {Defaults}.", refusal.Message);
        Assert.Equal(("old\n", "menu of old\n"), (_host.Text(Defaults), _host.Text(Menu)));
    }

    [Fact]
    public async Task Changes_that_only_build_the_same_initramfs_are_taken_back_in_any_order()
    {
        Needs.Root();
        await WithToolAsync("update-initramfs", "cat /etc/one /etc/two >/boot/initrd.img-6.1\n");
        _host.Tree.Write("etc/one", "a\n").Write("etc/two", "a\n").Write("boot/initrd.img-6.1", "a\na\n");
        foreach (string file in (string[])["/etc/one", "/etc/two"])
        {
            await _host.ApplyAsync(
                _host.Plan(
                    _host.File(file, "b\n"),
                    ToolAction.Plan("update-initramfs", "initramfs", null, "x", "/boot/initrd.img-*")
                )
            );
        }

        await UndoAsync(1);
        string? first = _host.Text("/boot/initrd.img-6.1");
        await UndoAsync(2);

        Assert.Equal("a\nb\n", first);
        Assert.Equal("a\na\n", _host.Text("/boot/initrd.img-6.1"));
    }

    [Fact]
    public async Task A_change_made_since_the_journal_was_read_is_seen_under_the_lock()
    {
        ChangePlan plan = _host.Plan(_host.File("/etc/a", "1"));
        await _host.ApplyAsync(plan);
        await _host.ApplyAsync(_host.Plan(_host.File("/etc/b", "1")));

        ChangeReport report = await _host.RunAsync(ChangeScript.Undo(plan, 1, 1, "tester", s_scope, allowSudo: false));

        Assert.Equal(("newer 2", null), (report.Refusal, report.State));
        Assert.Equal("1", _host.Text("/etc/a"));
        NestVirtException error = Assert.Throws<NestVirtException>(() =>
            WorkerFailure.ThrowIfNotUndone(plan, 1, report, string.Empty)
        );
        Assert.Equal("Change 2 was made meanwhile, and nothing was done.", error.Message);
    }

    [Fact]
    public async Task Beside_an_interrupted_change_only_that_is_taken_back_unless_forced()
    {
        ChangePlan plan = _host.Plan(_host.File("/etc/a", "1"));
        await _host.ApplyAsync(plan);
        await _host.ApplyAsync(_host.Plan(_host.File("/etc/b", "1")));
        _host.Tree.Write("var/lib/nestvirt/journal/2/state", "applying\n");

        ChangeReport refused = await _host.UndoAsync(plan, 1);
        NestVirtException planned = await RefusalAsync(1);
        ChangeReport forced = await _host.UndoAsync(plan, 1, force: true);

        Assert.Equal("interrupted 2", refused.Refusal);
        Assert.StartsWith("Change 2 was interrupted", planned.Message, StringComparison.Ordinal);
        Assert.Equal("undone", forced.State);
    }

    [Fact]
    public async Task A_step_that_this_release_does_not_know_might_be_of_anything()
    {
        await _host.ApplyAsync(_host.Plan(_host.File("/etc/a", "1")));
        await _host.ApplyAsync(_host.Plan(_host.File("/etc/b", "1")));
        string plan = _host.Text("/var/lib/nestvirt/journal/2/plan.json")!;
        _host.Tree.Write(
            "var/lib/nestvirt/journal/2/plan.json",
            plan.Replace("\"action\": \"file\"", "\"action\": \"later\"", StringComparison.Ordinal)
        );

        NestVirtException refusal = await RefusalAsync(1);
        NestVirtException own = await RefusalAsync(2);
        ChangeResult forced = await UndoAsync(1, force: true);

        Assert.StartsWith("Change 2 may have changed the same", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(NestVirtErrorKind.PlanInvalid, own.Kind);
        Assert.Equal(ChangeState.Undone, forced.State);
        Assert.Equal("1", _host.Text("/etc/b"));
        Assert.Equal(
            [(2, JournalState.Applied, false), (1, JournalState.Undone, false)],
            (await _host.JournalAsync()).Select(static entry => (entry.Id, entry.State, entry.CanUndo))
        );
    }

    [Fact]
    public async Task A_later_change_that_is_under_way_is_in_the_way()
    {
        await _host.ApplyAsync(_host.Plan(_host.File("/etc/a", "1")));
        await _host.ApplyAsync(_host.Plan(_host.File("/etc/a", "2")));
        _host.Tree.Write("var/lib/nestvirt/journal/2/state", "applying\n");
        using Process holder = Process.Start(
            new ProcessStartInfo("flock", ["-x", _host.Tree.Path + "/run/nestvirt/lock", "sh", "-c", "echo; read _"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        await holder.StandardOutput.ReadLineAsync();

        IReadOnlyList<JournalEntry> journal = await _host.JournalAsync();
        NestVirtException refusal = await RefusalAsync(1);
        holder.StandardInput.Close();
        await holder.WaitForExitAsync();

        Assert.Equal(JournalState.Running, journal[0].State);
        Assert.Equal("Change 2 changed the same since, and nothing was done: /etc/a.", refusal.Message);
    }

    [Fact]
    public async Task What_somebody_else_took_back_while_the_lock_was_waited_for_is_left_alone()
    {
        ChangePlan plan = _host.Plan(_host.File("/etc/a", "1"));
        await _host.ApplyAsync(plan);
        await _host.UndoAsync(plan, 1);
        _host.Tree.Write("etc/a", "1");

        ChangeReport again = await _host.UndoAsync(plan, 1);

        Assert.Equal("undone", again.State);
        Assert.Equal("1", _host.Text("/etc/a"));
    }

    [Fact]
    public async Task What_never_became_another_is_not_said_to_have_been_put_back_by_somebody()
    {
        _host.Tree.Write("sys/one", "5\n").Write("sys/two", "5\n");
        ChangePlan plan = _host.Plan(ValueAction.Plan("/sys/one", "5", "7"), ValueAction.Plan("/sys/two", "5", "7"));
        await _host.ApplyAsync(plan);
        _host.Tree.Write("sys/one", "5\n").Write("sys/two", "5\n");
        _host.Tree.Write("var/lib/nestvirt/journal/1/2/after", _host.Text("/var/lib/nestvirt/journal/1/2/before")!);

        ChangeReport undone = await _host.UndoAsync(plan, 1);

        Assert.Equal((StepState.AsBefore, StepState.TakenBack), (undone.Steps[1].State, undone.Steps[2].State));
    }

    [Fact]
    public async Task What_an_earlier_way_back_did_is_not_said_to_have_been_so_already()
    {
        _host.Tree.Write("sys/one", "5\n").Write("sys/two", "5\n").Write("sys/three", "5\n");
        ChangePlan plan = _host.Plan(
            ValueAction.Plan("/sys/one", "5", "7"),
            ValueAction.Plan("/sys/two", "5", "7"),
            ValueAction.Plan("/sys/three", "5", "7")
        );
        await _host.ApplyAsync(plan);
        _host.Tree.Write("sys/three", "5\n");
        File.Delete(_host.Tree.Path + "/sys/one");
        Directory.CreateDirectory(_host.Tree.Path + "/sys/one");

        ChangeReport failed = await _host.UndoAsync(plan, 1, force: true);
        Directory.Delete(_host.Tree.Path + "/sys/one");
        _host.Tree.Write("sys/one", "7\n");
        ChangeReport undone = await _host.UndoAsync(plan, 1, force: true);

        Assert.Equal("failed", failed.State);
        Assert.Equal(
            [StepState.Kept, StepState.TakenBack, StepState.AsBefore],
            failed.Steps.OrderBy(static step => step.Key).Select(static step => step.Value.State)
        );
        Assert.Equal("undone", undone.State);
        Assert.Equal(StepState.TakenBack, undone.Steps[1].State);
        Assert.Equal(StepState.TakenBack, undone.Steps[2].State);
    }

    public void Dispose() => _host.Dispose();

    private static HostChange Override(string address, string? before = null, string driver = "vfio-pci") =>
        DriverAction.Plan(address, null, before, driver, rebind: false, disrupts: null);

    private async Task SetAsync(int count)
    {
        PreparedChange change = await _changer.PrepareAsync(
            _host.Target,
            new VirtualFunctionRequest(Physical, count),
            CancellationToken.None
        );
        Assert.Equal(ChangeState.InEffect, (await change.ApplyAsync(CancellationToken.None)).State);
    }

    private async Task<ChangeResult> UndoAsync(int? id, bool force = false)
    {
        PreparedChange back = await HostChangers
            .Create()
            .PrepareUndoAsync(_host.Target, id, s_scope with { Force = force }, CancellationToken.None);
        return await back.ApplyAsync(CancellationToken.None);
    }

    private async Task<NestVirtException> RefusalAsync(int id) =>
        await Assert.ThrowsAsync<NestVirtException>(() =>
            HostChangers.Create().PrepareUndoAsync(_host.Target, id, s_scope, CancellationToken.None)
        );

    private async Task AssertAllIsBackAsync()
    {
        Assert.Equal("0\n", _host.Text(Count));
        Assert.False(Directory.Exists(_host.Tree.Path + "/etc"));
        Assert.All(await _host.JournalAsync(), static entry => Assert.Equal(JournalState.Undone, entry.State));
    }

    // What the journal says, whether or not the changes could be made of this tree.
    private async Task<bool> OverlapAsync(params HostChange[] changes)
    {
        string journal = _host.Tree.Path + "/var/lib/nestvirt/journal";
        if (Directory.Exists(journal))
        {
            Directory.Delete(journal, recursive: true);
        }

        for (int i = 0; i < changes.Length; i++)
        {
            _host
                .Tree.Write($"var/lib/nestvirt/journal/{i + 1}/plan.json", PlanDocument.Write(_host.Plan(changes[i])))
                .Write($"var/lib/nestvirt/journal/{i + 1}/state", "applied\n");
        }

        try
        {
            await HostChangers.Create().PrepareUndoAsync(_host.Target, 1, s_scope, CancellationToken.None);
            return false;
        }
        catch (NestVirtException error) when (error.Kind == NestVirtErrorKind.HostChanged)
        {
            return true;
        }
    }

    private async Task WithToolAsync(string name, string script)
    {
        await _host.WithShellAsync();
        await _host.Tree.WithProgramAsync("/bin/cat");
        _host.Tree.Write($"usr/sbin/{name}", "#!/bin/sh\n" + script);
        File.SetUnixFileMode($"{_host.Tree.Path}/usr/sbin/{name}", (UnixFileMode)0b111_101_101);
    }
}
