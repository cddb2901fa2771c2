using System.Text;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Linux.Files;
using NestVirt.Linux.Worker;
using NestVirt.Transport;
using NestVirt.Transport.Shell;

namespace NestVirt.Core.Tests.Changes;

/// <summary>Changes of a directory tree by the same worker that changes a host.</summary>
/// <param name="inMemory">Whether the tree lies in memory, where there is such a place.</param>
internal sealed class TreeChange(bool inMemory = false) : IDisposable
{
    /// <summary>Gets the tree.</summary>
    public HostTree Tree { get; } = new HostTree(inMemory).Write("proc/sys/kernel/random/boot_id", "boot\n");

    /// <summary>Gets the target that stands for it.</summary>
    public HostTarget Target => new("tree", new TreeAddress(Tree.Path));

    /// <summary>Makes a plan of changes; its request only names what is allowed.</summary>
    public ChangePlan Plan(params IReadOnlyList<HostChange?> changes) =>
        new(
            Target,
            new NestingRequest(Enable: true),
            new HostIdentity("machine", "boot", "6.1"),
            [.. changes.OfType<HostChange>()]
        );

    /// <summary>Makes the change of a file of the tree.</summary>
    public HostChange? File(string path, string? text) => FileAction.Plan(path, Raw(path), text);

    /// <summary>Reads a file of the tree as the planners do; null when it is not there.</summary>
    public RawFile? Raw(string path) =>
        System.IO.File.Exists(Tree.Path + path)
            ? new RawFile(path, System.IO.File.ReadAllBytes(Tree.Path + path))
            : null;

    /// <summary>Reads a file of the tree; null when it is not there.</summary>
    public string? Text(string path) =>
        System.IO.File.Exists(Tree.Path + path) ? System.IO.File.ReadAllText(Tree.Path + path) : null;

    /// <summary>Makes the changes.</summary>
    public async Task<ChangeReport> ApplyAsync(ChangePlan plan) =>
        await RunAsync(ChangeScript.Apply(plan, "tester@desk", allowSudo: false));

    /// <summary>Takes them back.</summary>
    public async Task<ChangeReport> UndoAsync(ChangePlan plan, int id, bool force = false) =>
        await RunAsync(
            ChangeScript.Undo(
                plan,
                id,
                int.MaxValue,
                "tester@desk",
                new ChangeScope(StopGuests: false, 1, force),
                allowSudo: false
            )
        );

    /// <summary>Runs a script of the worker.</summary>
    public async Task<ChangeReport> RunAsync(string script)
    {
        IHostShell shell = await HostConnector.Default.OpenAsync(Target, CancellationToken.None);
        await using (shell.ConfigureAwait(false))
        {
            ShellResult result = await shell.RunAsync(script, CancellationToken.None);
            return ChangeReport.Parse(Encoding.UTF8.GetString(result.Output.Span));
        }
    }

    /// <summary>Reads the journal.</summary>
    public async Task<IReadOnlyList<JournalEntry>> JournalAsync() =>
        await HostChangers.Create().ReadJournalAsync(Target, CancellationToken.None);

    /// <inheritdoc/>
    public void Dispose() => Tree.Dispose();
}
