using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Questions;

/// <summary>Puts one question to hosts of any platform.</summary>
/// <typeparam name="T">The type of a result.</typeparam>
/// <param name="question">The question.</param>
/// <param name="platforms">The platforms that hosts may be of.</param>
/// <param name="reader">Asks the hosts.</param>
internal sealed class HostQuery<T>(Question<T> question, PlatformCatalog platforms, IProbeReader reader) : IHostQuery<T>
{
    private readonly ConcurrentDictionary<HostTarget, IReadOnlyList<Finding>> _findings = [];

    /// <inheritdoc/>
    public IReadOnlyList<Finding> FindingsOf(HostTarget target) => _findings.GetValueOrDefault(target) ?? [];

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
                answers =>
                {
                    _findings[target] = answer.FindingsOf(answers, target);
                    return answer.Read(answers, target).ToArray();
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        foreach (T result in results)
        {
            yield return result;
        }
    }
}
