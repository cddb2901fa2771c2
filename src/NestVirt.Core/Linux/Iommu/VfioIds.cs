using System.Buffers;
using System.Globalization;
using NestVirt.Model;

namespace NestVirt.Linux.Iommu;

/// <summary>The ids that a value of vfio-pci's parameter <c>ids</c> names, and what in it is none.</summary>
/// <remarks>
/// vfio_pci_fill_ids() of drivers/vfio/pci/vfio_pci.c splits the value at commas and reads each part with
/// sscanf("%x:%x:%x:%x:%x:%x"): fewer than two numbers are "invalid id string", and what follows the numbers is passed over
/// without a word. Blanks end the value for the kernel and for modprobe.
/// </remarks>
internal sealed class VfioIds
{
    private const uint Any = uint.MaxValue;
    private const int Fields = 6;
    private const int IdLength = 4;

    private static readonly SearchValues<char> s_hexadecimal = SearchValues.Create("0123456789abcdefABCDEF");

    private readonly List<VfioId> _ids = [];
    private readonly List<string> _faults = [];

    /// <summary>Initializes a new instance of the <see cref="VfioIds"/> class.</summary>
    /// <param name="value">The value.</param>
    public VfioIds(string value)
    {
        foreach (string part in value.Split(',').Where(static part => part.Length > 0))
        {
            Read(part);
        }
    }

    /// <summary>Gets what the kernel understands.</summary>
    public IReadOnlyList<VfioId> Ids => _ids;

    /// <summary>Gets the parts that it does not understand, or not wholly, as written.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Gets the id that a faulty part was meant to be, as text, or null.</summary>
    /// <param name="fault">The part.</param>
    /// <returns>The last <c>vendor:device</c> in it.</returns>
    public static string? Meant(string fault)
    {
        string text = fault.Replace('-', ':');
        for (int colon = text.LastIndexOf(':'); colon >= 0; colon = colon == 0 ? -1 : text.LastIndexOf(':', colon - 1))
        {
            int before = text.AsSpan(0, colon).LastIndexOfAnyExcept(s_hexadecimal) + 1;
            int after = text.AsSpan(colon + 1).IndexOfAnyExcept(s_hexadecimal);
            after = after < 0 ? text.Length : colon + 1 + after;
            if (colon - before == IdLength && after - colon - 1 == IdLength)
            {
                return text[before..after].ToLowerInvariant();
            }
        }

        return null;
    }

    private void Read(string part)
    {
        uint[] numbers = new uint[Fields];
        int count = 0;
        ReadOnlySpan<char> rest = part;
        while (count < Fields && TryReadNumber(ref rest, out numbers[count]))
        {
            count++;
            if (count == Fields || rest is not [':', ..])
            {
                break;
            }

            rest = rest[1..];
        }

        if (count >= 2)
        {
            _ids.Add(
                new VfioId(
                    part,
                    numbers[0],
                    numbers[1],
                    count > 2 ? numbers[2] : Any,
                    count > 3 ? numbers[3] : Any,
                    numbers[4],
                    numbers[5]
                )
            );
        }

        if (
            count < 2
            || !rest.IsWhiteSpace()
            || numbers.AsSpan(0, Math.Min(count, 4)).ContainsAnyInRange(ushort.MaxValue + 1u, Any - 1)
        )
        {
            _faults.Add(part);
        }
    }

    // As sscanf does: blanks before the number, and 0x.
    private static bool TryReadNumber(ref ReadOnlySpan<char> text, out uint number)
    {
        ReadOnlySpan<char> digits = text.TrimStart();
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            digits = digits[2..];
        }

        int end = digits.IndexOfAnyExcept(s_hexadecimal);
        end = end < 0 ? digits.Length : end;
        bool isNumber = uint.TryParse(
            digits[..end],
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture,
            out number
        );
        text = isNumber ? digits[end..] : text;
        return isNumber;
    }
}

/// <summary>One id of the list.</summary>
/// <param name="Text">The part of the list, as written.</param>
/// <param name="Vendor">The vendor's id, or all ones for any.</param>
/// <param name="Device">The device's id.</param>
/// <param name="SubsystemVendor">The id of the board's vendor.</param>
/// <param name="SubsystemDevice">The board's id.</param>
/// <param name="ClassCode">The class.</param>
/// <param name="ClassMask">The bits of the class that count; 0 for any class.</param>
internal sealed record VfioId(
    string Text,
    uint Vendor,
    uint Device,
    uint SubsystemVendor,
    uint SubsystemDevice,
    uint ClassCode,
    uint ClassMask
)
{
    /// <summary>Tells whether the id is a function's, as pci_match_one_device() of drivers/pci/pci.h does.</summary>
    /// <param name="device">The function.</param>
    /// <returns>True if so; a board that is not known fits.</returns>
    public bool Names(PciDevice device) =>
        Fits(Vendor, device.VendorId)
        && Fits(Device, device.DeviceId)
        && (device.SubsystemVendorId is not { } vendor || Fits(SubsystemVendor, vendor))
        && (device.SubsystemDeviceId is not { } board || Fits(SubsystemDevice, board))
        && (((uint)device.ClassCode ^ ClassCode) & ClassMask) == 0;

    private static bool Fits(uint wanted, ushort id) => wanted == uint.MaxValue || wanted == id;
}
