using System.Runtime.CompilerServices;
using NestVirt.Kvm;
using NestVirt.Model;
using NestVirt.Transport;

namespace NestVirt.Queries;

/// <summary>Answers whether a host can nest virtualization and pass devices through.</summary>
/// <param name="reader">Asks the host.</param>
public sealed class SupportQuery(IProbeReader reader) : IHostQuery<NestedSupport>
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<NestedSupport> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ProbeAnswers answers = await reader.ReadAsync(target, SupportAssessor.Probes, cancellationToken).ConfigureAwait(false);
        yield return SupportAssessor.Assess(target, answers);
    }
}
