using System.Globalization;

namespace NestVirt.StandIn.Cim;

/// <summary>The forms of datetime: ISO when read over WS-Management, CIM's own inside embedded instances.</summary>
public static class CimTimes
{
    /// <summary>An instant that was never set, as recorded.</summary>
    public static readonly DateTimeOffset Never = new(1601, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes an instant: recorded ones have no zeros at the end of their fraction.</summary>
    public static string Instant(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>Writes an interval, as in <c>P0DT0H1M40S</c>.</summary>
    public static string Interval(TimeSpan span) =>
        string.Create(CultureInfo.InvariantCulture, $"P{span.Days}DT{span.Hours}H{span.Minutes}M{span.Seconds}S");

    /// <summary>Reads the 25 characters of DSP0004 5.2.4; ISO is refused, as Windows refuses it there.</summary>
    public static object? ParseNative(string text)
    {
        if (text.Length != 25 || text[14] != '.')
        {
            return null;
        }

        if (text[21] == ':')
        {
            return
                int.TryParse(text[..8], CultureInfo.InvariantCulture, out int days)
                && TimeSpan.TryParseExact(text[8..14], "hhmmss", CultureInfo.InvariantCulture, out TimeSpan rest)
                ? TimeSpan.FromDays(days) + rest
                : null;
        }

        return
            DateTime.TryParseExact(
                text[..21],
                "yyyyMMddHHmmss.ffffff",
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out DateTime local
            ) && int.TryParse(text[21..], CultureInfo.InvariantCulture, out int minutes)
            ? new DateTimeOffset(local, TimeSpan.FromMinutes(minutes))
            : null;
    }

    /// <summary>Writes a value in CIM's own form.</summary>
    public static string Native(object value) =>
        value is TimeSpan span
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{span.Days:D8}{span.Hours:D2}{span.Minutes:D2}{span.Seconds:D2}.000000:000"
            )
            : ((DateTimeOffset)value).UtcDateTime.ToString("yyyyMMddHHmmss.ffffff", CultureInfo.InvariantCulture)
                + "+000";
}
