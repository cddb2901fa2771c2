using System.Text.Json;
using System.Text.Json.Nodes;
using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Worker;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Linux.Worker;

/// <summary>The journal of a host that writes into it what it likes.</summary>
[Trait("Category", "Security")]
public sealed class HostileJournalTests
{
    private static readonly NestingRequest s_request = new(Enable: true) { StopGuests = true };

    private static readonly ChangePlan s_plan = new(
        HostTarget.Local,
        s_request,
        new HostIdentity("machine", "boot", "6.1"),
        [
            ModuleAction.Plan("kvm_amd", null, ["kvm_amd.nested"], "loaded", s_request, ["guest"]),
            new HostChange("/etc/f", null, "1 line", new HostStep("file", ["/etc/f", "644"]))
            {
                Undo = "removes it",
                Diff = ["+a"],
            },
        ]
    )
    {
        Pending = [WorkerFailure.StillBooted(JournalState.Applied)],
    };

    private static readonly string[] s_values =
    [
        "null",
        "-1",
        "0",
        "1e400",
        "99999999999999999999",
        "-2147483648",
        "1.5",
        "true",
        "[]",
        "[null]",
        "{}",
        "[[]]",
        "\"\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"99999999.00:00:00\"",
        "\"-10675199.02:48:05.4775808\"",
        "\"10675199.02:48:05.4775807\"",
        "\"9999-12-31T23:59:59-14:00\"",
        "\"$(reboot)\\n\\u001b[2J\"",
        "{\"kind\":\"nesting\"}",
        "{\"kind\":\"hugepages\",\"count\":-9223372036854775808}",
    ];

    public static TheoryData<string> Dates =>
        [
            "",
            "\0",
            "0000-00-00T00:00:00Z boot",
            "9999-12-31T23:59:59-14:00 boot",
            "0001-01-01T00:00:00+14:00",
            "99999999999-01-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "12:00",
            "2026-01-01T00:00:00+05:00 boot",
        ];

    [Fact]
    public void A_value_that_is_none_makes_its_own_entry_unreadable_or_is_harmless()
    {
        string plan = PlanDocument.Write(s_plan);
        Assert.True(Entry(plan).CanUndo);

        string[] paths = [.. Paths(JsonNode.Parse(plan)!, "$")];
        Assert.True(paths.Length > 40, string.Join(' ', paths));
        foreach (string path in paths)
        {
            foreach (string value in s_values)
            {
                UseAll(plan, With(plan, path, value), $"{path} = {value}");
            }

            UseAll(plan, With(plan, path, null), $"no {path}");
        }
    }

    [Theory]
    [MemberData(nameof(Dates))]
    public void A_date_that_is_none_is_unknown(string when)
    {
        JournalEntry entry = Assert.Single(Read($"{File(7, "when", when)}{File(7, "state", "applied")}"));

        Assert.Null(entry.When);
        Assert.Null(entry.Plan);
    }

    [Fact]
    public void A_number_is_one_change_and_no_other_word_is_any()
    {
        string[] words =
        [
            "7",
            "007",
            "-1",
            "0",
            "99999999999999999999",
            "1e3",
            "7 ",
            "\0",
            "../../etc",
            "2147483647",
            "+8",
            "٣",
        ];
        string text = string.Concat(
            words.Select(static word => $"@/var/lib/nestvirt/journal/{word}/state\n|applied\n")
        );

        Assert.Equal([2147483647, 7], Read(text).Select(static entry => entry.Id));
    }

    [Fact]
    public void A_time_that_a_journal_asks_for_is_not_the_users()
    {
        ChangePlan plan = s_plan with
        {
            Changes =
            [
                .. new[] { TimeSpan.MaxValue, TimeSpan.MinValue, TimeSpan.FromDays(1000), TimeSpan.MaxValue }.Select(
                    static time => s_plan.Changes[0] with { Step = s_plan.Changes[0].Step with { Timeout = time } }
                ),
            ],
        };

        Assert.Equal(TimeSpan.FromHours(1), HostChanger.TimeoutOf(plan, new ChangeScope(false, 86_400, false)));
        Assert.Equal(
            TimeSpan.FromHours(2) + TimeSpan.FromSeconds(90),
            HostChanger.TimeoutOf(plan, new ChangeScope(true, 90, false))
        );
        Assert.Equal(TimeSpan.FromHours(26), HostChanger.TimeoutOf(plan, new ChangeScope(true, int.MaxValue, false)));
        Assert.Equal(TimeSpan.FromSeconds(780), HostChanger.TimeoutOf(s_plan, default));
    }

    [Fact]
    public void A_report_of_steps_that_the_plan_has_not_is_left_out_and_a_long_one_is_cut()
    {
        string said = string.Concat(Enumerable.Repeat($"|{new string('x', 1000)}\n", 1000));
        ChangeReport report = ChangeReport.Parse(
            $"id -1\nid 0\nfailed 99999999999\nfailed 99\n|words\nfailed -1\ndiffers 0 x\ndiffers 9 x\nstate\nstate \0\nkept 2\n{said}kept 2\n{said}kept 2\n{said}",
            stepCount: 2
        );

        Assert.Null(report.Id);
        Assert.Null(report.FailedStep);
        Assert.Empty(report.Differences);
        Assert.Equal([2], report.Steps.Keys);
        Assert.InRange(report.Steps[2].Output.Length, 1, 20_000);
        Assert.Throws<NestVirtException>(() => WorkerFailure.ThrowIfFailed(s_plan, report, string.Empty));
        Assert.Throws<NestVirtException>(() => WorkerFailure.ThrowIfNotUndone(s_plan, 1, report, string.Empty));
    }

    [Fact]
    public void Twice_as_many_changes_take_twice_the_work_to_read_and_to_choose_from()
    {
        Work(50);
        (long read, long chosen) = Work(1000);
        (long readTwice, long chosenTwice) = Work(2000);

        Assert.InRange((double)readTwice / read, 1, 2.6);
        Assert.InRange((double)chosenTwice / chosen, 1, 2.6);
    }

    // Each change touches what the one before it does, and so all are taken back together; allocations count the steps taken.
    private static (long Read, long Chosen) Work(int count)
    {
        string text = string.Concat(
            Enumerable
                .Range(1, count)
                .Select(number =>
                    File(
                        number,
                        "plan.json",
                        PlanDocument.Write(s_plan with { Changes = [FileChange(number), FileChange(number + 1)] })
                    ) + File(number, "state", "applied")
                )
        );
        long start = GC.GetAllocatedBytesForCurrentThread();
        IReadOnlyList<JournalEntry> journal = Read(text);
        long read = GC.GetAllocatedBytesForCurrentThread();
        UndoChoice choice = UndoChoice.Make(journal, journal[^1], force: true, static _ => false);
        long chosen = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(count, choice.All.Count());
        Assert.Contains(
            $"{count - 1} changes from 2 to {count}",
            Assert
                .Throws<NestVirtException>(() => UndoChoice.Make(journal, journal[^1], force: false, static _ => false))
                .Message,
            StringComparison.Ordinal
        );
        return (read - start, chosen - read);
    }

    private static HostChange FileChange(int number) =>
        s_plan.Changes[1] with
        {
            Step = new HostStep("file", [$"/etc/f{number}", "644"]),
        };

    // All that both doors do with an entry: show it, write it, choose it, take it back.
    private static void UseAll(string honest, string hostile, string what)
    {
        try
        {
            IReadOnlyList<JournalEntry> journal = Read(
                $"{File(1, "plan.json", honest)}{File(1, "state", "applied")}{File(2, "plan.json", hostile)}{File(2, "state", "applied")}"
            );
            Assert.Equal([2, 1], journal.Select(static entry => entry.Id));
            Assert.NotNull(journal[1].Plan);
            JournalEntry entry = journal[0];
            _ = $"{entry} {entry.Title} {entry.CanUndo} {entry.Outcome} {JsonSerializer.Serialize(entry.Changes)}";
            _ = $"{JsonSerializer.Serialize(entry.Plan?.Pending)} {string.Join('|', entry.Plan?.Disruptions ?? [])}";
            _ = string.Concat(entry.Changes.Select(static change => $"{change.Summary}{change}{change.Step}"));
            foreach (JournalEntry one in journal)
            {
                try
                {
                    UndoChoice choice = UndoChoice.Make(journal, one, force: true, static _ => false);
                    foreach (JournalEntry back in choice.All)
                    {
                        ChangeScope scope = new(true, 10, true);
                        _ = HostChanger.TimeoutOf(back.Plan!, scope);
                        _ = ChangeScript.UndoOrder(back.Plan!).Count();
                        _ = ChangeScript.Undo(back.Plan!, back.Id, 2, "me", scope, allowSudo: true);
                        _ = new NestVirtException(
                            NestVirtErrorKind.ChangeFailed,
                            string.Join(' ', back.Plan!.Changes.Select(HostUndo.Reverse))
                        );
                    }
                }
                catch (NestVirtException)
                {
                    // An error of ours, for this change alone.
                }
            }
        }
        catch (Exception error) when (error is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{what}: {error}");
        }
    }

    private static JournalEntry Entry(string plan) =>
        Assert.Single(Read(File(1, "plan.json", plan) + File(1, "state", "applied")));

    private static IReadOnlyList<JournalEntry> Read(string text)
    {
        ProbeAnswers answers = new();
        answers.Set(JournalProbe.Probe.Name, new ProbeAnswer(text));
        return JournalProbe.Read(HostTarget.Local, answers);
    }

    private static string File(int id, string name, string text) =>
        $"@/var/lib/nestvirt/journal/{id}/{name}\n|{text.TrimEnd('\n').Replace("\n", "\n|", StringComparison.Ordinal)}\n";

    private static IEnumerable<string> Paths(JsonNode? node, string path) =>
        node switch
        {
            JsonObject map => map.SelectMany(pair => Paths(pair.Value, $"{path}.{pair.Key}")).Prepend(path),
            JsonArray list => list.SelectMany((one, index) => Paths(one, $"{path}[{index}]")).Prepend(path),
            _ => [path],
        };

    // JsonNode cannot hold what is no JSON of its own, such as a number beyond all types; text can.
    private static string With(string plan, string path, string? value)
    {
        const string Mark = "\u0001";
        JsonNode root = JsonNode.Parse(plan)!;
        JsonNode? parent = root;
        string[] names = path[1..]
            .Replace("[", ".[", StringComparison.Ordinal)
            .Split('.', StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0)
        {
            return value ?? string.Empty;
        }

        foreach (string name in names[..^1])
        {
            parent = name[0] == '[' ? parent![int.Parse(name[1..^1], null)] : parent![name];
        }

        if (names[^1][0] == '[')
        {
            JsonArray list = parent!.AsArray();
            int index = int.Parse(names[^1][1..^1], null);
            list.RemoveAt(index);
            if (value is not null)
            {
                list.Insert(index, Mark);
            }
        }
        else
        {
            parent!.AsObject().Remove(names[^1]);
            if (value is not null)
            {
                parent[names[^1]] = Mark;
            }
        }

        return root.ToJsonString().Replace("\"\\u0001\"", value, StringComparison.Ordinal);
    }
}
