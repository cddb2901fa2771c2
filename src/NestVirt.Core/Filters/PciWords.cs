using System.Globalization;
using NestVirt.Model;

namespace NestVirt.Filters;

/// <summary>The ways in which people write what a PCI function has.</summary>
internal static class PciWords
{
    private const string NoDriver = "none";
    private const int ClassDigits = 6;
    private const int IdDigits = 4;

    /// <summary>Makes the words for drivers; that every function has one is a good answer.</summary>
    internal static WantedWords Drivers(IEnumerable<string> words) =>
        new WantedWords("the driver", words).Allow(NoDriver);

    /// <summary>Tells whether an address fits; the domain may be left out, as for lspci.</summary>
    internal static bool FitAddress(this WantedWords words, string address) =>
        words.Fit(address, address[(address.IndexOf(':', StringComparison.Ordinal) + 1)..]);

    /// <summary>Tells whether a class fits: by its name or a part of it, or by the first digits of its code.</summary>
    internal static bool FitClass(this WantedWords words, PciDevice device)
    {
        string code = device.ClassCode.ToString("x6", CultureInfo.InvariantCulture);
        return words.Fit(
            word =>
                Digits(word, ClassDigits) is { } digits
                    ? code.StartsWith(digits, StringComparison.OrdinalIgnoreCase)
                    : IsPart(word, device.Class),
            device.Class,
            code,
            $"0x{code}"
        );
    }

    /// <summary>Tells whether a vendor fits: by its name or a part of it, or by its id.</summary>
    internal static bool FitVendor(this WantedWords words, PciDevice device)
    {
        string id = device.VendorId.ToString("x4", CultureInfo.InvariantCulture);
        return words.Fit(
            word => Digits(word, IdDigits) is not { Length: IdDigits } && IsPart(word, device.Vendor),
            device.Vendor,
            id,
            $"0x{id}"
        );
    }

    /// <summary>Tells whether a driver fits; <c>none</c> is that of a function without one.</summary>
    internal static bool FitDriver(this WantedWords words, PciDevice device) =>
        words.Fit(
            word => device.Driver is null && word.Equals(NoDriver, StringComparison.OrdinalIgnoreCase),
            device.Driver
        );

    private static bool IsPart(string word, string? name) =>
        name?.Contains(word, StringComparison.OrdinalIgnoreCase) == true;

    private static string? Digits(string word, int most)
    {
        string digits = word.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? word[2..] : word;
        return digits.Length > 0 && digits.Length <= most && digits.All(char.IsAsciiHexDigit) ? digits : null;
    }
}
