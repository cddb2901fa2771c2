using System.Management.Automation;
using NestVirt.Execution;
using NestVirt.Text;

namespace NestVirt.PowerShell.Pipeline;

/// <summary>Shows how far a cmdlet is, in one activity.</summary>
/// <param name="cmdlet">The cmdlet.</param>
internal sealed class ProgressDisplay(PSCmdlet cmdlet)
{
    private const int ActivityId = 1;

    private string Activity => cmdlet.MyInvocation.MyCommand.Name;

    /// <summary>Shows how many hosts have answered, and what is done at one of them.</summary>
    internal void Show(HostProgress progress) =>
        cmdlet.WriteProgress(
            new ProgressRecord(ActivityId, Activity, $"{progress.Ended} of {progress.Added} hosts have answered.")
            {
                CurrentOperation = progress.Doing is { } doing ? HostText.ForDisplay(doing) : null,
                PercentComplete = progress.Added == 0 ? 0 : (int)(100L * progress.Ended / progress.Added),
            }
        );

    /// <summary>Takes the display away.</summary>
    internal void End() =>
        cmdlet.WriteProgress(
            new ProgressRecord(ActivityId, Activity, "All hosts have answered.")
            {
                RecordType = ProgressRecordType.Completed,
            }
        );
}
