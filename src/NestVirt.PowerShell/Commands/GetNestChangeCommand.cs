using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Questions;

namespace NestVirt.PowerShell.Commands;

/// <summary>Gets the changes that were made on one or more hosts, the newest of each first.</summary>
[Cmdlet(VerbsCommon.Get, "NestChange", DefaultParameterSetName = LocalSet)]
[OutputType(typeof(JournalEntry))]
public sealed class GetNestChangeCommand : HostQueryCommand<JournalEntry>
{
    private readonly HashSet<int> _found = [];

    /// <summary>Gets or sets the numbers of the changes to keep.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ValidateRange(1, int.MaxValue)]
    public int[]? Id { get; set; }

    /// <inheritdoc/>
    protected override IHostQuery<JournalEntry> CreateQuery() => HostQueries.ReadJournal();

    /// <inheritdoc/>
    private protected override void OnAnswered(IReadOnlyList<HostTarget> hosts) =>
        WriteNotFound("the change", (Id ?? []).Except(_found).Select(static id => $"{id}"));

    /// <inheritdoc/>
    protected override void OnValue(JournalEntry value)
    {
        _found.Add(value.Id);
        if (Id is null || Id.Contains(value.Id))
        {
            WriteObject(value);
        }
    }
}
