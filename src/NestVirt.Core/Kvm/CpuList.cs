using System.Globalization;

namespace NestVirt.Kvm;

/// <summary>Reads the kernel's list form of CPUs, such as <c>0-3,8</c>.</summary>
public static class CpuList
{
    /// <summary>Counts the members of a list.</summary>
    /// <param name="list">The list; an empty one has no members.</param>
    /// <returns>How many there are; null when this is no such list.</returns>
    public static int? Count(string? list)
    {
        if (list is null)
        {
            return null;
        }

        long count = 0;
        foreach (Range range in list.AsSpan().Split(','))
        {
            ReadOnlySpan<char> part = list.AsSpan()[range].Trim();
            int dash = part.IndexOf('-');
            if (part.IsEmpty)
            {
                continue;
            }

            if (!TryParse(dash < 0 ? part : part[..dash], out int first)
                || !TryParse(dash < 0 ? part : part[(dash + 1)..], out int last)
                || last < first)
            {
                return null;
            }

            count += last - first + 1L;
        }

        return count <= int.MaxValue ? (int)count : null;
    }

    private static bool TryParse(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
