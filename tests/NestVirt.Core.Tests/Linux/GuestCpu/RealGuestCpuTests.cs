using System.Runtime.Versioning;
using System.Security;
using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.GuestCpu;

/// <summary>Changes processors of guests of a real libvirtd, and takes that back.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RealGuestCpuTests(RoomOfClass rooms) : LibvirtTests(rooms)
{
    private static readonly string[] s_names =
    [
        "nv;b",
        "nv $(id) `id`",
        "--all",
        "--inactive nv",
        "nv \"quoted\" 'twice'",
        "nv \U0001F600 ünï",
        "nv <b>&amp;",
        "@saved nv\\n\\0101%s",
        "password=geheim $6$abcdefgh$0123456789",
        new string('n', 200),
    ];

    [Fact]
    public async Task Nesting_is_given_and_taken_back_and_nothing_else_of_the_definition_changes()
    {
        string id = Room.Define(
            "nv-plain",
            $"<description>a\n\n \tb é 😀\n  &lt;cpu&gt;\n</description>{Nehalem}",
            Vnc
        );
        string before = Room.Definition(id);

        ChangeResult result = await ApplyAsync(new VmCpuRequest(["nv-plain"]) { Expose = true });

        Assert.Equal(ChangeState.InEffect, result.State);
        string after = Room.Definition(id);
        Assert.Contains("passwd='geheim'", after, StringComparison.Ordinal);
        Assert.Equal(["+    <feature policy='require' name='svm'/>"], Difference(before, after));

        ChangeResult back = await UndoAsync();

        Assert.Equal(ChangeState.Undone, back.State);
        Assert.Equal(before, Room.Definition(id));
        Assert.Equal(string.Empty, Room.Shell("ls /var/lib/nestvirt/journal/*/1/new.xml 2>/dev/null").Trim());
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task Guests_of_hostile_names_are_changed_as_any_other()
    {
        string[] ids =
        [
            .. s_names.Select(name =>
                Room.Define(name, $"<description>{SecurityElement.Escape(name)}</description>{Nehalem}", Vnc)
            ),
        ];
        string[] before = [.. ids.Select(Room.Definition)];

        ChangeResult result = await ApplyAsync(
            new VmCpuRequest(ids) { Features = new Dictionary<string, string> { ["aes"] = "disable" } }
        );

        Assert.Equal(ChangeState.InEffect, result.State);
        Assert.Equal(s_names.Length, result.Changes.Count);
        for (int i = 0; i < ids.Length; i++)
        {
            Assert.Equal(
                ["+    <feature policy='disable' name='aes'/>"],
                Difference(before[i], Room.Definition(ids[i]))
            );
        }

        await UndoAsync();
        Assert.Equal(before, ids.Select(Room.Definition));
    }

    [Fact]
    public async Task Mode_model_and_features_are_set_at_once()
    {
        string id = Room.Define("nv-mode", "<cpu mode='maximum'/>");
        string before = Room.Definition(id);

        await ApplyAsync(
            new VmCpuRequest(["nv-mode"])
            {
                Mode = VmCpuMode.Custom,
                Model = "Westmere",
                Features = new Dictionary<string, string> { ["aes"] = "disable", ["vme"] = "require" },
                Topology = new VmCpuTopology(1, 1, 2, 1),
            }
        );

        string after = Room.Definition(id);
        Assert.Contains("<model fallback='forbid'>Westmere</model>", after, StringComparison.Ordinal);
        Assert.Contains("<topology sockets='1' dies='1' cores='2' threads='1'/>", after, StringComparison.Ordinal);
        Assert.Contains("<feature policy='disable' name='aes'/>", after, StringComparison.Ordinal);
        Assert.Contains("<feature policy='require' name='vme'/>", after, StringComparison.Ordinal);
        await UndoAsync();
        Assert.Equal(before, Room.Definition(id));
    }

    [Fact]
    public async Task A_guest_that_was_changed_since_the_plan_is_left_as_it_is()
    {
        string id = Room.Define("nv-raced", Nehalem);
        using HostChanger changer = Room.Changer();
        PreparedChange change = await PrepareAsync(changer, new VmCpuRequest([id]) { Expose = true });
        Room.Define("nv-raced", Nehalem.Replace("Nehalem", "Westmere", StringComparison.Ordinal), id: id);
        string meanwhile = Room.Definition(id);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => change.ApplyAsync(Token));

        Assert.Equal(NestVirtErrorKind.HostChanged, error.Kind);
        Assert.Equal(meanwhile, Room.Definition(id));
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task A_password_that_was_changed_since_is_kept_by_the_change_and_by_the_way_back()
    {
        string id = Room.Define("nv-password", Nehalem, Vnc);
        using HostChanger changer = Room.Changer();
        PreparedChange change = await PrepareAsync(changer, new VmCpuRequest([id]) { Expose = true });
        Room.Define("nv-password", Nehalem, Vnc.Replace("geheim", "neuer", StringComparison.Ordinal), id);

        await change.ApplyAsync(Token);

        string changed = Room.Definition(id);
        Assert.Contains("passwd='neuer'", changed, StringComparison.Ordinal);
        Assert.Contains("name='svm'", changed, StringComparison.Ordinal);

        Room.Edit(id, "s/neuer/dritter/");
        Assert.Equal(ChangeState.Undone, (await UndoAsync()).State);
        Assert.Contains("passwd='dritter'", Room.Definition(id), StringComparison.Ordinal);
        Assert.DoesNotContain("name='svm'", Room.Definition(id), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task No_password_is_in_the_plan_and_none_changes_it()
    {
        string id = Room.Define("nv-plan", Nehalem, Vnc);
        VmCpuRequest request = new([id]) { Expose = true };
        using HostChanger changer = Room.Changer();
        ChangePlan plan = await changer.PlanAsync(HostTarget.Local, request, Token);
        Room.Define("nv-plan", Nehalem, Vnc.Replace("geheim", "anders", StringComparison.Ordinal), id);

        Assert.Equal(plan.Fingerprint, (await changer.PlanAsync(HostTarget.Local, request, Token)).Fingerprint);
        Assert.DoesNotContain("geheim", PlanDocument.Write(plan), StringComparison.Ordinal);
        HostChange change = Assert.Single(plan.Changes);
        Assert.Equal(("nv-plan: processor", null, "feature svm require"), (change.Setting, change.From, change.To));
    }

    [Fact]
    public async Task A_plan_that_was_reviewed_is_applied()
    {
        string id = Room.Define("nv-reviewed", Nehalem, Vnc);
        using HostChanger changer = Room.Changer();
        ChangePlan plan = await changer.PlanAsync(HostTarget.Local, new VmCpuRequest([id]) { Expose = true }, Token);
        ReviewedPlan reviewed = PlanDocument.Read(PlanDocument.Write(plan), "plan.json");

        PreparedChange change = await changer.PrepareAsync(reviewed.Plan, reviewed.Fingerprint, Token);
        await change.ApplyAsync(Token);

        Assert.Contains("name='svm'", Room.Definition(id), StringComparison.Ordinal);
        await UndoAsync();
    }

    [Fact]
    public async Task A_guest_that_runs_waits_for_its_restart()
    {
        string id = Room.Define("nv-waits", Nehalem);
        Room.StartGuest(id);

        ChangeResult result = await ApplyAsync(new VmCpuRequest([id]) { Expose = true });

        Assert.Equal(ChangeState.Pending, result.State);
        Assert.Equal(FindingCodes.VmRestartPending, Assert.Single(result.Pending).Code);
        Assert.True(Room.IsRunning(id));
        Assert.Contains("name='svm'", Room.Definition(id), StringComparison.Ordinal);
        Assert.Equal(ChangeState.Pending, (await ApplyAsync(new VmCpuRequest([id]) { Expose = true })).State);
        Room.Virsh("destroy", id);
        Assert.Equal(ChangeState.Unchanged, (await ApplyAsync(new VmCpuRequest([id]) { Expose = true })).State);
        Room.StartGuest(id);
        Assert.Equal(ChangeState.Unchanged, (await ApplyAsync(new VmCpuRequest([id]) { Expose = true })).State);
        await UndoAsync();
        Room.Virsh("destroy", id);
    }

    [Fact]
    public async Task A_guest_that_does_not_shut_down_in_time_waits_and_is_not_ended()
    {
        string id = Room.Define("nv-stays", Nehalem);
        Room.StartGuest(id);

        ChangeResult result = await ApplyAsync(Stopping(id));

        Assert.Equal(ChangeState.Pending, result.State);
        Assert.Contains(
            result.Findings,
            static finding => finding.Message.Contains("did not shut down within 2 s", StringComparison.Ordinal)
        );
        Assert.True(Room.IsRunning(id));
        Assert.Contains("name='svm'", Room.Definition(id), StringComparison.Ordinal);
        Room.Shell("rm -f /run/nestvirt/watch.*");
        await UndoAsync();
        Room.Virsh("destroy", id);
    }

    // The firmware does nothing when it is asked to shut down: the stand-in ends the guest as one with a system would end.
    [Fact]
    public async Task A_guest_that_shuts_down_is_started_with_its_new_processor()
    {
        string id = Room.Define("nv-restarts", Nehalem);
        Room.StartGuest(id);
        ObeyShutdown();

        ChangeResult result = await ApplyAsync(Stopping(id));

        Assert.Equal(ChangeState.InEffect, result.State);
        Assert.True(Room.IsRunning(id));
        Assert.Contains("policy='require' name='svm'", Room.Virsh("dumpxml", id), StringComparison.Ordinal);
        await UndoAsync(Scope with { StopGuests = true });
        Assert.True(Room.IsRunning(id));
        Assert.DoesNotContain("name='svm'", Room.Virsh("dumpxml", id), StringComparison.Ordinal);
        Room.Virsh("destroy", id);
    }

    [Fact]
    public async Task A_guest_that_waits_is_started_anew_when_it_may_be_stopped()
    {
        string id = Room.Define("nv-later", Nehalem);
        Room.StartGuest(id);
        await ApplyAsync(new VmCpuRequest([id]) { Expose = true });
        string saved = Room.Definition(id);
        ObeyShutdown();

        ChangeResult result = await ApplyAsync(Stopping(id));

        Assert.Equal(ChangeState.InEffect, result.State);
        Assert.Equal(saved, Room.Definition(id));
        Assert.Contains("policy='require' name='svm'", Room.Virsh("dumpxml", id), StringComparison.Ordinal);
        Room.Virsh("destroy", id);
    }

    [Fact]
    public async Task A_guest_that_does_not_start_any_more_gets_its_old_processor_back_and_runs()
    {
        string id = Room.Define("nv-fails", Nehalem);
        string before = Room.Definition(id);
        Room.StartGuest(id);
        ObeyShutdown();
        Room.Interfere(
            "before",
            """
            case " $* " in *' start '*) if virsh_seen=$(/usr/bin/virsh -q -c qemu:///system dumpxml --inactive "$6"); then
              case $virsh_seen in *svm*) echo 'error: it does not start' >&2; exit 1 ;; esac
            fi ;; esac
            """
        );

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => ApplyAsync(Stopping(id)));

        Assert.Equal(NestVirtErrorKind.ChangeFailed, error.Kind);
        Assert.Contains("it does not start", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Room.Definition(id));
        Assert.True(Room.IsRunning(id));
        Room.Virsh("destroy", id);
    }

    [Fact]
    public async Task A_guest_with_a_managed_save_and_a_transient_one_are_refused()
    {
        string saved = Room.Define("nv-saved", Nehalem);
        Room.StartGuest(saved);
        Room.Virsh("managedsave", saved);
        Assert.SkipUnless(
            Room.Virsh("list", "--all", "--uuid", "--with-managed-save").Contains(saved, StringComparison.Ordinal),
            "no guest is saved here"
        );
        string transient = Room.Define("nv-transient", Nehalem);
        Room.StartGuest(transient);
        Room.Virsh("undefine", transient);

        Assert.Equal([FindingCodes.VmSaved], await RefusalAsync(new VmCpuRequest([saved]) { Expose = true }));
        Assert.Equal([FindingCodes.VmTransient], await RefusalAsync(new VmCpuRequest([transient]) { Expose = true }));
        Room.Virsh("destroy", transient);
        Room.Virsh("managedsave-remove", saved);
    }

    [Fact]
    public async Task What_the_host_does_not_have_is_refused_by_its_name()
    {
        string id = Room.Define("nv-names", Nehalem);
        string before = Room.Definition(id);

        Assert.Equal(
            [FindingCodes.VmCpuModelUnknown],
            await RefusalAsync(new VmCpuRequest([id]) { Mode = VmCpuMode.Custom, Model = "Nehalme" })
        );
        Assert.Equal(
            [FindingCodes.VmCpuNotUsable],
            await RefusalAsync(new VmCpuRequest([id]) { Mode = VmCpuMode.Custom, Model = "EPYC" })
        );
        Assert.Equal(
            [FindingCodes.VmWillNotStart],
            await RefusalAsync(new VmCpuRequest([id]) { Mode = VmCpuMode.HostPassthrough })
        );
        Assert.Equal(
            [FindingCodes.VmCpuFeatureUnknown],
            await RefusalAsync(
                new VmCpuRequest([id]) { Features = new Dictionary<string, string> { ["avx-512f"] = "disable" } }
            )
        );
        Assert.Equal([FindingCodes.VmNotFound], await RefusalAsync(new VmCpuRequest(["nv-none"]) { Expose = true }));
        Assert.Equal(before, Room.Definition(id));
    }

    [Fact]
    public async Task Guests_that_are_named_get_nesting_and_the_host_stays_as_it_is()
    {
        string id = Room.Define("nv-only", Nehalem);

        await ApplyAsync(new NestingRequest(Enable: true) { VmNames = ["nv-on*"] });
        Assert.Contains("policy='require' name='svm'", Room.Definition(id), StringComparison.Ordinal);
        await ApplyAsync(new NestingRequest(Enable: false) { VmNames = ["nv-only"] });
        Assert.Contains("policy='disable' name='svm'", Room.Definition(id), StringComparison.Ordinal);
    }

    private async Task<string[]> RefusalAsync(ChangeRequest request)
    {
        using HostChanger changer = Room.Changer();
        ChangeRefusedException refusal = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            PrepareAsync(changer, request)
        );
        return [.. refusal.Reasons.Select(static reason => reason.Code)];
    }

    private static string[] Difference(string before, string after) =>
        [
            .. after
                .Split('\n')
                .Except(before.Split('\n'))
                .Select(static line => $"+{line}")
                .Concat(before.Split('\n').Except(after.Split('\n')).Select(static line => $"-{line}")),
        ];
}
