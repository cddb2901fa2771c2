using System.Runtime.CompilerServices;
using NestVirt.Hosts;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Questions;

/// <summary>A host's raw answers, as the bytes of a snapshot file.</summary>
/// <param name="Target">The host.</param>
/// <param name="Utf8">The file.</param>
public sealed record SnapshotDocument(HostTarget Target, ReadOnlyMemory<byte> Utf8);

/// <summary>Records every answer of a host.</summary>
/// <param name="platforms">The platforms that hosts may be of.</param>
/// <param name="reader">Asks the host.</param>
/// <param name="redact">Whether serial numbers, MAC addresses, host names and UUIDs are removed.</param>
internal sealed class SnapshotQuery(PlatformCatalog platforms, IProbeReader reader, bool redact)
    : IHostQuery<SnapshotDocument>
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<SnapshotDocument> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ProbeAnswers answers = await reader
            .ReadAsync(target, platforms.Of(target).Probes, cancellationToken)
            .ConfigureAwait(false);
        HostSnapshot snapshot = new(target.Name, TimeProvider.System.GetUtcNow(), answers.All);
        yield return new SnapshotDocument(target, (redact ? SnapshotRedactor.Redact(snapshot) : snapshot).ToUtf8());
    }
}
