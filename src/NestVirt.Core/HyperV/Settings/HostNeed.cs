using System.Net;
using NestVirt.HyperV.Dda;
using NestVirt.Model;

namespace NestVirt.HyperV.Settings;

/// <summary>Says what stands against taking a device from a host, which may use it or be reached by it.</summary>
/// <remarks>
/// What a host needs stays, whatever switches are given; so does storage and a network adapter of which that cannot be told. A
/// device that somebody disabled in the host is needed for nothing there.
/// </remarks>
/// <param name="use">What the host uses its devices for.</param>
/// <param name="findWays">Finds the addresses by which it is reached: none where they are not known; null on the host itself, where people may have come by any of its own.</param>
internal sealed class HostNeed(DeviceUse use, Func<IReadOnlyList<IPAddress>?> findWays)
{
    private const int StorageClass = 1;
    private const int NetworkClass = 2;
    private const int FibreChannel = 0x0C04;

    private readonly Lazy<IReadOnlyList<IPAddress>?> _ways = new(findWays);

    /// <summary>Finds it.</summary>
    /// <param name="device">The device.</param>
    /// <param name="mayInterrupt">Whether what runs on the device may end.</param>
    /// <returns>The finding; null where nothing stands against it.</returns>
    internal Finding? Against(HostDevice device, bool mayInterrupt)
    {
        if (device.IsDismounted || device.IsDisabled)
        {
            return null;
        }

        string path = device.InstancePath;
        return device.WaitsForRestart ? AssignmentFindings.WaitsForRestart
            : use.DisksInUse(path).ToArray() is { Length: > 0 } disks ? AssignmentFindings.HasDisks(disks)
            : device.IsUsed && IsStorage(device) && use.UntoldDisks(path) is { } gap
                ? AssignmentFindings.DisksUnknown(gap)
            : use.Switched(path).ToArray() is { Length: > 0 } switched ? AssignmentFindings.IsSwitched(switched)
            : use.Teamed(path).ToArray() is { Length: > 0 } teamed ? AssignmentFindings.IsTeamed(teamed)
            : AgainstWay(device) is { } way ? way
            : device.IsUsed && !mayInterrupt ? AssignmentFindings.UsedByHost(device, use.AddressesOf(path))
            : null;
    }

    /// <summary>Says what could not be told of what the host uses a device for, where it can be given away all the same.</summary>
    /// <param name="device">The device.</param>
    /// <returns>A phrase; null where all was told.</returns>
    internal static string? Unknown(HostDevice device) => device.ClassCode is null ? "what kind of device it is" : null;

    private static bool IsStorage(HostDevice device) =>
        device.ClassCode >> 16 == StorageClass || device.ClassCode >> 8 == FibreChannel;

    private Finding? AgainstWay(HostDevice device)
    {
        if (!device.IsUsed)
        {
            return null;
        }

        string path = device.InstancePath;
        if (!use.HasAdapters(path))
        {
            // The driver of some cards is a bus (B06BDRV, MLX4), on which their adapters hang as devices of their own.
            return device.ClassCode >> 16 != NetworkClass
                ? null
                : AssignmentFindings.WayUnknown(
                    use.KnowsAdapters
                        ? "none of the host's network adapters is shown as its own"
                        : "what its network adapter is for was not told"
                );
        }

        IReadOnlyList<IPAddress> ways = _ways.Value ?? use.OwnAddresses;

        string[] addresses = [.. use.AddressesOf(path)];
        if (Array.Find(addresses, address => HostWays.Read(address) is { } one && ways.Contains(one)) is { } own)
        {
            return _ways.Value is not null
                ? AssignmentFindings.IsWay(own)
                : AssignmentFindings.WayUnknown($"it has {own}, and whoever works on the host may have come by that");
        }

        // What is part of a team or of a switch has a cable in it, and no address of its own.
        bool mayBePart = addresses.Length == 0 && use.HasLink(path);
        DeviceUse.Holder holder = use.HolderOf(ways);
        return holder switch
        {
            DeviceUse.Holder.None when addresses.Length > 0 => AssignmentFindings.WayUnknown(
                $"it has {string.Join(", ", addresses.Take(4))}, and no adapter of the host has an address that it is named by here"
            ),
            DeviceUse.Holder.None when mayBePart => AssignmentFindings.WayUnknown(
                "no adapter of the host has an address that it is named by here, and its own may be part of a team or of a switch"
            ),
            DeviceUse.Holder.Virtual when mayBePart => AssignmentFindings.WayUnknown(
                "the host is reached by an adapter that Windows made of others, and its own may be one of them"
            ),
            _ when mayBePart && use.MayBeSwitched => AssignmentFindings.WayUnknown(
                "a switch of Hyper-V has network adapters, and its own, which has no address, may be one of them"
            ),
            _ => null,
        };
    }
}
