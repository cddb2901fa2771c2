using System.Management.Automation;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Questions;

namespace NestVirt.PowerShell.Commands;

/// <summary>Compares the IOMMU groups of hosts with those of an earlier snapshot, or of another host.</summary>
/// <remarks>
/// The three ways to name the reference are no parameter sets: with the seven ways to name hosts they would make 21.
/// </remarks>
[Cmdlet(VerbsData.Compare, "IommuGroup", DefaultParameterSetName = LocalSet)]
[OutputType(typeof(IommuDifference))]
public sealed class CompareIommuGroupCommand : HostReadCommand<IommuDifference>
{
    private HostTarget _reference = null!;

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
    protected override IHostQuery<IommuDifference> CreateQuery() => HostQueries.CompareIommuGroups(_reference);

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (
            new object?[] { ReferencePath, ReferenceHostName, ReferenceTarget }.Count(static given => given is not null)
            != 1
        )
        {
            ThrowTerminatingError(ErrorRecords.ReferenceNotOne());
        }

        base.BeginProcessing();
    }

    /// <inheritdoc/>
    private protected override void OnHostsNamed() =>
        _reference =
            ReferenceTarget is not null ? WithLimits(ReferenceTarget)
            : ReferenceHostName is not null ? WithLimits(OneHost(ReferenceHostName))
            : ExistingSnapshot(FilePath(ReferencePath!));

    private HostTarget ExistingSnapshot(string path)
    {
        if (!File.Exists(path))
        {
            ThrowTerminatingError(ErrorRecords.SourceNotFound(path));
        }

        return SnapshotTarget(path);
    }
}
