using NestVirt.Hosts;
using NestVirt.Questions;

namespace NestVirt.Cli.Hosting;

/// <summary>Makes a question of a function.</summary>
/// <typeparam name="T">The type of an answer.</typeparam>
/// <param name="ask">Gives the one answer of a host.</param>
internal sealed class AsyncQuery<T>(Func<HostTarget, CancellationToken, Task<T>> ask) : IHostQuery<T>
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<T> RunAsync(
        HostTarget target,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        yield return await ask(target, cancellationToken).ConfigureAwait(false);
    }
}
