using NestVirt.Text;

namespace NestVirt.HyperV.Dda;

/// <summary>The numbers of a PCI device, from the names that Windows makes of them.</summary>
/// <remarks>
/// Microsoft, "Identifiers for PCI Devices": <c>PCI\VEN_v&amp;DEV_d&amp;SUBSYS_s&amp;REV_r</c> and <c>…&amp;CC_c</c>; the board's
/// own id are the first four digits of SUBSYS, that of its vendor the last four.
/// </remarks>
internal sealed record HardwareIds
{
    private const int ClassDigits = 6;
    private const int ShortClassDigits = 4;

    /// <summary>Gets the vendor id, or null.</summary>
    internal ushort? VendorId { get; init; }

    /// <summary>Gets the device id, or null.</summary>
    internal ushort? DeviceId { get; init; }

    /// <summary>Gets the vendor id of the board, or null.</summary>
    internal ushort? SubsystemVendorId { get; init; }

    /// <summary>Gets the device id of the board, or null.</summary>
    internal ushort? SubsystemDeviceId { get; init; }

    /// <summary>Gets the revision, or null.</summary>
    internal byte? Revision { get; init; }

    /// <summary>Gets the 24-bit class code, its last byte 0 where Windows names four digits alone; or null.</summary>
    internal int? ClassCode { get; init; }

    /// <summary>Reads names; the first that has a number gives it, and the longest the class.</summary>
    /// <param name="names">The path of the device, its hardware ids and compatible ids.</param>
    /// <returns>The numbers.</returns>
    internal static HardwareIds Parse(IEnumerable<string> names)
    {
        string[] parts = [.. names.SelectMany(static name => name.Split('\\', '&'))];
        uint? subsystem = Number(parts, "SUBSYS_", 8);
        return new HardwareIds
        {
            VendorId = (ushort?)Number(parts, "VEN_", 4),
            DeviceId = (ushort?)Number(parts, "DEV_", 4),
            SubsystemVendorId = (ushort?)(subsystem & 0xFFFF),
            SubsystemDeviceId = (ushort?)(subsystem >> 16),
            Revision = (byte?)Number(parts, "REV_", 2),
            ClassCode = (int?)Number(parts, "CC_", ClassDigits) ?? (int?)(Number(parts, "CC_", ShortClassDigits) << 8),
        };
    }

    private static uint? Number(string[] parts, string prefix, int digits)
    {
        foreach (string part in parts)
        {
            if (
                part.Length == prefix.Length + digits
                && part.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
                && HexText.TryParse(part.AsSpan(prefix.Length), out uint number)
            )
            {
                return number;
            }
        }

        return null;
    }
}
