using System.Management.Automation;

namespace NestVirt.PowerShell.Parameters;

/// <summary>Gives a cmdlet the parameters that name hosts, live and recorded, in three sets.</summary>
public abstract class HostCommand : LiveHostCommand
{
    /// <summary>Recorded hosts.</summary>
    protected internal const string RecordedSet = "Recorded";

    /// <summary>Directory trees that hold a host's proc and sys.</summary>
    protected internal const string RootSet = "Root";

    /// <summary>Gets or sets the recorded hosts.</summary>
    [Parameter(ParameterSetName = RecordedSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] SnapshotPath { get; set; } = [];

    /// <summary>Gets or sets the directories that hold a host's proc and sys.</summary>
    [Parameter(Mandatory = true, ParameterSetName = RootSet)]
    [ValidateNotNullOrEmpty]
    public string[] Root { get; set; } = [];
}
