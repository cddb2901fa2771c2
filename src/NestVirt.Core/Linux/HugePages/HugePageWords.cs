using System.Globalization;
using NestVirt.Text;

namespace NestVirt.Linux.HugePages;

/// <summary>Huge pages of one size that the kernel's command line asks for.</summary>
/// <param name="Count">How many; those of all nodes together.</param>
/// <param name="Text">The words.</param>
internal sealed record HugePageWords(long Count, string Text)
{
    /// <summary>Reads the command line of this boot.</summary>
    /// <remarks>
    /// Source: hugepages_setup() in mm/hugetlb.c of Linux 5.8 and later. A number is for the size before it, or for the
    /// default size where it is the first word; from Linux 5.16 on it may be a list of node:number.
    /// </remarks>
    /// <param name="host">What the host shows.</param>
    /// <returns>What is asked for, by the size in KiB.</returns>
    internal static IReadOnlyDictionary<long, HugePageWords> Of(HugePageHost host)
    {
        Dictionary<long, HugePageWords> asked = [];
        long? size = host.DefaultSizeKiB;
        string before = string.Empty;
        foreach (KernelArgument argument in KernelArgument.Split(host.CommandLine))
        {
            if (argument.Name is "hugepagesz" or "default_hugepagesz")
            {
                (size, before) = (ToKiB(argument.Value), $"{argument.Text} ");
            }
            else if (argument.Name == "hugepages" && size is { } known && ToCount(argument.Value) is { } count)
            {
                asked[known] = new HugePageWords(count, $"{before}{argument.Text}");
            }
        }

        return asked;
    }

    private static long? ToCount(string? text)
    {
        long sum = 0;
        foreach (string part in (text ?? string.Empty).Split(','))
        {
            string number = part[(part.IndexOf(':', StringComparison.Ordinal) + 1)..];
            if (
                !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long count)
                || count >= 1L << 40
            )
            {
                return null;
            }

            sum += count;
        }

        return sum;
    }

    // memparse() of the kernel: a number with K, M, G or T.
    private static long? ToKiB(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        int shift = char.ToUpperInvariant(text[^1]) switch
        {
            'K' => 0,
            'M' => 10,
            'G' => 20,
            'T' => 30,
            _ => -10,
        };
        return
            long.TryParse(
                shift < 0 ? text : text[..^1],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out long number
            )
            && number < 1L << 30
            ? shift < 0
                ? number >> 10
                : number << shift
            : null;
    }
}
