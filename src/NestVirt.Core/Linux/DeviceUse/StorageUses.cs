using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.DeviceUse;

/// <summary>Finds the functions that the host's file systems and swap are on, through partitions, LVM, dm-crypt, md, multipath and so on.</summary>
internal sealed class StorageUses
{
    private const string Root = "/";

    private readonly IReadOnlyList<PciDevice> _devices;
    private readonly HostUseFacts _facts;
    private readonly Dictionary<string, BlockFacts> _byNumber = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BlockFacts> _byMapperName = new(StringComparer.Ordinal);
    private readonly ILookup<string, string> _byDisk;
    private readonly ILookup<string, string> _poolMembers;
    private readonly Dictionary<string, IReadOnlyList<string>> _byMember = new(StringComparer.Ordinal);

    /// <summary>Initializes a new instance of the <see cref="StorageUses"/> class.</summary>
    /// <param name="devices">The functions of a host.</param>
    /// <param name="facts">What is in use on it.</param>
    public StorageUses(IReadOnlyList<PciDevice> devices, HostUseFacts facts)
    {
        _devices = devices;
        _facts = facts;
        foreach (BlockFacts block in facts.Blocks.Values)
        {
            _byNumber.TryAdd(block.Number, block);
            _byMapperName.TryAdd(block.MapperName ?? block.Name, block);
        }

        foreach (IReadOnlyList<string> members in facts.FileSystemDevices)
        {
            foreach (string name in members)
            {
                _byMember.TryAdd(name, members);
            }
        }

        _poolMembers = facts.PoolMembers.ToLookup(
            static member => member.Pool,
            static member => member.DeviceNumber,
            StringComparer.Ordinal
        );
        _byDisk = devices
            .SelectMany(static device => device.DiskNames.Select(name => (name, device.Address)))
            .ToLookup(static pair => pair.name, static pair => pair.Address, StringComparer.Ordinal);
    }

    /// <summary>Finds them.</summary>
    public IEnumerable<(string Address, HostUse Use)> Find()
    {
        foreach (
            IGrouping<BlockFacts, MountFacts> mounts in Mounted()
                .GroupBy(static pair => pair.Block, static pair => pair.Mount)
        )
        {
            MountFacts shown = mounts
                .OrderBy(static mount => mount.MountPoint.Length)
                .ThenBy(static mount => mount.MountPoint, StringComparer.Ordinal)
                .First();
            string kind = shown.MountPoint == Root ? "RootFileSystem" : "MountedFileSystem";
            foreach ((string, HostUse) use in On(mounts.Key, kind, shown.MountPoint))
            {
                yield return use;
            }
        }

        foreach (string swap in _facts.Swaps)
        {
            foreach ((string, HostUse) use in Resolve(swap) is { } block ? On(block, "Swap", "swap") : [])
            {
                yield return use;
            }
        }

        foreach ((string, HostUse) use in PoolsWithoutMembers())
        {
            yield return use;
        }
    }

    private IEnumerable<(BlockFacts Block, MountFacts Mount)> Mounted()
    {
        foreach (MountFacts mount in _facts.Mounts)
        {
            foreach (BlockFacts block in BlocksOf(mount))
            {
                yield return (block, mount);
            }
        }
    }

    // A file system of its own device numbers (btrfs, ZFS) names one device, or a pool, as its source.
    private IEnumerable<BlockFacts> BlocksOf(MountFacts mount)
    {
        if (_byNumber.TryGetValue(mount.DeviceNumber, out BlockFacts? block))
        {
            return [block];
        }

        if (mount.FileSystem == "zfs")
        {
            string pool = mount.Source.Split('/')[0];
            return _poolMembers[pool].Select(number => _byNumber.GetValueOrDefault(number)).OfType<BlockFacts>();
        }

        if (Resolve(mount.Source) is not { } named)
        {
            return [];
        }

        return _byMember.TryGetValue(named.Name, out IReadOnlyList<string>? all)
            ? all.Select(name => _facts.Blocks.GetValueOrDefault(name)).OfType<BlockFacts>()
            : [named];
    }

    private BlockFacts? Resolve(string path)
    {
        const string Devices = "/dev/";
        string name = path[(path.LastIndexOf('/') + 1)..];
        return !path.StartsWith(Devices, StringComparison.Ordinal)
            ? null
            : _facts.Blocks.GetValueOrDefault(name) ?? _byMapperName.GetValueOrDefault(name);
    }

    private IEnumerable<(string Address, HostUse Use)> On(BlockFacts block, string kind, string what) =>
        from way in Layers.Down(block, Below)
        from address in AddressesOf(way.Bottom)
        select (
            address,
            new HostUse(
                kind,
                HostText.ForDisplay($"{what} on {string.Join(" on ", way.Way.Select(Title))}", maximumLength: 300)
            )
        );

    private static string Title(BlockFacts block) =>
        block.MapperName is null ? block.Name : $"{block.Name} ({block.MapperName})";

    // A partition is shown, its disk is not.
    private IEnumerable<BlockFacts> Below(BlockFacts block)
    {
        BlockFacts? disk = block.Disk is { } name ? _facts.Blocks.GetValueOrDefault(name) : null;
        return block.Slaves.Count > 0
                ? block.Slaves.Select(slave => _facts.Blocks.GetValueOrDefault(slave)).OfType<BlockFacts>()
            : disk is { Slaves.Count: > 0 } ? [disk]
            : [];
    }

    private IEnumerable<string> AddressesOf(BlockFacts block)
    {
        string disk = block.Disk ?? block.Name;
        return _byDisk.Contains(disk) ? _byDisk[disk]
            : PciAddress.TryFindInPath(block.Path, out PciAddress address) ? [address.ToString()]
            : [];
    }

    // sysfs does not show the disks of a ZFS pool. Where udev does not either, every disk without a use may be one of them.
    private IEnumerable<(string Address, HostUse Use)> PoolsWithoutMembers()
    {
        string[] pools =
        [
            .. _facts
                .Mounts.Where(static mount => mount.FileSystem == "zfs")
                .Select(static mount => mount.Source.Split('/')[0])
                .Distinct()
                .Where(pool => !_poolMembers.Contains(pool)),
        ];
        return from pool in pools
            from device in _devices
            where device.DiskNames.Count > 0
            select (
                device.Address,
                new HostUse(
                    "Unknown",
                    HostText.ForDisplay(
                        $"ZFS pool {pool} is in use, and it is unknown whether {string.Join(", ", device.DiskNames)} belongs to it",
                        maximumLength: 300
                    )
                )
            );
    }
}
