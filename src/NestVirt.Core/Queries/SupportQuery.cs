using System.Runtime.CompilerServices;
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
        await reader.ReadAsync(target, [], cancellationToken).ConfigureAwait(false);
        yield break;
    }
}
