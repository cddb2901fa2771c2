using System.Globalization;

namespace NestVirt.Text;

/// <summary>Writes times for people.</summary>
internal static class DurationText
{
    /// <summary>Writes a time in the unit that leaves it a number to read.</summary>
    /// <param name="time">The time.</param>
    /// <returns>As in "20 ms", "1.5 s", "15 min".</returns>
    internal static string Of(TimeSpan time) =>
        time switch
        {
            { TotalSeconds: < 1 } => Say(Math.Ceiling(time.TotalMilliseconds), "ms"),
            { TotalSeconds: < 600 } => Say(time.TotalSeconds, "s"),
            _ => Say(time.TotalMinutes, "min"),
        };

    private static string Say(double number, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:0.#} {unit}");
}
