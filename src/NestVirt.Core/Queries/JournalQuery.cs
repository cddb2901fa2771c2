using System.Runtime.CompilerServices;
using NestVirt.Kvm;
using NestVirt.Model;
using NestVirt.Planning;
using NestVirt.Transport;

namespace NestVirt.Queries;

/// <summary>Answers which changes were made on a host, the newest first.</summary>
/// <param name="reader">Asks the host.</param>
public sealed class JournalQuery(IProbeReader reader) : IHostQuery<JournalEntry>
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<JournalEntry> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ProbeAnswers answers = await reader.ReadAsync(target, [JournalProbe.Probe], cancellationToken).ConfigureAwait(false);
        foreach (JournalEntry entry in JournalProbe.Read(target, answers))
        {
            yield return entry;
        }
    }
}
