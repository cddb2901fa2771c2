using System.Runtime.CompilerServices;
using NestVirt.Cli.Output;
using NestVirt.Hosts;
using NestVirt.Questions;

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
            await WriteAsync(path, document.Utf8, cancellationToken).ConfigureAwait(false);
            yield return new SnapshotFile(target.Name, path, document.Utf8.Length, isRedacted);
        }
    }

    // A snapshot that was there before stays whole until the new one is.
    private static async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            await File.WriteAllBytesAsync(temporary, content, cancellationToken).ConfigureAwait(false);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
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
        finally
        {
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }
    }
}
