using System.Globalization;

namespace NestVirt.Text;

/// <summary>Reads the kernel's list form of CPUs, such as <c>0-3,8</c>.</summary>
internal static class CpuList
{
    private const int MostCpus = 65536;

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

            if (
                !TryParse(dash < 0 ? part : part[..dash], out int first)
                || !TryParse(dash < 0 ? part : part[(dash + 1)..], out int last)
                || last < first
            )
            {
                return null;
            }

            count += last - first + 1L;
        }

        return count <= int.MaxValue ? (int)count : null;
    }

    /// <summary>Gets the members of a list.</summary>
    /// <param name="list">The list; an empty one has no members.</param>
    /// <returns>The members; null when this is no such list, or one of more CPUs than a kernel has.</returns>
    public static HashSet<int>? Members(string? list)
    {
        if (Count(list) is not (>= 0 and <= MostCpus))
        {
            return null;
        }

        HashSet<int> members = [];
        foreach (
            string part in list!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        )
        {
            int dash = part.IndexOf('-', StringComparison.Ordinal);
            int first = int.Parse(dash < 0 ? part : part[..dash], CultureInfo.InvariantCulture);
            int last = dash < 0 ? first : int.Parse(part[(dash + 1)..], CultureInfo.InvariantCulture);
            members.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return members;
    }

    /// <summary>Writes a mask in list form.</summary>
    /// <param name="mask">Groups of eight hexadecimal digits with commas between, the highest CPUs first.</param>
    /// <returns>The list; empty when the mask is, or is no mask.</returns>
    public static string FromMask(string mask)
    {
        List<string> ranges = [];
        int first = -1;
        int cpu = 0;
        foreach (char digit in mask.Reverse().Where(static character => character != ','))
        {
            int bits = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : 0;
            for (int bit = 0; bit < 4; bit++, cpu++)
            {
                bool isSet = (bits & (1 << bit)) != 0;
                if (!isSet && first >= 0)
                {
                    ranges.Add(Range(first, cpu - 1));
                }

                first = isSet ? (first < 0 ? cpu : first) : -1;
            }
        }

        if (first >= 0)
        {
            ranges.Add(Range(first, cpu - 1));
        }

        return string.Join(',', ranges);
    }

    /// <summary>Writes CPUs in list form.</summary>
    /// <param name="cpus">The CPUs.</param>
    /// <returns>The list.</returns>
    public static string Write(IEnumerable<int> cpus)
    {
        List<string> ranges = [];
        int? first = null;
        int last = 0;
        foreach (int cpu in cpus.Distinct().Order())
        {
            if (first is { } start && cpu != last + 1)
            {
                ranges.Add(Range(start, last));
                first = null;
            }

            first ??= cpu;
            last = cpu;
        }

        return string.Join(',', first is { } begin ? [.. ranges, Range(begin, last)] : ranges);
    }

    private static string Range(int first, int last) =>
        first == last
            ? first.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{first}-{last}");

    private static bool TryParse(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
