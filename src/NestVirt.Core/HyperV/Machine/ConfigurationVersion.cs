using System.Globalization;

namespace NestVirt.HyperV.Machine;

/// <summary>The version of a VM's configuration, which decides what Hyper-V can give it.</summary>
/// <param name="Major">The part before the point.</param>
/// <param name="Minor">The part behind it.</param>
internal readonly record struct ConfigurationVersion(int Major, int Minor) : IComparable<ConfigurationVersion>
{
    /// <summary>Compares two.</summary>
    public static bool operator <(ConfigurationVersion left, ConfigurationVersion right) => left.CompareTo(right) < 0;

    /// <summary>Compares two.</summary>
    public static bool operator >(ConfigurationVersion left, ConfigurationVersion right) => left.CompareTo(right) > 0;

    /// <summary>Compares two.</summary>
    public static bool operator <=(ConfigurationVersion left, ConfigurationVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Compares two.</summary>
    public static bool operator >=(ConfigurationVersion left, ConfigurationVersion right) => left.CompareTo(right) >= 0;

    /// <summary>Reads one.</summary>
    /// <param name="text">The text, as in <c>9.3</c>.</param>
    /// <returns>The version; null for a text of another form.</returns>
    internal static ConfigurationVersion? Parse(string? text)
    {
        string[] parts = (text ?? string.Empty).Trim().Split('.');
        return
            parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int minor)
            ? new ConfigurationVersion(major, minor)
            : null;
    }

    /// <inheritdoc/>
    public int CompareTo(ConfigurationVersion other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
