namespace NestVirt.Cli.Output;

/// <summary>One snapshot that was written.</summary>
/// <param name="HostName">The host that it records.</param>
/// <param name="Path">The file.</param>
/// <param name="LengthBytes">The length of the file in bytes.</param>
/// <param name="IsRedacted">Whether serial numbers, MAC addresses, host names and UUIDs were removed.</param>
internal sealed record SnapshotFile(string HostName, string Path, long LengthBytes, bool IsRedacted);
