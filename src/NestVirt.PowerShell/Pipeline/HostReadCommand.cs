using System.Management.Automation;
using NestVirt.Hosts;
using NestVirt.PowerShell.Completion;

namespace NestVirt.PowerShell.Pipeline;

/// <summary>Reads hosts, recorded ones from the pipeline too, and writes the answers that are wanted.</summary>
/// <typeparam name="T">The type of an answer.</typeparam>
public abstract class HostReadCommand<T> : RecordedHostCommand<T>
    where T : class
{
    /// <summary>Recorded hosts, by paths that are taken as they stand.</summary>
    protected const string LiteralPathSet = "LiteralPath";

    /// <summary>Gets or sets the recorded hosts, by paths in which no character is a wildcard.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet)]
    [ValidateNotNullOrEmpty]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Says whether an answer is wanted.</summary>
    /// <param name="value">The answer.</param>
    /// <returns>True if it is to be written.</returns>
    protected virtual bool IsWanted(T value) => true;

    /// <inheritdoc/>
    protected sealed override void OnValue(T value)
    {
        SeenValues.Remember(value);
        if (IsWanted(value))
        {
            WriteObject(value);
        }
    }

    /// <inheritdoc/>
    private protected sealed override HostTarget TargetOfFile(string path) => SnapshotTarget(path);

    /// <inheritdoc/>
    private protected sealed override IEnumerable<HostTarget> NamedTargets() =>
        ParameterSetName switch
        {
            LiteralPathSet => LiteralPath.Select(path => SnapshotTarget(FilePath(path))),
            _ => base.NamedTargets(),
        };
}
