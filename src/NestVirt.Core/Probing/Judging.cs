using System.Diagnostics;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Probing;

/// <summary>Reads the answers of a host and makes something of them, both within the host's time.</summary>
/// <remarks>
/// A host chooses what it answers, and so how long it takes to be understood: one that takes longer than its time is
/// given up. The work on it goes on unheard to its end, and keeps its place among the long answers until then.
/// </remarks>
internal static class Judging
{
    // Whoever answers in the last moment is understood all the same.
    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(5);

    /// <summary>Reads and judges.</summary>
    /// <typeparam name="TAnswer">What a host answers.</typeparam>
    /// <typeparam name="TResult">What is made of it.</typeparam>
    /// <param name="target">The host, for its time.</param>
    /// <param name="read">Asks the host.</param>
    /// <param name="judge">Makes something of what it answered. It runs on another thread.</param>
    /// <param name="cancellationToken">Stops asking, and waiting for what is made of the answers.</param>
    /// <returns>What was made of it.</returns>
    /// <exception cref="NestVirtException">The time was over.</exception>
    internal static async Task<TResult> RunAsync<TAnswer, TResult>(
        HostTarget target,
        Func<CancellationToken, Task<TAnswer>> read,
        Func<TAnswer, TResult> judge,
        CancellationToken cancellationToken
    )
    {
        long began = Stopwatch.GetTimestamp();
        AnswerPlace place = AnswerPlace.Begin();
        Task<TResult>? judging = null;
        try
        {
            TAnswer answer = await read(cancellationToken).ConfigureAwait(false);
            TimeSpan left = target.CommandTimeout - (Stopwatch.GetElapsedTime(began) - place.Waited);
            judging = Task.Run(() => judge(answer), CancellationToken.None);
            return await judging
                .WaitAsync(Enough(left, target.CommandTimeout), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (TimeoutException) when (judging is { IsCompleted: false })
        {
            throw new NestVirtException(
                NestVirtErrorKind.HostTimeout,
                $"What the host answered was not understood within {DurationText.Of(target.CommandTimeout)}."
            )
            {
                Remedy = Advice.Of(
                    $"Look at what the host says, or give it more time with {HostSetting.CommandTimeout}."
                ),
            };
        }
        finally
        {
            if (judging is { IsCompleted: false })
            {
                _ = judging.ContinueWith(_ => place.Dispose(), TaskScheduler.Default);
            }
            else
            {
                place.Dispose();
            }
        }
    }

    private static TimeSpan Enough(TimeSpan left, TimeSpan whole) =>
        left > s_least ? left
        : whole < s_least ? whole
        : s_least;
}
