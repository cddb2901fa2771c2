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
        T[] results = await Judging
            .RunAsync(
                target,
                token =>
                    HostKinds.ReadAsync(
                        platforms.Of(target),
                        platform => platform.Find(question),
                        static answer => answer.Probes,
                        CannotBeTold,
                        (probes, stop) => reader.ReadAsync(target, probes, stop),
                        token
                    ),
                read =>
                {
                    _findings[target] = read.Part.FindingsOf(read.Answers, target);
                    return read.Part.Read(read.Answers, target).ToArray();
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        foreach (T result in results)
        {
            yield return result;
        }
    }

    private NestVirtException CannotBeTold(IPlatform platform) =>
        new(NestVirtErrorKind.FeatureNotSupported, $"It cannot be told of {platform.Name}: {question.Subject}.");
}
