using System.Runtime.CompilerServices;
using NestVirt.Model;
using NestVirt.Planning;
using NestVirt.Queries;

namespace NestVirt.Changes;

/// <summary>Answers which changes were made on a host.</summary>
/// <param name="changer">Reads the journal.</param>
public sealed class JournalQuery(HostChanger changer) : IHostQuery<JournalEntry>
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<JournalEntry> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (JournalEntry entry in await changer.ReadJournalAsync(target, cancellationToken).ConfigureAwait(false))
        {
            yield return entry;
        }
    }
}
