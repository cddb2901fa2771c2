using System.Runtime.CompilerServices;
using NestVirt.Model;
using NestVirt.Transport;

namespace NestVirt.Queries;

/// <summary>Answers which IOMMU groups a host has.</summary>
/// <param name="reader">Asks the host.</param>
public sealed class IommuQuery(IProbeReader reader) : IHostQuery<IommuGroup>
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<IommuGroup> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await reader.ReadAsync(target, [], cancellationToken).ConfigureAwait(false);
        yield break;
    }
}
