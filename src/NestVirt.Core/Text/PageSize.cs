using System.Globalization;

namespace NestVirt.Text;

/// <summary>Sizes of memory pages, as people write them.</summary>
public static class PageSize
{
    private const long Kibibyte = 1024;

    /// <summary>Reads a size: a number of bytes, or a number with K, M or G as in 2M, 2MB and 2MiB.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The size in KiB; null if it is no size of a page.</returns>
    public static long? Parse(string text)
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
        return
            scale > 0
            && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number is > 0 and <= 1L << 40
            && number * (decimal)scale <= long.MaxValue
            && number * scale % Kibibyte == 0
            ? number * scale / Kibibyte
            : null;
    }
}
