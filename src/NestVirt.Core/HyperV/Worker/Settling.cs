namespace NestVirt.HyperV.Worker;

/// <summary>Waits for what was cut off, which may go on at the host.</summary>
/// <param name="settings">Asks the host.</param>
/// <param name="pace">How long is waited.</param>
internal sealed class Settling(VMSettings settings, ChangePace pace)
{
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private bool _isLast;

    /// <summary>Waits a little.</summary>
    /// <returns>True when the host has done by now all that it will do: it was looked at once more since its last job ended.</returns>
    /// <exception cref="NestVirtException">Jobs do not end, or the host does not answer, so that nobody knows.</exception>
    internal async Task<bool> IsOverAsync()
    {
        if (_isLast)
        {
            return true;
        }

        TimeSpan waited = TimeProvider.System.GetElapsedTime(_began);
        int jobs = await settings.CountJobsAsync().ConfigureAwait(false);
        if (jobs > 0 && waited > pace.Job)
        {
            throw HyperVFailure.JobsDoNotEnd(jobs);
        }

        // What came to the host in the moment in which the connection was lost is no job yet.
        _isLast = jobs == 0 && waited > pace.Settling;
        if (!_isLast)
        {
            await Task.Delay(pace.Between).ConfigureAwait(false);
        }

        return false;
    }
}
