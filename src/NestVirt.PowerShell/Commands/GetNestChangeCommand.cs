using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Filters;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Questions;

namespace NestVirt.PowerShell.Commands;

/// <summary>Gets the changes that were made on one or more hosts, the newest of each first.</summary>
[Cmdlet(VerbsCommon.Get, "NestChange", DefaultParameterSetName = HostSet)]
[OutputType(typeof(JournalEntry))]
public sealed class GetNestChangeCommand : HostReadCommand<JournalEntry>
{
    /// <summary>Gets or sets the numbers of the changes to keep.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ValidateRange(1, int.MaxValue)]
    public int[]? Id { get; set; }

    /// <inheritdoc/>
    protected override IHostQuery<JournalEntry> CreateQuery() => HostQueries.ReadJournal();

    /// <inheritdoc/>
    protected override ResultFilter<JournalEntry> CreateFilter() => new JournalFilter(Id);
}
