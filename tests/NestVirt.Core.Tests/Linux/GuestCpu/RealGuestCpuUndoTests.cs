using System.Runtime.Versioning;
using System.Text;
using NestVirt.Changes;
using NestVirt.Hosts;

namespace NestVirt.Core.Tests.Linux.GuestCpu;

/// <summary>Takes processors of guests of a real libvirtd back, where others have changed the definition meanwhile.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RealGuestCpuUndoTests(RoomOfClass rooms) : LibvirtTests(rooms)
{
    private const string Snapshot = "s,/base.qcow2,/snap1.qcow2,";

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    public async Task A_worker_that_is_killed_at_the_definition_leaves_its_journal_and_undo_puts_the_old_processor_back(
        string when
    )
    {
        string id = Room.Define($"nv-killed-{when}", Nehalem, Disk + Vnc);
        string before = Room.Definition(id);
        await KillAtDefineAsync(when, new VmCpuRequest([id]) { Expose = true });
        Assert.Equal(when == "after", Room.Definition(id).Contains("name='svm'", StringComparison.Ordinal));
        Room.Edit(id, Snapshot);

        await UndoAsync();

        Assert.Equal(Moved(before), Room.Definition(id));
        Assert.Equal(string.Empty, Room.Shell("ls /var/lib/nestvirt/journal/*/1/new.xml 2>/dev/null").Trim());
        Assert.Equal(ChangeState.InEffect, (await ApplyAsync(new VmCpuRequest([id]) { Expose = true })).State);
        await UndoAsync();
    }

    // libvirt says in attributes what was left out, and nobody came to see that.
    [Fact]
    public async Task What_libvirt_has_completed_is_known_for_the_change_when_its_worker_was_killed()
    {
        string id = Room.Define("nv-completed", "<cpu mode='maximum'/>");
        string before = Room.Definition(id);
        await KillAtDefineAsync(
            "after",
            new VmCpuRequest([id])
            {
                Mode = VmCpuMode.Custom,
                Model = "Westmere",
                Topology = new VmCpuTopology(1, 1, 2, 1),
            }
        );
        Assert.Contains("dies='1'", Room.Definition(id), StringComparison.Ordinal);

        await UndoAsync();

        Assert.Equal(before, Room.Definition(id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_way_back_leaves_all_but_the_processor_as_it_is_then(bool force)
    {
        string id = Room.Define($"nv-moved-{force}", Nehalem, Disk + Vnc);
        string before = Room.Definition(id);
        await ApplyAsync(new VmCpuRequest([id]) { Expose = true, WindowsHypervisor = true });
        Assert.Contains("<synic state='on'/>", Room.Definition(id), StringComparison.Ordinal);
        Room.Edit(id, Snapshot + ";s/>32768</>65536</;s/geheim/neuer/");
        Room.Virsh("domrename", id, $"nv-renamed-{force}");

        ChangeResult back = await UndoAsync(Scope with { Force = force });

        Assert.Equal(ChangeState.Undone, back.State);
        Assert.Empty(back.Findings);
        Assert.Equal(
            Moved(before)
                .Replace(">32768<", ">65536<", StringComparison.Ordinal)
                .Replace("geheim", "neuer", StringComparison.Ordinal)
                .Replace("nv-moved", "nv-renamed", StringComparison.Ordinal),
            Room.Definition(id)
        );
    }

    [Theory]
    [InlineData("s/name='svm'/name='aes'/")]
    [InlineData("s/<clock offset='utc'/<clock offset='localtime'/")]
    public async Task A_processor_that_somebody_changed_since_is_put_back_by_force_alone(string expression)
    {
        string id = Room.Define($"nv-others-{expression.Length}", Nehalem, Disk);
        string before = Room.Definition(id);
        await ApplyAsync(new VmCpuRequest([id]) { Expose = true });
        Room.Edit(id, $"{expression};{Snapshot}");
        string changed = Room.Definition(id);

        NestVirtException error = await UndoFailureAsync(Scope);
        Assert.Equal(NestVirtErrorKind.HostChanged, error.Kind);
        Assert.Equal(changed, Room.Definition(id));

        await UndoAsync(Scope with { Force = true });
        Assert.Equal(Moved(before), Room.Definition(id));
    }

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    public async Task Of_an_interrupted_change_what_somebody_changed_since_is_put_back_by_force_alone(string when)
    {
        string id = Room.Define($"nv-left-{when}", Nehalem);
        string before = Room.Definition(id);
        await KillAtDefineAsync(when, new VmCpuRequest([id]) { Expose = true });
        Room.Edit(id, "s/Nehalem/Westmere/");

        Assert.Equal(NestVirtErrorKind.HostChanged, (await UndoFailureAsync(Scope)).Kind);
        Assert.Contains("Westmere", Room.Definition(id), StringComparison.Ordinal);
        await UndoAsync(Scope with { Force = true });
        Assert.Equal(before, Room.Definition(id));
    }

    [Fact]
    public async Task A_failure_puts_the_processor_back_and_nothing_that_others_have_changed()
    {
        string id = Room.Define("nv-rolled", Nehalem);
        string before = Room.Definition(id);
        Room.StartGuest(id);
        FailStart(id, "s/>32768</>65536</");

        NestVirtException error = await FailureAsync(Stopping(id));

        Assert.Equal(NestVirtErrorKind.ChangeFailed, error.Kind);
        Assert.Equal(before.Replace(">32768<", ">65536<", StringComparison.Ordinal), Room.Definition(id));
        Assert.True(Room.IsRunning(id));
        Room.Virsh("destroy", id);
    }

    [Fact]
    public async Task A_failure_leaves_a_processor_that_somebody_has_changed_and_starts_the_guest_with_it()
    {
        string id = Room.Define("nv-kept", Nehalem);
        Room.StartGuest(id);
        FailStart(id, "s/name='svm'/name='aes'/");

        NestVirtException error = await FailureAsync(Stopping(id));

        Assert.Equal(NestVirtErrorKind.ChangeIncomplete, error.Kind);
        Assert.Contains("changed since by somebody else", error.Message, StringComparison.Ordinal);
        Assert.Contains("name='aes'", Room.Definition(id), StringComparison.Ordinal);
        Assert.True(Room.IsRunning(id));
        Assert.Equal(NestVirtErrorKind.HostChanged, (await UndoFailureAsync(Scope)).Kind);
        await UndoAsync(Scope with { Force = true });
        Assert.DoesNotContain("name='aes'", Room.Definition(id), StringComparison.Ordinal);
        Room.Virsh("destroy", id);
    }

    [Fact]
    public async Task A_guest_that_was_undefined_since_is_not_defined_again_by_the_way_back()
    {
        string id = Room.Define("nv-gone", Nehalem);
        string other = Room.Define("nv-there", Nehalem);
        string before = Room.Definition(other);
        await ApplyAsync(new VmCpuRequest([id, other]) { Expose = true });
        Room.Virsh("undefine", id);

        Assert.Equal(NestVirtErrorKind.ChangeIncomplete, (await UndoFailureAsync(Scope)).Kind);
        await UndoFailureAsync(Scope with { Force = true });

        Assert.DoesNotContain(id, Room.Virsh("list", "--all", "--uuid"), StringComparison.Ordinal);
        Assert.Equal(before, Room.Definition(other));
    }

    [Fact]
    public async Task A_guest_that_is_gone_does_not_let_an_interrupted_change_hold_up_all_others()
    {
        string id = Room.Define("nv-lost", Nehalem);
        string other = Room.Define("nv-next", Nehalem);
        await KillAtDefineAsync("after", new VmCpuRequest([id]) { Expose = true });
        Room.Virsh("undefine", id);

        NestVirtException error = await UndoFailureAsync(Scope);

        Assert.Equal(NestVirtErrorKind.ChangeIncomplete, error.Kind);
        Assert.Contains("not defined any more", error.Message, StringComparison.Ordinal);
        Assert.Equal(JournalState.Failed, (await NewestAsync()).State);
        Assert.Equal(ChangeState.InEffect, (await ApplyAsync(new VmCpuRequest([other]) { Expose = true })).State);
        Assert.DoesNotContain(id, Room.Virsh("list", "--all", "--uuid"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_definition_that_is_changed_until_right_before_is_left_as_it_is()
    {
        string id = Room.Define("nv-meanwhile", Nehalem, Vnc);
        string before = Room.Definition(id);

        // What the worker asks last, when it has kept the old definition already.
        Room.Interfere(
            "before",
            $"case \"$(tr '\\0' ' ' </proc/$PPID/cmdline) \" in 'timeout 60 '*' --with-managed-save '*) {LibvirtRoom.EditOf(id, "s/geheim/neuer/")} ;; esac\n"
        );
        NestVirtException error = await FailureAsync(new VmCpuRequest([id]) { Expose = true });

        Assert.Equal(NestVirtErrorKind.ChangeFailed, error.Kind);
        Assert.Contains("changed meanwhile", error.Message, StringComparison.Ordinal);
        Assert.Equal(before.Replace("geheim", "neuer", StringComparison.Ordinal), Room.Definition(id));
    }

    [Theory]
    [InlineData("<name>nv-plan<", "<name>nv-second<")]
    [InlineData("<uuid>", "<uuid>11111111-2222-3333-4444-555555555555</uuid><uuid>")]
    [InlineData(">32768<", ">65536<")]
    [InlineData("</cpu>", "</cpu><title>x</title>")]
    [Trait("Category", "Security")]
    public async Task A_plan_that_changes_more_than_the_processor_defines_nothing(string from, string to)
    {
        string id = Room.Define("nv-plan", Nehalem, id: "91111111-2222-3333-4444-555555555555");
        string before = Room.Definition(id);
        string all = Room.Virsh("list", "--all", "--uuid");
        using HostChanger changer = Room.Changer();
        ChangePlan plan = await changer.PlanAsync(HostTarget.Local, new VmCpuRequest([id]) { Expose = true }, Token);
        HostChange change = Assert.Single(plan.Changes);
        string text = Encoding.UTF8.GetString(change.Step.Content!.Value.Span);
        string tampered = text.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(text, tampered);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            changer.ApplyAsync(
                plan with
                {
                    Changes = [change with { Step = change.Step with { Content = Encoding.UTF8.GetBytes(tampered) } }],
                },
                Token
            )
        );

        Assert.Equal(NestVirtErrorKind.ChangeFailed, error.Kind);
        Assert.Matches("changes more of the definition|is not laid out", error.Message);
        Assert.Equal((before, all), (Room.Definition(id), Room.Virsh("list", "--all", "--uuid")));
    }

    // As libvirt does of an interrupt remapping that an IOMMU needs, or of the memory of NUMA cells.
    [Fact]
    public async Task Where_libvirt_makes_more_of_the_definition_that_fails_and_it_is_said_what()
    {
        string id = Room.Define("nv-other", Nehalem, Vnc);
        string before = Room.Definition(id);
        Rewrite("*svm*", "s/<vcpu[^>]*>2</<vcpu>1</; s/ passwd='geheim'//");

        NestVirtException error = await FailureAsync(new VmCpuRequest([id]) { Expose = true });

        Assert.Equal(NestVirtErrorKind.ChangeFailed, error.Kind);
        Assert.Contains("more of it has changed than was asked for", error.Message, StringComparison.Ordinal);
        Assert.Contains("+<vcpu placement='static'>1</vcpu>", error.Message, StringComparison.Ordinal);
        Assert.Contains("/1/old.xml", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", error.Message, StringComparison.Ordinal);
        Assert.Equal(JournalState.RolledBack, (await NewestAsync()).State);
        Assert.Equal(
            before
                .Replace(">2</vcpu>", ">1</vcpu>", StringComparison.Ordinal)
                .Replace(" passwd='geheim'", string.Empty, StringComparison.Ordinal),
            Room.Definition(id)
        );
        Assert.Equal(before, Room.Shell("cat $(ls -dt /var/lib/nestvirt/journal/* | head -n 1)/1/old.xml"));
    }

    [Fact]
    public async Task What_somebody_changes_right_after_the_definition_stays()
    {
        string id = Room.Define("nv-right-after", Nehalem, Disk);
        string before = Room.Definition(id);
        Room.Interfere(
            "after",
            $"case \" $* \" in *' define '*) [ -e /run/edited-once ] || {{ : >/run/edited-once; {LibvirtRoom.EditOf(id, Snapshot)}; }} ;; esac\n"
        );

        NestVirtException error = await FailureAsync(new VmCpuRequest([id]) { Expose = true });

        Assert.Contains("snap1.qcow2", error.Message, StringComparison.Ordinal);
        Assert.Equal(Moved(before), Room.Definition(id));
    }

    [Fact]
    public async Task An_undo_that_was_killed_between_the_definition_and_the_restart_restarts_when_it_is_repeated()
    {
        string id = Room.Define("nv-half-back", Nehalem);
        Room.StartGuest(id);
        string runs = CpuOf(id);
        ObeyShutdown();
        await ApplyAsync(Stopping(id));
        Assert.Contains("svm", CpuOf(id), StringComparison.Ordinal);
        KillAt("shutdown", "before");
        await Assert.ThrowsAnyAsync<NestVirtException>(() => UndoAsync(Scope with { StopGuests = true }));
        Room.Interfere("before", null);
        Assert.DoesNotContain("name='svm'", Room.Definition(id), StringComparison.Ordinal);
        Room.Shell("rm -f /run/nestvirt/watch.*");

        // Who asks now may not stop it, and is told.
        ObeyShutdown();
        ChangeResult back = await UndoAsync();

        Assert.Contains("svm", CpuOf(id), StringComparison.Ordinal);
        Assert.Contains(
            back.Findings,
            static finding => finding.Message.Contains("did not shut down yet", StringComparison.Ordinal)
        );
        Room.PowerOff(id);
        await UntilAsync(() => CpuOf(id) == runs);
        Room.Virsh("destroy", id);
    }

    [Fact]
    public async Task An_undo_that_was_killed_right_after_the_definition_looks_at_what_runs_when_it_is_repeated()
    {
        string id = Room.Define("nv-looks", Nehalem);
        Room.StartGuest(id);
        string runs = CpuOf(id);
        ObeyShutdown();
        await ApplyAsync(Stopping(id));
        KillAt("define", "after");
        await Assert.ThrowsAnyAsync<NestVirtException>(() => UndoAsync(Scope with { StopGuests = true }));
        ObeyShutdown();
        Assert.Contains("svm", CpuOf(id), StringComparison.Ordinal);

        await UndoAsync(Scope with { StopGuests = true });

        Assert.Equal(runs, CpuOf(id));
        Room.Virsh("destroy", id);
    }

    [Fact]
    public async Task The_way_back_needs_no_room_on_the_disk_of_the_journal()
    {
        string id = Room.Define("nv-full", Nehalem);
        string before = Room.Definition(id);
        await ApplyAsync(new VmCpuRequest([id]) { Expose = true });
        Room.Shell("mount -o remount,size=$(du -sk /var/lib/nestvirt | cut -f 1)k /var/lib/nestvirt");
        Room.Shell("dd if=/dev/zero of=/var/lib/nestvirt/fill bs=4k 2>/dev/null");
        try
        {
            Assert.Equal(ChangeState.Undone, (await UndoAsync()).State);
            Assert.Equal(before, Room.Definition(id));
        }
        finally
        {
            Room.Shell("rm -f /var/lib/nestvirt/fill; mount -o remount,size=50% /var/lib/nestvirt");
        }
    }

    [Fact]
    public async Task What_libvirt_makes_of_the_definition_on_the_way_back_is_taken_and_said()
    {
        string id = Room.Define("nv-back", Nehalem);
        await ApplyAsync(new VmCpuRequest([id]) { Expose = true });
        Rewrite("*", "s/<vcpu[^>]*>2</<vcpu>1</; s/Nehalem/Westmere/");

        ChangeResult back = await UndoAsync();

        Assert.Equal(ChangeState.Undone, back.State);
        Assert.Equal(2, back.Findings.Count);
        Assert.Contains("<vcpu placement='static'>1</vcpu>", back.Findings[0].Message, StringComparison.Ordinal);
        Assert.Contains("another way", back.Findings[1].Message, StringComparison.Ordinal);
        Assert.DoesNotContain("name='svm'", Room.Definition(id), StringComparison.Ordinal);
    }

    private string CpuOf(string id) => Room.Virsh("dumpxml", id, "--xpath", "//cpu");

    private static string Moved(string definition) =>
        definition.Replace("/base.qcow2", "/snap1.qcow2", StringComparison.Ordinal);

    // libvirt is not made to rewrite at will: what it is given is rewritten instead, where it says something.
    private void Rewrite(string pattern, string expression) =>
        Room.Interfere(
            "before",
            $"case \" $* \" in *' define '*) case $(cat \"$6\") in {pattern}) sed -i \"{expression}\" \"$6\" ;; esac ;; esac\n"
        );

    // The first start fails, and meanwhile somebody defines the guest anew.
    private void FailStart(string id, string expression)
    {
        ObeyShutdown();
        Room.Interfere(
            "before",
            $"case \" $* \" in *' start '*) case $(/usr/bin/virsh -q -c qemu:///system dumpxml --inactive {id}) in *svm*)\n{LibvirtRoom.EditOf(id, expression)}\necho 'error: it does not start' >&2; exit 1 ;; esac ;; esac\n"
        );
    }
}
