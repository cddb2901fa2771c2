using System.Diagnostics;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Core.Tests.Linux.Kvm;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Linux.Worker;

/// <summary>A change that was ended in the middle is named by whatever is asked of its host afterwards.</summary>
public sealed class InterruptedChangeTests : IDisposable
{
    private const string Words = "Change 3 was interrupted in the middle, and has to be taken back first.";
    private const string Journal = "var/lib/nestvirt/journal";

    private readonly KvmTree _host = new(isAmd: true);

    public InterruptedChangeTests() => Needs.Shell();

    private HostTarget Target => new("tree", new TreeAddress(_host.Boot.Tree.Path));

    [Fact]
    public async Task Every_question_and_every_plan_says_so_in_the_same_words()
    {
        With("3", "applying\n");

        Finding reason = Assert.Single((await SupportAsync()).Reasons, static one => one.Code == "ChangeInterrupted");
        ChangePlan plan = await HostChangers
            .Create()
            .PlanAsync(Target, new NestingRequest(Enable: false), TestContext.Current.CancellationToken);
        string[] others =
        [
            .. await WordsAsync(HostQuestions.KvmModules),
            .. await WordsAsync(HostQuestions.IommuGroups),
            .. await WordsAsync(HostQuestions.PciDevices),
            .. await WordsAsync(HostQuestions.SriovDevices),
        ];
        JournalEntry entry = Assert.Single(await JournalAsync());

        Assert.Equal((Words, Severity.Warning), (reason.Message, reason.Severity));
        Assert.StartsWith($"/{Journal}/3/state", reason.Evidence, StringComparison.Ordinal);
        Assert.Equal("<Undo ChangeId=3>", ChangeFailure.WasInterrupted(HostTarget.Local, 3).Command);
        Assert.Equal([Words, Words, Words, Words], others);
        Assert.Equal(Words, Assert.Single(plan.Findings, static one => one.Code == "ChangeInterrupted").Message);
        Assert.Equal(JournalState.Interrupted, entry.State);
        Assert.Equal(Words, Assert.Single(entry.Pending).Message);
        Assert.StartsWith(Words, ChangeFailure.Interrupted(Target, 3).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("applying\n", 1)]
    [InlineData("undoing\n", 1)]
    [InlineData("", 1)]
    [InlineData(null, 1)]
    [InlineData("applied\n", 0)]
    [InlineData("rolled-back\n", 0)]
    [InlineData("failed\n", 0)]
    [InlineData("undone\n", 0)]
    public async Task It_is_said_where_history_calls_it_so_and_nowhere_else(string? state, int count)
    {
        With("2", "applied\n").With("3", state).With("4", "undone\n");
        _host.Write($"{Journal}/.new/plan.json", "{}").Write($"{Journal}/12/plan.json", "");

        Assert.Equal(
            Enumerable.Repeat(Words, count),
            (await SupportAsync())
                .Reasons.Where(static one => one.Code == "ChangeInterrupted")
                .Select(one => one.Message)
        );
        Assert.Equal(
            count,
            (await JournalAsync()).Count(static entry => entry.State == JournalState.Interrupted && entry.Id == 3)
        );
        Assert.Equal(count, (await WordsAsync(HostQuestions.KvmModules)).Count());
    }

    [Fact]
    public async Task A_change_that_is_being_made_just_now_is_not_meant()
    {
        With("3", "applying\n");
        _host.Write("run/nestvirt/lock", "");
        ProcessStartInfo start = new(
            "flock",
            [$"{_host.Boot.Tree.Path}/run/nestvirt/lock", "sh", "-c", "echo; read -r _"]
        )
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process holder = Process.Start(start)!;
        await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);

        IEnumerable<string> words = await WordsAsync(HostQuestions.KvmModules);
        JournalEntry entry = Assert.Single(await JournalAsync());
        holder.StandardInput.Close();
        await holder.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Empty(words);
        Assert.Equal((JournalState.Running, 0), (entry.State, entry.Pending.Count));
        Assert.Equal([Words], await WordsAsync(HostQuestions.KvmModules));
    }

    public void Dispose() => _host.Dispose();

    private InterruptedChangeTests With(string id, string? state)
    {
        _host.Write($"{Journal}/{id}/plan.json", "{}");
        if (state is not null)
        {
            _host.Write($"{Journal}/{id}/state", state);
        }

        return this;
    }

    private async Task<NestedSupport> SupportAsync() =>
        Assert.Single(
            await HostQueries
                .Ask(HostQuestions.Support)
                .RunAsync(Target, TestContext.Current.CancellationToken)
                .ToListAsync()
        );

    private async Task<IEnumerable<string>> WordsAsync<T>(Question<T> question)
    {
        IHostQuery<T> query = HostQueries.Ask(question);
        try
        {
            await query.RunAsync(Target, TestContext.Current.CancellationToken).ToListAsync();
        }
        catch (NestVirtException)
        {
            // The tree has no PCI; what is said of the host does not hang on that.
        }

        return query.FindingsOf(Target).Select(static finding => finding.Message);
    }

    private async Task<IReadOnlyList<JournalEntry>> JournalAsync() =>
        await HostQueries.ReadJournal().RunAsync(Target, TestContext.Current.CancellationToken).ToListAsync();
}
