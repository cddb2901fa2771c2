using System.Runtime.CompilerServices;
using NestVirt.Model;
using NestVirt.Transport;

namespace NestVirt.Queries;

/// <summary>Answers which PCI functions a host has.</summary>
/// <param name="reader">Asks the host.</param>
public sealed class PciQuery(IProbeReader reader) : IHostQuery<PciDevice>
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<PciDevice> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await reader.ReadAsync(target, [], cancellationToken).ConfigureAwait(false);
        yield break;
    }
}
