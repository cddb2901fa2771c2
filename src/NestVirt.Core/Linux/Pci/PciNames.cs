using NestVirt.Text;

namespace NestVirt.Linux.Pci;

/// <summary>The names of vendors, devices and classes.</summary>
internal sealed class PciNames
{
    private readonly Dictionary<uint, string> _devices = [];
    private readonly Dictionary<int, string> _vendors = [];
    private readonly Dictionary<int, string> _classes = [];
    private readonly Dictionary<int, string> _subclasses = [];

    /// <summary>Gets the name of a vendor.</summary>
    /// <param name="vendorId">The id.</param>
    /// <returns>The name, or null when it is not known.</returns>
    public string? Vendor(ushort vendorId) => _vendors.GetValueOrDefault(vendorId) ?? PciIdTable.Vendor(vendorId);

    /// <summary>Gets the name of a device.</summary>
    /// <param name="vendorId">The id of its vendor.</param>
    /// <param name="deviceId">The id.</param>
    /// <returns>The name, or null when it is not known.</returns>
    public string? Device(ushort vendorId, ushort deviceId) =>
        _devices.GetValueOrDefault(((uint)vendorId << 16) | deviceId);

    /// <summary>Gets the name of a class.</summary>
    /// <param name="classCode">
    /// The 24-bit class code; its lowest byte, the programming interface, is not looked at.
    /// </param>
    /// <returns>The name of the subclass, or of the class where that is all that is known, or null.</returns>
    public string? Class(int classCode)
    {
        int subclass = classCode >> 8;
        return _subclasses.GetValueOrDefault(subclass)
            ?? PciIdTable.Class(subclass)
            ?? _classes.GetValueOrDefault(subclass >> 8)
            ?? PciIdTable.BaseClass(subclass >> 8);
    }

    /// <summary>Takes one line of <see cref="PciNameProbe"/>.</summary>
    /// <param name="line">The line.</param>
    /// <returns>True if it is of a form that the probe prints.</returns>
    internal bool TryAdd(ReadOnlySpan<char> line)
    {
        // The name comes last and is taken as it is, tabs and all.
        bool isLong = line[0] is 'd' or 's';
        Span<Range> fields = stackalloc Range[4];
        int count = line.Split(fields[..(isLong ? 4 : 3)], '\t');
        if (
            count != (isLong ? 4 : 3)
            || fields[0].End.Value != 1
            || !TryParseHex(line[fields[1]], out ushort id)
            || !TryParseHex(isLong ? line[fields[2]] : "0", out ushort subordinate)
        )
        {
            return false;
        }

        string name = line[fields[count - 1]].Trim().ToString();
        switch (line[0])
        {
            case 'v':
                _vendors[id] = name;
                return true;
            case 'd':
                _devices[((uint)id << 16) | subordinate] = name;
                return true;
            case 'c':
                _classes[id] = name;
                return true;
            case 's':
                _subclasses[(id << 8) | subordinate] = name;
                return true;
            default:
                return false;
        }
    }

    private static bool TryParseHex(ReadOnlySpan<char> text, out ushort value)
    {
        bool isHex = HexText.TryParse(text, out uint number) && number <= ushort.MaxValue;
        value = (ushort)number;
        return isHex;
    }
}
