using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.HyperV.Settings;
using NestVirt.HyperV.Worker;

namespace NestVirt.Core.Tests.HyperV.Worker;

/// <summary>The journal of a Hyper-V host, in files of the user's.</summary>
public sealed class ClientJournalTests : IDisposable
{
    private static readonly HostTarget s_host = new("hv1", new WsManAddress("hv1"));
    private static readonly HostIdentity s_machine = new("4c4c4544-0043-3510-8052-b4c04f564231", "boot", "10.0.20348");

    private readonly string _root = Directory.CreateTempSubdirectory("nestvirt-journal-").FullName;

    [Fact]
    public void A_change_is_interrupted_until_its_end_is_written()
    {
        ClientJournal journal = ClientJournal.Of(_root, s_machine);
        using (journal.Lock())
        {
            Assert.Equal(1, journal.Begin(Plan()));
            Assert.Equal(2, journal.Begin(Plan()));
            journal.End(2, JournalWords.Applied);
            Assert.Equal(
                [(2, JournalState.Applied), (1, JournalState.Interrupted)],
                journal.Read(s_host, isOwn: true).Select(static entry => (entry.Id, entry.State))
            );
            Assert.Equal(JournalState.Running, ClientJournal.Of(_root, s_machine).Read(s_host, isOwn: false)[1].State);
        }

        JournalEntry first = journal.Read(s_host, isOwn: false)[1];
        Assert.Equal((JournalState.Interrupted, "boot", true), (first.State, first.BootId, first.CanUndo));
        Assert.Same(s_host, first.Plan!.Target);
        Assert.InRange(first.When!.Value, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(1));
    }

    [Fact]
    public void Two_do_not_have_it_at_once()
    {
        ClientJournal journal = ClientJournal.Of(_root, s_machine);
        using (journal.Lock())
        {
            NestVirtException error = Assert.ThrowsAny<NestVirtException>(() =>
                ClientJournal.Of(_root, s_machine).Lock()
            );
            Assert.Equal(NestVirtErrorKind.HostLocked, error.Kind);
            ClientJournal.Of(_root, s_machine with { MachineId = "another" }).Lock().Dispose();
        }

        journal.Lock().Dispose();
    }

    [Theory]
    [InlineData("../../etc")]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("NUL")]
    public void A_host_chooses_no_path(string name)
    {
        ClientJournal.Of(_root, s_machine with { MachineId = name }).Lock().Dispose();

        Assert.StartsWith("host-", Path.GetFileName(Assert.Single(Directory.GetFileSystemEntries(_root))));
    }

    [Fact]
    public void What_nobody_can_read_is_an_entry_that_says_so()
    {
        ClientJournal journal = ClientJournal.Of(_root, s_machine);
        string folder = Path.Join(_root, s_machine.MachineId);
        using (journal.Lock())
        {
            journal.Begin(Plan());
            journal.Begin(Plan());
        }

        File.WriteAllText(Path.Join(folder, "1", "plan.json"), "{");
        File.WriteAllText(Path.Join(folder, "2", "when"), "yesterday");
        Directory.CreateDirectory(Path.Join(folder, "7"));
        Directory.CreateDirectory(Path.Join(folder, ".partial"));
        Directory.CreateDirectory(Path.Join(folder, "0008x"));

        IReadOnlyList<JournalEntry> entries = journal.Read(s_host, isOwn: false);

        Assert.Equal([7, 2, 1], entries.Select(static entry => entry.Id));
        Assert.Equal(
            [JournalState.Unknown, JournalState.Interrupted, JournalState.Interrupted],
            entries.Select(static entry => entry.State)
        );
        Assert.Null(entries[1].When);
        Assert.False(entries[2].IsReadable);
        using (journal.Lock())
        {
            Assert.Equal(8, journal.Begin(Plan()));
        }
    }

    [Fact]
    public void A_journal_that_cannot_be_written_is_a_sentence_before_anything_is_done()
    {
        string file = Path.Join(_root, s_machine.MachineId);
        File.WriteAllText(file, "no directory");

        NestVirtException error = Assert.ThrowsAny<NestVirtException>(() => ClientJournal.Of(_root, s_machine).Lock());

        Assert.Equal(NestVirtErrorKind.ChangeFailed, error.Kind);
        Assert.Contains("Nothing was done.", error.Message, StringComparison.Ordinal);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Which_machine_was_shut_down_is_kept_until_it_runs_again()
    {
        ClientJournal journal = ClientJournal.Of(_root, s_machine);
        using IDisposable own = journal.Lock();
        int id = journal.Begin(Plan());
        Guid vm = Guid.NewGuid();

        Guid other = Guid.NewGuid();
        StoppedVMs stopped = new(journal, id);
        stopped.Add(vm);
        stopped.Add(other);
        stopped.Remove(vm);

        Assert.Equal([other], new StoppedVMs(journal, id).All);
        File.WriteAllText(Path.Join(_root, s_machine.MachineId, "1", "stopped"), "lab\n");
        Assert.Empty(new StoppedVMs(journal, id).All);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static ChangePlan Plan()
    {
        VMStep step = new(Guid.NewGuid(), VMSetting.Exposed, @"Microsoft:X\0", string.Empty, "true");
        return new ChangePlan(
            s_host,
            new VmCpuRequest(["lab"]) { Expose = true },
            s_machine,
            [
                new HostChange("lab: ExposeVirtualizationExtensions", "false", "true", step.ToHostStep("false"))
                {
                    Undo = "sets false again",
                },
            ]
        );
    }
}
