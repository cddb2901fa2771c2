namespace NestVirt.StandIn.Machine;

/// <summary>What the host uses a device for: disks that hang on it, or a network adapter.</summary>
public sealed class HostUse
{
    /// <summary>Gets or sets how many partitions the disk of the device has; null for no disk that Windows has for itself.</summary>
    public uint? Partitions { get; set; }

    /// <summary>Gets or sets whether a disk of the device is part of a storage pool, and none of Win32_DiskDrive.</summary>
    public bool IsPooled { get; set; }

    /// <summary>Gets or sets whether the device has a network adapter.</summary>
    public bool HasAdapter { get; set; }

    /// <summary>Gets what names the network adapter.</summary>
    public Guid AdapterId { get; } = Guid.NewGuid();

    /// <summary>Gets or sets whether a cable is in it.</summary>
    public bool IsConnected { get; set; } = true;

    /// <summary>Gets the addresses of the network adapter; without one nothing of IP is bound to it.</summary>
    public IList<string> Addresses { get; } = [];

    /// <summary>Gets or sets the team that the network adapter is a member of; null for none.</summary>
    public string? Team { get; set; }

    /// <summary>Gets or sets whether a switch of Hyper-V has the network adapter.</summary>
    public bool IsBound { get; set; }
}
