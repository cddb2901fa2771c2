using System.Globalization;
using System.Text.RegularExpressions;

namespace NestVirt.Transport.Cim;

/// <summary>The two forms in which CIM tells times: its own (DSP0004, 5.2.4) and that of XML Schema, in which WS-Management answers (DSP0230).</summary>
internal static partial class CimTime
{
    // What Windows sends for a time that never was.
    private static readonly DateTimeOffset s_never = new(1601, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Reads a point in time, of either form.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The time; null for one that never was, and for a text of another form.</returns>
    internal static DateTimeOffset? ReadInstant(string text)
    {
        Match own = Instant().Match(text);
        DateTimeOffset? time =
            own.Success ? OfParts(own)
            : XmlInstant().IsMatch(text)
            && DateTimeOffset.TryParse(
                text,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out DateTimeOffset xml
            )
                ? xml
            : null;
        return time == s_never ? null : time;
    }

    /// <summary>Reads a length of time, of either form.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The length; null for a text of another form, also for months, which have none.</returns>
    internal static TimeSpan? ReadInterval(string text)
    {
        Match own = Interval().Match(text);
        Match match = own.Success ? own : XmlInterval().Match(text);
        if (!match.Success)
        {
            return null;
        }

        decimal seconds =
            (((((Number(match, "d") * 24) + Number(match, "h")) * 60) + Number(match, "m")) * 60)
            + Number(match, "s")
            + (own.Success ? Number(match, "u") / 1_000_000 : 0);
        return seconds <= (decimal)TimeSpan.MaxValue.TotalSeconds
            ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : null;
    }

    /// <summary>Writes a length of time in the form that embedded instances take.</summary>
    /// <param name="time">The length, not negative.</param>
    /// <returns>Its text, as in <c>00000000004500.000000:000</c>.</returns>
    internal static string Write(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time:dddddddd}{time:hhmmss}.{time:ffffff}:000");

    /// <summary>Writes a point in time in the form that embedded instances take.</summary>
    /// <param name="time">The time.</param>
    /// <returns>Its text, as in <c>20261128143000.000000+060</c>.</returns>
    internal static string Write(DateTimeOffset time) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{time:yyyyMMddHHmmss.ffffff}{(time.Offset < TimeSpan.Zero ? '-' : '+')}{Math.Abs(time.Offset.TotalMinutes):000}"
        );

    // An asterisk stands for what is not told (DSP0004): such a part counts as its least value.
    private static DateTimeOffset? OfParts(Match match)
    {
        int Part(string name, int least) => Math.Max((int)Number(match, name), least);
        int offset = (int)Number(match, "z") * (match.Groups["sign"].Value == "-" ? -1 : 1);
        try
        {
            return new DateTimeOffset(
                Part("y", 1),
                Part("mo", 1),
                Part("d", 1),
                Part("h", 0),
                Part("m", 0),
                Part("s", 0),
                TimeSpan.FromMinutes(offset)
            ).AddTicks(Part("u", 0) * TimeSpan.TicksPerMicrosecond);
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static decimal Number(Match match, string name) =>
        decimal.TryParse(
            match.Groups[name].Value.Replace('*', '0'),
            NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out decimal number
        )
            ? number
            : 0;

    [GeneratedRegex(
        @"^(?<y>[0-9*]{4})(?<mo>[0-9*]{2})(?<d>[0-9*]{2})(?<h>[0-9*]{2})(?<m>[0-9*]{2})(?<s>[0-9*]{2})\.(?<u>[0-9*]{6})(?<sign>[+-])(?<z>[0-9*]{3})$",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Instant();

    [GeneratedRegex(
        @"^(?<d>[0-9*]{8})(?<h>[0-9*]{2})(?<m>[0-9*]{2})(?<s>[0-9*]{2})\.(?<u>[0-9*]{6}):000$",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Interval();

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})?$", RegexOptions.CultureInvariant)]
    private static partial Regex XmlInstant();

    // Of years and months nothing is known that would make days of them; Windows sends days.
    [GeneratedRegex(
        @"^P(0Y)?(0M)?((?<d>[0-9]{1,8})D)?(T((?<h>[0-9]{1,8})H)?((?<m>[0-9]{1,8})M)?((?<s>[0-9]{1,8}(\.[0-9]{1,9})?)S)?)?$",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex XmlInterval();
}
