using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace NestVirt.Text;

/// <summary>Reads the release of a kernel.</summary>
internal static class KernelVersion
{
    /// <summary>Reads the first two numbers of a release such as 6.12.107-amd64.</summary>
    /// <param name="release">The release, or null.</param>
    /// <param name="version">The numbers.</param>
    /// <returns>True if it begins with two numbers.</returns>
    public static bool TryParse(string? release, [NotNullWhen(true)] out Version? version)
    {
        version = null;
        string[] parts = release?.Split('.', 3) ?? [];
        if (parts.Length < 2)
        {
            return false;
        }

        int end = 0;
        while (end < parts[1].Length && char.IsAsciiDigit(parts[1][end]))
        {
            end++;
        }

        if (
            int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major)
            && int.TryParse(parts[1].AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out int minor)
        )
        {
            version = new Version(major, minor);
        }

        return version is not null;
    }
}
