using System.Net;

namespace NestVirt.Linux.Machine;

/// <summary>One mount.</summary>
/// <param name="DeviceNumber">The device number; the major number is 0 where no one block device is behind it.</param>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="FileSystem">Its type.</param>
/// <param name="Source">What was mounted.</param>
internal sealed record MountFacts(string DeviceNumber, string MountPoint, string FileSystem, string Source)
{
    /// <summary>Gets the size of the huge pages that it hands out, in KiB; null where it hands out none, or those of the kernel's default size.</summary>
    internal long? PageSizeKiB { get; init; }
}

/// <summary>One route.</summary>
/// <param name="Interface">The interface it leads through.</param>
/// <param name="Destination">The destination's address.</param>
/// <param name="PrefixLength">How many bits of it count.</param>
internal sealed record RouteFacts(string Interface, IPAddress Destination, int PrefixLength)
{
    /// <summary>Tells whether the route leads to an address.</summary>
    /// <param name="address">The address.</param>
    /// <returns>True if so.</returns>
    public bool LeadsTo(IPAddress address)
    {
        byte[] wanted = address.GetAddressBytes();
        byte[] own = Destination.GetAddressBytes();
        if (wanted.Length != own.Length)
        {
            return false;
        }

        for (int bit = 0; bit < PrefixLength; bit++)
        {
            int mask = 0x80 >> (bit % 8);
            if (((wanted[bit / 8] ^ own[bit / 8]) & mask) != 0)
            {
                return false;
            }
        }

        return true;
    }
}
