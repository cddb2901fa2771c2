namespace NestVirt.HyperV.Worker;

/// <summary>Waits for what was cut off, which may go on at the host.</summary>
/// <param name="settings">Asks the host.</param>
/// <param name="pace">How long is waited.</param>
/// <param name="least">How long something that is no job may go on.</param>
internal sealed class Settling(VMSettings settings, ChangePace pace, TimeSpan least)
{
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private bool _isLast;

    /// <summary>Gets a value indicating whether jobs of the host did not end in the time that a job may take, be they of this or of something else.</summary>
    internal bool DoJobsRun { get; private set; }

    /// <summary>Waits a little.</summary>
    /// <returns>True when the host has done by now all that it will do, as far as that can be told: it was looked at once more since its last job ended.</returns>
    /// <exception cref="NestVirtException">The host does not answer, so that nobody knows.</exception>
    internal async Task<bool> IsOverAsync()
    {
        if (_isLast)
        {
            return true;
        }

        TimeSpan waited = TimeProvider.System.GetElapsedTime(_began);
        bool runs = await settings.CountJobsAsync().ConfigureAwait(false) > 0;
        DoJobsRun = runs && waited > pace.Job;

        // What came to the host in the moment in which the connection was lost is no job yet.
        _isLast = DoJobsRun || (!runs && waited > least);
        if (!_isLast)
        {
            await Task.Delay(pace.Between).ConfigureAwait(false);
        }

        return false;
    }
}
