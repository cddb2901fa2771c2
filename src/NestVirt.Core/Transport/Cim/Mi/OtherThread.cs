using System.Runtime.CompilerServices;

namespace NestVirt.Transport.Cim.Mi;

/// <summary>Runs what blocks its thread on another one. Who waits for it stops waiting when he is told, whether it ends or not.</summary>
internal static class OtherThread
{
    /// <summary>Makes a call.</summary>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What it gave.</returns>
    internal static Task<T> RunAsync<T>(Func<T> call, CancellationToken cancellationToken) =>
        Task.Run(call, cancellationToken).WaitAsync(cancellationToken);

    /// <summary>Goes through a list of which each step blocks.</summary>
    /// <typeparam name="T">What it lists.</typeparam>
    /// <param name="items">The list.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The items, as they come.</returns>
    internal static async IAsyncEnumerable<T> ListAsync<T>(
        IEnumerable<T> items,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        IEnumerator<T> list = items.GetEnumerator();
        Task<bool> step = Task.FromResult(false);
        try
        {
            while (await Next().WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return list.Current;
            }
        }
        finally
        {
            // A step that was left behind still stands on its item.
            _ = step.ContinueWith(
                _ => list.Dispose(),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
        }

        Task<bool> Next() => step = Task.Run(list.MoveNext, CancellationToken.None);
    }
}
