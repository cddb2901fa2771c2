using System.Globalization;
using NestVirt.Cli.Output;
using NestVirt.Hosts;

namespace NestVirt.Cli.Tables;

/// <summary>Prints which file holds which host.</summary>
/// <param name="page">Where to.</param>
internal sealed class SnapshotTable(Page page) : IResultSink<SnapshotFile>
{
    /// <inheritdoc/>
    public void Begin(IReadOnlyList<HostTarget> hosts) { }

    /// <inheritdoc/>
    public void Take(HostTarget host, IReadOnlyList<SnapshotFile> results)
    {
        foreach (SnapshotFile file in results)
        {
            string length = string.Create(CultureInfo.InvariantCulture, $"{file.LengthBytes} bytes");
            page.Line($"{file.HostName}: {file.Path} ({length}{(file.IsRedacted ? ", redacted" : string.Empty)})");
        }

        page.Flush();
    }

    /// <inheritdoc/>
    public void Fail(HostFailure failure) { }

    /// <inheritdoc/>
    public void End() => page.Dispose();
}
