using NestVirt.Cli.Output;
using NestVirt.Hosts;
using NestVirt.Questions;

namespace NestVirt.Cli.Commands;

/// <summary>Writes a snapshot as it is.</summary>
/// <param name="output">Where to.</param>
internal sealed class SnapshotStream(Stream output) : IResultSink<SnapshotDocument>
{
    /// <inheritdoc/>
    public void Begin(IReadOnlyList<HostTarget> hosts) { }

    /// <inheritdoc/>
    public void Take(HostTarget host, IReadOnlyList<SnapshotDocument> results)
    {
        foreach (SnapshotDocument document in results)
        {
            output.Write(document.Utf8.Span);
        }
    }

    /// <inheritdoc/>
    public void Fail(HostFailure failure) { }

    /// <inheritdoc/>
    public void End() { }
}
