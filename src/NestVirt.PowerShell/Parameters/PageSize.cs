using System.Globalization;

namespace NestVirt.PowerShell.Parameters;

/// <summary>Sizes of pages, as people and PowerShell write them.</summary>
internal static class PageSize
{
    private const long Kibibyte = 1024;

    /// <summary>Reads a size: a number of bytes, or a number with K, M or G as in 2M, 2MB and 2MiB.</summary>
    /// <param name="text">The text.</param>
    /// <param name="kibibytes">The size in KiB.</param>
    /// <returns>False if it is no size of a page.</returns>
    internal static bool TryRead(string text, out long kibibytes)
    {
        string digits = text.TrimEnd('b', 'B', 'i', 'I').TrimEnd('k', 'K', 'm', 'M', 'g', 'G');
        long scale = text[digits.Length..].ToUpperInvariant() switch
        {
            "" => 1,
            "K" or "KB" or "KIB" => Kibibyte,
            "M" or "MB" or "MIB" => Kibibyte * Kibibyte,
            "G" or "GB" or "GIB" => Kibibyte * Kibibyte * Kibibyte,
            _ => 0,
        };
        kibibytes = 0;
        if (
            scale == 0
            || !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            || number is <= 0 or > 1L << 40
            || number * (decimal)scale > long.MaxValue
            || number * scale % Kibibyte != 0
        )
        {
            return false;
        }

        kibibytes = number * scale / Kibibyte;
        return true;
    }
}
