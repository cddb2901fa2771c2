using System.Globalization;
using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Questions;

/// <summary>A platform that is not Linux: a folder with a file of colours, and stacks of so many bricks of a size and colour.</summary>
internal sealed class BrickPlatform : IPlatform
{
    private static readonly ShellProbe s_probe = new("toy", "cat \"$NESTVIRT_ROOT/toy\"");
    private static readonly ShellProbe s_stacks = new(
        "stacks",
        "for f in \"$NESTVIRT_ROOT\"/stacks/*; do nv_read \"$f\" && printf '%s\\t%s\\n' \"${f##*/}\" \"$nv_value\"; done"
    );

    /// <inheritdoc/>
    public string Name => "a box of bricks";

    /// <inheritdoc/>
    public HostProbe Mark => s_probe;

    /// <inheritdoc/>
    public IReadOnlyList<HostProbe> Probes => [s_probe];

    /// <summary>Gets what stacks the bricks.</summary>
    public BrickWorker Bricks { get; } = new();

    /// <inheritdoc/>
    public IChangeWorker Worker => Bricks;

    /// <inheritdoc/>
    public bool Has(HostTarget target) => target.Address is TreeAddress;

    /// <inheritdoc/>
    public PlatformAnswer<T>? Find<T>(Question<T> question) =>
        new PlatformAnswer<KvmModule>([s_probe], Read) as PlatformAnswer<T>;

    /// <inheritdoc/>
    public ChangePlanner? FindPlanner(ChangeRequest request) =>
        request is HugePageRequest ? new ChangePlanner([s_stacks], Plan) : null;

    private static IEnumerable<KvmModule> Read(ProbeAnswers answers, HostTarget target) =>
        answers[s_probe]
            .Text.TrimEnd()
            .Split('\n')
            .Select(name => new KvmModule(name, ModuleState.Loaded) { Target = target });

    private static ChangePlan Plan(HostTarget target, ChangeRequest request, ProbeAnswers answers)
    {
        HugePageRequest pages = (HugePageRequest)request;
        string name = pages.SizeKiB.ToString(CultureInfo.InvariantCulture);
        string count = pages.Count.ToString(CultureInfo.InvariantCulture);
        string present = ProbeListing.Parse(s_stacks.Name, answers[s_stacks].Text).Fact(name) ?? "0";
        return new ChangePlan(
            target,
            request,
            new HostIdentity("box", "day", "1"),
            present == count
                ? []
                :
                [
                    new HostChange($"bricks of {name}", present, count, new HostStep("stack", [name, count]))
                    {
                        Undo = "stacks as many as before",
                    },
                ]
        )
        {
            Pending = pages.IsTemporary
                ? [new Finding("GlueDries", Severity.Warning, "The glue dries until tomorrow.")]
                : [],
        };
    }
}

/// <summary>Stacks bricks, and remembers how many there were.</summary>
internal sealed class BrickWorker : IChangeWorker
{
    private readonly List<JournalEntry> _journal = [];

    /// <summary>Gets how often somebody came.</summary>
    public int Visits { get; private set; }

    /// <summary>Gets or sets the number of the change that cannot be taken back.</summary>
    public int? Stuck { get; set; }

    /// <summary>Gets or sets what happens when a change was taken back.</summary>
    public Action? AfterUndo { get; set; }

    /// <summary>Gets how often the box was shaken.</summary>
    public int Restarts { get; private set; }

    /// <summary>Gets or sets what is found after a way back.</summary>
    public Finding? Waits { get; set; }

    /// <summary>Gets the journal, the newest first.</summary>
    public IReadOnlyList<JournalEntry> Journal => [.. _journal.OrderByDescending(static entry => entry.Id)];

    /// <inheritdoc/>
    public bool GoesOnAlone { get; set; } = true;

    /// <inheritdoc/>
    public Task<IChangeSession> OpenAsync(HostTarget target, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Visits++;
        return Task.FromResult<IChangeSession>(new Session(this, target));
    }

    /// <inheritdoc/>
    public IReadOnlyList<HostChange> OrderUndo(ChangePlan plan) => [.. plan.Changes.Reverse()];

    /// <summary>Writes a change down that somebody made.</summary>
    /// <param name="entry">The change.</param>
    public void Remember(JournalEntry entry)
    {
        _journal.RemoveAll(other => other.Id == entry.Id);
        _journal.Add(
            entry with
            {
                Touches =
                [
                    .. entry.Changes.Select(static change => new TouchedThing(
                        change.Step.Arguments[0],
                        change.Setting
                    )),
                ],
            }
        );
    }

    private sealed class Session(BrickWorker worker, HostTarget target) : IChangeSession
    {
        public Task<ProbeAnswers> ReadAsync(IReadOnlyList<HostProbe> probes, CancellationToken cancellationToken) =>
            ProbeReader.Default.ReadAsync(target, probes, cancellationToken);

        public Task<IReadOnlyList<JournalEntry>> ReadJournalAsync(CancellationToken cancellationToken) =>
            Task.FromResult(worker.Journal);

        public Task<ChangeReceipt> ApplyAsync(
            ChangePlan plan,
            IProgress<string> progress,
            CancellationToken cancellationToken
        )
        {
            int id = worker._journal.Count + 1;
            foreach (HostChange change in plan.Changes)
            {
                Stack(change.Step.Arguments[0], change.To!);
            }

            worker.Remember(new JournalEntry(target, id, JournalState.Applied) { Plan = plan });
            return Task.FromResult(new ChangeReceipt(id, []));
        }

        public Task<IReadOnlyList<Finding>> UndoAsync(
            JournalEntry entry,
            int newestId,
            ChangeScope scope,
            IProgress<string> progress,
            CancellationToken cancellationToken
        )
        {
            Assert.Equal(worker.Journal[0].Id, newestId);
            if (entry.Id == worker.Stuck)
            {
                throw new NestVirtException(NestVirtErrorKind.HostChanged, "The bricks are glued.");
            }

            foreach (HostChange change in worker.OrderUndo(entry.Plan!))
            {
                Stack(change.Step.Arguments[0], change.From!);
            }

            worker.Remember(entry with { State = JournalState.Undone });
            worker.AfterUndo?.Invoke();
            return Task.FromResult<IReadOnlyList<Finding>>([]);
        }

        public Task<Finding?> FindWaitingAsync(JournalEntry entry, CancellationToken cancellationToken) =>
            Task.FromResult(worker.Waits);

        public Task RestartAsync(CancellationToken cancellationToken)
        {
            worker.Restarts++;
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private void Stack(string name, string count) =>
            File.WriteAllText($"{target.Path}/stacks/{name}", count + "\n");
    }
}
