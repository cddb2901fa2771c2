using System.Diagnostics;
using NestVirt.Guidance;
using NestVirt.Text;

namespace NestVirt.Hosts;

/// <summary>The place that the work on one host's answers takes in memory: without asking while they are short, one of a few when they are long.</summary>
/// <remarks>
/// So memory does not grow with the number of hosts that lie. A host waits for a place while it holds none, and whoever
/// holds one ends within a time-out of its own: nobody waits for ever.
/// </remarks>
internal sealed class AnswerPlace : IDisposable
{
    // Whoever holds a place ends within a time-out of its own: after this long nobody does.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(10);
    private static readonly SemaphoreSlim s_places = new(AnswerLimits.LongAtOnce);
    private static readonly AsyncLocal<AnswerPlace?> s_current = new();

    private readonly AnswerPlace? _outer;
    private int _isHeld;
    private volatile bool _isEnded;

    private AnswerPlace(AnswerPlace? outer) => _outer = outer;

    /// <summary>Gets how long a place was waited for.</summary>
    internal TimeSpan Waited { get; private set; }

    /// <summary>Begins work on the answers of a host; what it calls finds the same place.</summary>
    /// <returns>The place, which is given back when it is disposed.</returns>
    internal static AnswerPlace Begin() => s_current.Value = new AnswerPlace(s_current.Value);

    /// <summary>Takes a place for a long answer, unless this work has one.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="NestVirtException">None became free in a long time.</exception>
    internal async Task TakeAsync(CancellationToken cancellationToken)
    {
        if (_outer is not null)
        {
            await _outer.TakeAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        if (_isHeld != 0 || _isEnded)
        {
            return;
        }

        long began = Stopwatch.GetTimestamp();
        if (!await s_places.WaitAsync(s_longestWait, cancellationToken).ConfigureAwait(false))
        {
            throw new NestVirtException(
                NestVirtErrorKind.HostTimeout,
                $"The host's answer is longer than {AnswerLimits.ShortBytes >> 20} MiB; {AnswerLimits.LongAtOnce} of that length are held at once, and none of the others ended within {DurationText.Of(s_longestWait)}."
            )
            {
                Remedy = Advice.Of($"Ask it again by itself, or fewer hosts at once with {HostSetting.Throttle}."),
            };
        }

        _isHeld = 1;
        Waited += Stopwatch.GetElapsedTime(began);
        if (_isEnded)
        {
            // Whoever wanted the answer has left, and the shell goes on to its end: see NestSession.
            GiveBack();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isEnded = true;
        GiveBack();
    }

    private void GiveBack()
    {
        if (Interlocked.Exchange(ref _isHeld, 0) != 0)
        {
            // Large garbage would lie until there is much more of it, and the next long answer comes beside it.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
            s_places.Release();
        }
    }
}
