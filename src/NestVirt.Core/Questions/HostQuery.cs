using System.Runtime.CompilerServices;
using NestVirt.Hosts;
using NestVirt.Probing;

namespace NestVirt.Questions;

/// <summary>Puts one question to hosts of any platform.</summary>
/// <typeparam name="T">The type of a result.</typeparam>
/// <param name="question">The question.</param>
/// <param name="platforms">The platforms that hosts may be of.</param>
/// <param name="reader">Asks the hosts.</param>
internal sealed class HostQuery<T>(Question<T> question, PlatformCatalog platforms, IProbeReader reader) : IHostQuery<T>
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<T> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        IPlatform platform = platforms.Of(target);
        PlatformAnswer<T> answer =
            platform.Find(question)
            ?? throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                $"It cannot be told of {platform.Name}: {question.Subject}."
            );
        T[] results = await Judging
            .RunAsync(
                target,
                token => reader.ReadAsync(target, answer.Probes, token),
                answers => answer.Read(answers, target).ToArray(),
                cancellationToken
            )
            .ConfigureAwait(false);
        foreach (T result in results)
        {
            yield return result;
        }
    }
}
