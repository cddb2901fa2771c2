using System.Runtime.CompilerServices;
using NestVirt.Hosts;
using NestVirt.Linux.Support;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Questions;

/// <summary>Answers whether a host can nest virtualization and pass devices through.</summary>
/// <param name="reader">Asks the host.</param>
public sealed class SupportQuery(IProbeReader reader) : IHostQuery<NestedSupport>
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<NestedSupport> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ProbeAnswers answers = await reader
            .ReadAsync(target, SupportAssessor.Probes, cancellationToken)
            .ConfigureAwait(false);
        yield return Assess(target, answers);
    }

    /// <summary>Weighs answers that are there already.</summary>
    /// <param name="target">The host.</param>
    /// <param name="answers">Its answers.</param>
    /// <returns>The result.</returns>
    public static NestedSupport Assess(HostTarget target, ProbeAnswers answers) =>
        SupportAssessor.Assess(target, answers);
}
