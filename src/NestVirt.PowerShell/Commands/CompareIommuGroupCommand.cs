using System.Management.Automation;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Parameters;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Questions;

namespace NestVirt.PowerShell.Commands;

/// <summary>Compares the IOMMU groups of hosts with those of an earlier snapshot, or of another host.</summary>
[Cmdlet(VerbsData.Compare, "IommuGroup", DefaultParameterSetName = HostSet)]
[OutputType(typeof(IommuDifference))]
public sealed class CompareIommuGroupCommand : HostReadCommand<IommuDifference>
{
    /// <summary>Gets or sets what to compare with: a snapshot file or a host.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(HostNameCompleter))]
    public string? Reference { get; set; }

    /// <summary>Gets or sets the Linux hosts: host, user@host or user@host:port, hosts and groups of the inventory, or snapshot files.</summary>
    [Parameter(Position = 1, ParameterSetName = HostSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(HostNameCompleter))]
    public override string[] HostName { get; set; } = [];

    /// <summary>Gets or sets the snapshot that was taken before.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [Alias("ReferenceSnapshotPath")]
    public string? ReferencePath { get; set; }

    /// <summary>Gets or sets the Linux host to compare with: host, user@host or user@host:port, or a host of the inventory.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(HostNameCompleter))]
    public string? ReferenceHostName { get; set; }

    /// <summary>Gets or sets the host to compare with, taken from an object that this module wrote.</summary>
    [Parameter]
    [ValidateNotNull]
    public HostTarget? ReferenceTarget { get; set; }

    /// <inheritdoc/>
    internal override bool TakesFilesForHosts => true;

    /// <inheritdoc/>
    protected override IHostQuery<IommuDifference> CreateQuery() => HostQueries.CompareIommuGroups(FindReference());

    private HostTarget FindReference()
    {
        TakeFirstWordForHost();
        object?[] given = [Reference, ReferencePath, ReferenceHostName, ReferenceTarget];
        if (given.Count(static one => one is not null) != 1)
        {
            ThrowTerminatingError(ErrorRecords.ReferenceNotOne());
        }

        return ReferenceTarget is not null ? Hosts.WithLimits(ReferenceTarget)
            : ReferenceHostName is not null ? Hosts.HostOf(ReferenceHostName)
            : ReferencePath is not null ? Snapshot(this.FilePath(ReferencePath))
            : this.FindFile(Reference!) is { } file ? HostNames.Recorded(file)
            : Hosts.HostOf(Reference!);
    }

    // Where another parameter names the reference, the first word is that of the hosts.
    private void TakeFirstWordForHost()
    {
        bool isOther = ReferencePath is not null || ReferenceHostName is not null || ReferenceTarget is not null;
        if (isOther && Reference is not null && ParameterSetName == HostSet && HostName.Length == 0)
        {
            HostName = [Reference];
            Reference = null;
        }
    }

    private HostTarget Snapshot(string file)
    {
        if (!File.Exists(file))
        {
            ThrowTerminatingError(ErrorRecords.SourceNotFound(file));
        }

        return HostNames.Recorded(file);
    }
}
