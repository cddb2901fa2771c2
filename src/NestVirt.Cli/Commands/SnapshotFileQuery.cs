using System.Runtime.CompilerServices;
using NestVirt.Cli.Output;
using NestVirt.Hosts;
using NestVirt.Questions;
using NestVirt.Text;

namespace NestVirt.Cli.Commands;

/// <summary>Records hosts, and writes each record to its file.</summary>
/// <param name="snapshots">Records a host.</param>
/// <param name="places">The files.</param>
/// <param name="isRedacted">Whether the records are redacted.</param>
internal sealed class SnapshotFileQuery(IHostQuery<SnapshotDocument> snapshots, SnapshotPlaces places, bool isRedacted)
    : IHostQuery<SnapshotFile>
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<SnapshotFile> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (SnapshotDocument document in snapshots.RunAsync(target, cancellationToken).ConfigureAwait(false))
        {
            string path = places.PathOf(target);
            Write(path, document.Utf8.Span);
            yield return new SnapshotFile(target.Name, path, document.Utf8.Length, isRedacted);
        }
    }

    private static void Write(string path, ReadOnlySpan<byte> content)
    {
        try
        {
            WholeFile.Write(path, content, overwrite: true);
        }
        catch (IOException error)
        {
            throw new NestVirtException(
                NestVirtErrorKind.SourceNotFound,
                $"The snapshot cannot be written: {error.Message}",
                error
            )
            {
                Remedy = "Name a file or directory that can be written after --to.",
            };
        }
    }
}
