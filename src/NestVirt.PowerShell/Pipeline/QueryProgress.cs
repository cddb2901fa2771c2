using System.Management.Automation;

namespace NestVirt.PowerShell.Pipeline;

/// <summary>Decides when progress is worth showing: not in the first second, and at most four times a second.</summary>
/// <param name="activity">What is under way.</param>
/// <param name="time">Tells the time.</param>
internal sealed class QueryProgress(string activity, TimeProvider time)
{
    private const int ActivityId = 1;

    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);

    private readonly long _start = time.GetTimestamp();
    private long _last;

    /// <summary>Gets a value indicating whether any progress was shown.</summary>
    internal bool IsShown { get; private set; }

    /// <summary>Says whether it is time to show progress again.</summary>
    /// <returns>True if it is.</returns>
    internal bool IsDue() =>
        IsShown ? time.GetElapsedTime(_last) >= s_interval : time.GetElapsedTime(_start) >= s_silence;

    /// <summary>Makes the next record.</summary>
    /// <param name="ended">How many hosts gave their last answer.</param>
    /// <param name="added">How many hosts there are.</param>
    /// <returns>The record.</returns>
    internal ProgressRecord Next(int ended, int added)
    {
        IsShown = true;
        _last = time.GetTimestamp();
        return new ProgressRecord(ActivityId, activity, $"{ended} of {added} hosts have answered.")
        {
            PercentComplete = added == 0 ? 0 : (int)(100L * ended / added),
        };
    }

    /// <summary>Makes the record that takes the display away.</summary>
    /// <returns>The record.</returns>
    internal ProgressRecord Completed() =>
        new(ActivityId, activity, "All hosts have answered.") { RecordType = ProgressRecordType.Completed };
}
