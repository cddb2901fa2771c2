using System.Runtime.CompilerServices;
using NestVirt.Model;
using NestVirt.Transport;

namespace NestVirt.Queries;

/// <summary>Answers which physical functions of a host can have virtual ones.</summary>
/// <param name="reader">Asks the host.</param>
public sealed class SriovQuery(IProbeReader reader) : IHostQuery<SriovDevice>
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<SriovDevice> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await reader.ReadAsync(target, [], cancellationToken).ConfigureAwait(false);
        yield break;
    }
}
