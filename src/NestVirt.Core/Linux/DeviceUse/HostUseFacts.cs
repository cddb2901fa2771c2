using System.Net;
using NestVirt.Linux.Machine;

namespace NestVirt.Linux.DeviceUse;

/// <summary>What of a host's storage and network is in use, before devices are named.</summary>
internal sealed record HostUseFacts
{
    /// <summary>Gets the block devices by name.</summary>
    public IReadOnlyDictionary<string, BlockFacts> Blocks { get; init; } = new Dictionary<string, BlockFacts>();

    /// <summary>Gets the mounted file systems.</summary>
    public IReadOnlyList<MountFacts> Mounts { get; init; } = [];

    /// <summary>Gets the paths of swap areas.</summary>
    public IReadOnlyList<string> Swaps { get; init; } = [];

    /// <summary>Gets the file systems of several devices (btrfs): the names of the devices of each.</summary>
    public IReadOnlyList<IReadOnlyList<string>> FileSystemDevices { get; init; } = [];

    /// <summary>Gets the block devices that udev knows for members of a ZFS pool, as device numbers, by the pool's name.</summary>
    public IReadOnlyList<(string Pool, string DeviceNumber)> PoolMembers { get; init; } = [];

    /// <summary>Gets the interfaces directly below each interface that stands on others: bonds, bridges, VLANs.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> LowerInterfaces { get; init; } =
        new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Gets the routes of the main table.</summary>
    public IReadOnlyList<RouteFacts> Routes { get; init; } = [];

    /// <summary>Gets the interfaces that have IPv6 addresses.</summary>
    public IReadOnlyList<(IPAddress Address, string Interface)> Addresses { get; init; } = [];

    /// <summary>Gets the two ends of the SSH connection that the host was asked through, or null.</summary>
    public (IPAddress Client, IPAddress Server)? Connection { get; init; }
}

/// <summary>One block device.</summary>
/// <param name="Name">Its name, such as nvme0n1p3.</param>
/// <param name="Number">Its device number, such as 259:3.</param>
/// <param name="Path">The path that it resolves to below /sys/devices.</param>
internal sealed record BlockFacts(string Name, string Number, string Path)
{
    /// <summary>Gets a value indicating whether it is a partition of the block device above it in <see cref="Path"/>.</summary>
    public bool IsPartition { get; init; }

    /// <summary>Gets the name that the device mapper knows it by, or null.</summary>
    public string? MapperName { get; init; }

    /// <summary>Gets the block devices it is made of.</summary>
    public IReadOnlyList<string> Slaves { get; init; } = [];

    /// <summary>Gets the name of the disk that a partition is on.</summary>
    public string? Disk => IsPartition ? System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(Path)) : null;
}
