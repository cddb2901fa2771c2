using System.Globalization;
using NestVirt.Text;

namespace NestVirt.Model;

/// <summary>The address of a PCI function. Orders by number, as lspci does, not by text.</summary>
/// <param name="Domain">
/// The domain (segment): of 16 bits from firmware; the kernel makes up longer ones, as under Intel VMD.
/// </param>
/// <param name="Bus">The bus.</param>
/// <param name="Device">The device (slot), 0 to 31.</param>
/// <param name="Function">The function, 0 to 7.</param>
internal readonly record struct PciAddress(uint Domain, byte Bus, byte Device, byte Function) : IComparable<PciAddress>
{
    private const int ShortestDomain = 4;
    private const int LongestDomain = 8;
    private const int TailLength = 8;
    private const int HighestDevice = 0x1F;
    private const int HighestFunction = 7;

    /// <summary>Gets the bus, device and function as the 16-bit number that requests carry on the bus.</summary>
    public int RoutingId => (Bus << 8) | (Device << 3) | Function;

    /// <summary>Reads an address as sysfs writes it, such as <c>0000:03:00.0</c> or <c>10000:e1:00.0</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">The address.</param>
    /// <returns>True if the text is an address with its domain and nothing else.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out PciAddress address)
    {
        address = default;
        int domainLength = text.Length - TailLength;
        if (domainLength is < ShortestDomain or > LongestDomain)
        {
            return false;
        }

        ReadOnlySpan<char> tail = text[domainLength..];
        if (
            tail[0] != ':'
            || tail[3] != ':'
            || tail[6] != '.'
            || !HexText.TryParse(text[..domainLength], out uint domain)
            || !HexText.TryParse(tail[1..3], out uint bus)
            || !HexText.TryParse(tail[4..6], out uint device)
            || !HexText.TryParse(tail[7..], out uint function)
            || device > HighestDevice
            || function > HighestFunction
        )
        {
            return false;
        }

        address = new PciAddress(domain, (byte)bus, (byte)device, (byte)function);
        return true;
    }

    /// <summary>Finds the function that a path in sysfs leads through last, such as the one of a disk.</summary>
    /// <param name="path">A path below <c>/sys/devices</c>.</param>
    /// <param name="address">The address of the function.</param>
    /// <returns>True if a part of the path is an address.</returns>
    public static bool TryFindInPath(ReadOnlySpan<char> path, out PciAddress address)
    {
        while (!path.IsEmpty)
        {
            int slash = path.LastIndexOf('/');
            if (TryParse(path[(slash + 1)..], out address))
            {
                return true;
            }

            path = path[..Math.Max(slash, 0)];
        }

        address = default;
        return false;
    }

    private ulong SortKey => ((ulong)Domain << 16) | (uint)RoutingId;

    /// <summary>Tells whether one address comes before another.</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other.</param>
    public static bool operator <(PciAddress left, PciAddress right) => left.CompareTo(right) < 0;

    /// <summary>Tells whether one address comes before another or is the same.</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other.</param>
    public static bool operator <=(PciAddress left, PciAddress right) => left.CompareTo(right) <= 0;

    /// <summary>Tells whether one address comes after another.</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other.</param>
    public static bool operator >(PciAddress left, PciAddress right) => left.CompareTo(right) > 0;

    /// <summary>Tells whether one address comes after another or is the same.</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other.</param>
    public static bool operator >=(PciAddress left, PciAddress right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public int CompareTo(PciAddress other) => SortKey.CompareTo(other.SortKey);

    /// <inheritdoc/>
    public override int GetHashCode() => SortKey.GetHashCode();

    /// <summary>Writes the address as sysfs does.</summary>
    /// <returns>The text.</returns>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Domain:x4}:{Bus:x2}:{Device:x2}.{Function}");
}
