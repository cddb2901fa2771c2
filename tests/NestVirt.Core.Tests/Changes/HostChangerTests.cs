using NestVirt.Changes;
using NestVirt.Core.Tests.Questions;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Changes;

/// <summary>A changer knows no platform: here it changes one that is not Linux.</summary>
public sealed class HostChangerTests : IDisposable
{
    private static readonly ChangeScope s_scope = new(StopGuests: false, 1, Force: false);
    private static readonly ChangeScope s_forced = s_scope with { Force = true };

    private readonly HostTree _box = new HostTree().Write("stacks/2048", "1\n").Write("stacks/4096", "1\n");
    private readonly BrickPlatform _platform = new();
    private readonly HostChanger _changer;

    public HostChangerTests()
    {
        Needs.Shell();
        _changer = Changer();
    }

    private HostTarget Target => new("box", new TreeAddress(_box.Path));

    private string Bricks => File.ReadAllText(_box.Path + "/stacks/2048").Trim();

    [Fact]
    public async Task A_change_is_planned_made_verified_and_taken_back()
    {
        PreparedChange change = await _changer.PrepareAsync(Target, new HugePageRequest(2048, 3), default);
        string before = Bricks;
        ChangeResult made = await change.ApplyAsync(default);
        PreparedChange back = await _changer.PrepareUndoAsync(Target, null, s_scope, default);
        ChangeResult undone = await back.ApplyAsync(default);

        Assert.Equal("bricks of 2048: 1 -> 3", Assert.Single(change.Plan.Changes).ToString());
        Assert.Equal("1", before);
        Assert.Equal((ChangeState.InEffect, 1), (made.State, made.Id));
        Assert.Equal("bricks of 2048: 3 -> 1", Assert.Single(back.Plan.Changes).ToString());
        Assert.Equal("undo 1: set 3 huge pages of 2 MiB", back.Plan.Title);
        Assert.Equal("make the change again", back.Plan.Changes[0].Undo);
        Assert.Equal((ChangeState.Undone, 1), (undone.State, undone.Id));
        Assert.Equal("1", Bricks);
    }

    [Fact]
    public async Task A_host_is_visited_once_to_change_it_and_twice_to_take_that_back()
    {
        ChangePlan plan = await _changer.PlanAsync(Target, new HugePageRequest(2048, 3), default);
        await _changer.ApplyAsync(plan, default);
        int made = _platform.Bricks.Visits;
        await UndoAsync(1, s_scope);

        Assert.Equal((1, 3), (made, _platform.Bricks.Visits));
    }

    [Fact]
    public async Task A_request_that_the_platform_does_not_plan_is_refused_in_a_sentence()
    {
        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            _changer.PlanAsync(Target, new IommuRequest(Enable: true), default)
        );

        Assert.Equal(NestVirtErrorKind.FeatureNotSupported, error.Kind);
        Assert.Equal("This release cannot enable the IOMMU on a box of bricks.", error.Message);
    }

    [Fact]
    public async Task What_is_not_so_after_the_change_is_said()
    {
        ChangePlan plan = await _changer.PlanAsync(Target, new HugePageRequest(2048, 3), default);
        ChangePlan other = plan with { Changes = [plan.Changes[0] with { To = "2" }] };

        ChangeResult result = await _changer.ApplyAsync(other, default);

        Assert.Equal(ChangeState.NotInEffect, result.State);
        Assert.Equal("bricks of 2048 is 2 after the change, not 3.", Assert.Single(result.Findings).Message);
    }

    [Fact]
    public async Task What_waits_restarts_the_host_where_that_is_allowed()
    {
        HugePageRequest request = new(2048, 3) { IsTemporary = true };
        ChangeResult waiting = await (await _changer.PrepareAsync(Target, request, default)).ApplyAsync(default);
        int none = _platform.Bricks.Restarts;
        HostChanger restarter = Changer(mayRestart: true);
        PreparedChange again = await restarter.PrepareAsync(Target, request, default);
        await again.ApplyAsync(default);
        _platform.Bricks.Waits = new Finding("GlueHolds", Severity.Warning, "The glue holds.");
        ChangeResult undone = await (await restarter.PrepareUndoAsync(Target, 1, s_scope, default)).ApplyAsync(default);

        Assert.Equal((ChangeState.Pending, 0), (waiting.State, none));
        Assert.Contains(again.Plan.Findings, static finding => finding.Code == "HostRestarts");
        Assert.Equal(2, _platform.Bricks.Restarts);
        Assert.Empty(undone.Pending);
    }

    [Fact]
    public async Task What_keeps_a_change_in_effect_after_its_way_back_is_said()
    {
        await SetAsync(2048, 3);
        _platform.Bricks.Waits = new Finding("GlueHolds", Severity.Warning, "The glue holds.");

        ChangeResult undone = await UndoAsync(1, s_scope);

        Assert.Equal("GlueHolds", Assert.Single(undone.Pending).Code);
    }

    [Fact]
    public async Task Nothing_to_take_back_is_a_plan_without_a_request()
    {
        PreparedChange none = await _changer.PrepareUndoAsync(Target, null, s_scope, default);
        await SetAsync(2048, 3);
        await UndoAsync(1, s_scope);
        PreparedChange again = await _changer.PrepareUndoAsync(Target, 1, s_scope, default);

        Assert.Null(none.Plan.Request);
        Assert.Equal("undo: no change is left to take back", none.Plan.Title);
        Assert.Equal("undo 1: it was taken back already", again.Plan.Title);
        Assert.Equal(ChangeState.Unchanged, (await again.ApplyAsync(default)).State);
        Assert.Equal(64, again.Plan.Fingerprint.Length);
    }

    [Fact]
    public async Task A_later_change_of_the_same_is_named_when_the_way_back_is_planned()
    {
        await SetAsync(2048, 3);
        await SetAsync(4096, 7);
        await SetAsync(2048, 1);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            _changer.PrepareUndoAsync(Target, 1, s_scope, default)
        );

        Assert.Equal(NestVirtErrorKind.HostChanged, error.Kind);
        Assert.Equal("Change 3 changed the same since, and nothing was done: bricks of 2048.", error.Message);
    }

    [Fact]
    public async Task Force_takes_later_changes_of_the_same_back_first_and_the_journal_says_so()
    {
        await SetAsync(2048, 3);
        await SetAsync(4096, 7);
        await SetAsync(2048, 1);

        PreparedChange back = await _changer.PrepareUndoAsync(Target, 1, s_forced, default);
        ChangeResult undone = await back.ApplyAsync(default);

        Assert.Equal(
            ["bricks of 2048: 1 -> 3", "bricks of 2048: 3 -> 1"],
            back.Plan.Changes.Select(static change => $"{change}")
        );
        Assert.Equal("undo 3, then 1: set 1 huge page of 2 MiB; set 3 huge pages of 2 MiB", back.Plan.Title);
        Assert.Equal("LaterChangeUndone", Assert.Single(back.Plan.Findings).Code);
        Assert.Equal(ChangeState.Undone, undone.State);
        Assert.Equal(
            [(3, JournalState.Undone), (2, JournalState.Applied), (1, JournalState.Undone)],
            _platform.Bricks.Journal.Select(static entry => (entry.Id, entry.State))
        );
        Assert.Equal("1", Bricks);
    }

    [Theory]
    [InlineData(3, "Change 3: The bricks are glued. Changes 1 and 2 were to be taken back after it, and stand.")]
    [InlineData(
        2,
        "Change 2: The bricks are glued. Change 3 was taken back before it. Change 1 was to be taken back after it, and stands."
    )]
    [InlineData(1, "Change 1: The bricks are glued. Changes 2 and 3 were taken back before it.")]
    public async Task Where_one_of_several_is_stuck_the_others_are_named(int stuck, string message)
    {
        await SetAsync(2048, 3);
        await SetAsync(2048, 5);
        await SetAsync(2048, 1);
        _platform.Bricks.Stuck = stuck;

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => UndoAsync(1, s_forced));

        Assert.Equal((NestVirtErrorKind.HostChanged, message), (error.Kind, error.Message));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_gives_up_between_several_hears_which_were_taken_back(bool goesOnAlone)
    {
        await SetAsync(2048, 3);
        await SetAsync(2048, 5);
        await SetAsync(2048, 1);
        _platform.Bricks.GoesOnAlone = goesOnAlone;
        using CancellationTokenSource stop = new();
        _platform.Bricks.AfterUndo = stop.Cancel;
        PreparedChange back = await _changer.PrepareUndoAsync(Target, 1, s_forced, default);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => back.ApplyAsync(stop.Token));

        Assert.Equal(
            (
                NestVirtErrorKind.ChangeIncomplete,
                "It was given up. Change 3 was taken back. Changes 1 and 2 were to be taken back after that, and stand."
            ),
            (error.Kind, error.Message)
        );
        Assert.Contains("<Undo ChangeId=1 Force>", error.Remedy);
        Assert.Equal("5", Bricks);
    }

    [Fact]
    public async Task Whoever_gives_up_at_the_last_of_several_hears_that_all_are_taken_back()
    {
        await SetAsync(2048, 3);
        await SetAsync(2048, 5);
        _platform.Bricks.GoesOnAlone = false;
        using CancellationTokenSource stop = new();
        int undone = 0;
        _platform.Bricks.AfterUndo = () =>
        {
            if (++undone == 2)
            {
                stop.Cancel();
            }
        };
        PreparedChange back = await _changer.PrepareUndoAsync(Target, 1, s_forced, default);

        Assert.Equal(ChangeState.Undone, (await back.ApplyAsync(stop.Token)).State);
    }

    [Fact]
    public async Task A_later_change_that_cannot_be_read_is_in_the_way_unless_forced()
    {
        await SetAsync(2048, 3);
        _platform.Bricks.Remember(new JournalEntry(Target, 2, JournalState.Applied));

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            _changer.PrepareUndoAsync(Target, 1, s_scope, default)
        );
        PreparedChange back = await _changer.PrepareUndoAsync(Target, 1, s_forced, default);

        Assert.Equal(NestVirtErrorKind.HostChanged, error.Kind);
        Assert.StartsWith("Change 2 may have changed the same since", error.Message, StringComparison.Ordinal);
        Assert.Equal("LaterChangeUnreadable", Assert.Single(back.Plan.Findings).Code);
    }

    [Fact]
    public async Task A_change_that_was_interrupted_comes_first()
    {
        await SetAsync(2048, 3);
        await SetAsync(4096, 7);
        _platform.Bricks.Remember(_platform.Bricks.Journal[0] with { State = JournalState.Interrupted });

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            _changer.PrepareUndoAsync(Target, 1, s_scope, default)
        );
        PreparedChange newest = await _changer.PrepareUndoAsync(Target, null, s_scope, default);

        Assert.Equal(NestVirtErrorKind.ChangeIncomplete, error.Kind);
        Assert.StartsWith("Change 2 was interrupted", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("undo 2:", newest.Plan.Title, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_made_between_the_plan_of_a_way_back_and_the_way_back_is_not_taken_along()
    {
        await SetAsync(2048, 3);
        PreparedChange plain = await _changer.PrepareUndoAsync(Target, 1, s_scope, default);
        PreparedChange forced = await Changer().PrepareUndoAsync(Target, 1, s_forced, default);
        await SetAsync(2048, 5);

        NestVirtException overlaid = await Assert.ThrowsAsync<NestVirtException>(() => plain.ApplyAsync(default));
        NestVirtException newer = await Assert.ThrowsAsync<NestVirtException>(() => forced.ApplyAsync(default));

        Assert.Contains("Change 2 changed the same since", overlaid.Message, StringComparison.Ordinal);
        Assert.Equal("Change 2 was made meanwhile, and nothing was done.", newer.Message);
        Assert.Equal("5", Bricks);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Changes_that_are_named_newest_first_are_all_taken_back(bool planFirst)
    {
        await SetAsync(2048, 3);
        await SetAsync(2048, 5);
        await SetAsync(2048, 1);
        List<PreparedChange> backs = [];
        foreach (JournalEntry entry in _platform.Bricks.Journal)
        {
            PreparedChange back = await _changer.PrepareUndoAsync(Target, entry.Id, s_scope, default);
            backs.Add(back);
            if (!planFirst)
            {
                await back.ApplyAsync(default);
            }
        }

        foreach (PreparedChange back in planFirst ? backs : [])
        {
            await back.ApplyAsync(default);
        }

        Assert.Equal("1", Bricks);
        Assert.All(_platform.Bricks.Journal, static entry => Assert.Equal(JournalState.Undone, entry.State));
    }

    [Fact]
    public void A_part_of_a_thing_is_the_same_as_the_whole()
    {
        TouchedThing whole = new("pci/0000:03:00.0", "a");
        TouchedThing part = new("pci/0000:03:00.0/vf", "b");
        TouchedThing other = new("pci/0000:03:00.01", "c");

        Assert.True(Overlap(whole, part) && Overlap(part, whole) && Overlap(whole, whole));
        Assert.False(Overlap(whole, other) || Overlap(other, part));
        TouchedThing everything = new(TouchedThing.Everything, "d");
        Assert.True(Overlap(everything, other) && Overlap(other, everything));

        static bool Overlap(TouchedThing one, TouchedThing another)
        {
            TouchedThings things = new();
            things.Add([one]);
            return things.Overlap(another);
        }
    }

    [Fact]
    public async Task A_journal_tells_of_the_newest_of_a_kind_whether_it_is_in_effect()
    {
        await SetAsync(2048, 3);
        JournalEntry entry = _platform.Bricks.Journal[0];
        _platform.Bricks.Remember(
            entry with
            {
                Plan = entry.Plan! with { Changes = [entry.Changes[0] with { TakesEffect = ChangeTiming.NextBoot }] },
            }
        );
        JournalQuery query = new(new PlatformCatalog(_platform));
        int visits = _platform.Bricks.Visits;
        JournalEntry standing = Assert.Single(await query.RunAsync(Target, default).ToListAsync());
        int asked = _platform.Bricks.Visits - visits;
        _box.Write("stacks/2048", "2\n");
        JournalEntry lost = Assert.Single(await query.RunAsync(Target, default).ToListAsync());

        Assert.Equal((ChangeState.InEffect, ChangeState.NotInEffect), (standing.Effect, lost.Effect));
        Assert.Equal(1, asked);
    }

    public void Dispose() => _box.Dispose();

    private HostChanger Changer(bool mayRestart = false) => new(_ => [_platform], ProbeReader.Default, mayRestart);

    private async Task SetAsync(long size, long count) =>
        await (await _changer.PrepareAsync(Target, new HugePageRequest(size, count), default)).ApplyAsync(default);

    private async Task<ChangeResult> UndoAsync(int id, ChangeScope scope) =>
        await (await _changer.PrepareUndoAsync(Target, id, scope, default)).ApplyAsync(default);
}
