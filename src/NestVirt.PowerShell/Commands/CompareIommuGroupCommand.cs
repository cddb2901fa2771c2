using System.Management.Automation;
using NestVirt.Model;
using NestVirt.PowerShell.Hosting;
using NestVirt.Queries;
using NestVirt.Transport;

namespace NestVirt.PowerShell.Commands;

/// <summary>Compares the IOMMU groups of hosts with those of an earlier snapshot.</summary>
[Cmdlet(VerbsData.Compare, "IommuGroup", DefaultParameterSetName = LocalSet)]
[OutputType(typeof(IommuDifference))]
public sealed class CompareIommuGroupCommand : HostReadCommand<IommuDifference>
{
    /// <summary>Gets or sets the snapshot that was taken before.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string ReferencePath { get; set; } = string.Empty;

    /// <inheritdoc/>
    protected override IHostQuery<IommuDifference> CreateQuery() => new IommuDifferenceQuery(
        new IommuQuery(ProbeReader.Default),
        SnapshotTarget(FilePath(ReferencePath)));

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        string path = FilePath(ReferencePath);
        if (!File.Exists(path))
        {
            ThrowTerminatingError(ErrorRecords.SourceNotFound(path));
        }

        base.BeginProcessing();
    }
}
