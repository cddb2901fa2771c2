using System.Globalization;
using NestVirt.Model;

namespace NestVirt.PowerShell.Parameters;

/// <summary>The ways in which people write what a PCI function has.</summary>
internal static class PciFilter
{
    private const string FirstDomain = "0000:";

    /// <summary>Says whether an address fits; the domain may be left out where it is the first, as lspci does.</summary>
    internal static bool FitsAddress(this WildcardFilter filter, string address) =>
        filter.Fits(
            address,
            address.StartsWith(FirstDomain, StringComparison.Ordinal) ? address[FirstDomain.Length..] : null
        );

    /// <summary>Says whether a class fits: its name, or its code as hexadecimal digits.</summary>
    internal static bool FitsClass(this WildcardFilter filter, PciDevice device)
    {
        string code = device.ClassCode.ToString("x6", CultureInfo.InvariantCulture);
        return filter.Fits(device.Class, code, $"0x{code}");
    }

    /// <summary>Says whether a vendor fits: its name, or its id as hexadecimal digits.</summary>
    internal static bool FitsVendor(this WildcardFilter filter, PciDevice device)
    {
        string id = device.VendorId.ToString("x4", CultureInfo.InvariantCulture);
        return filter.Fits(device.Vendor, id, $"0x{id}");
    }
}
