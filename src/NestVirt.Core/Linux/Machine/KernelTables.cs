using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;
using NestVirt.Text;

namespace NestVirt.Linux.Machine;

/// <summary>Reads lines of the tables that the kernel prints below /proc.</summary>
internal static class KernelTables
{
    private const int AddressDigits = 32;
    private const int RouteIsUp = 0x1;
    private const int RouteRejects = 0x200;

    /// <summary>Reads a line of /proc/self/mountinfo (proc_pid_mountinfo(5)).</summary>
    public static bool TryReadMount(ReadOnlySpan<char> line, List<MountFacts> mounts)
    {
        const string Separator = " - ";
        int separator = line.IndexOf(Separator);
        if (separator < 0)
        {
            return false;
        }

        string[] head = line[..separator].ToString().Split(' ');
        string[] tail = line[(separator + Separator.Length)..].ToString().Split(' ');
        if (head.Length < 6 || tail.Length < 2)
        {
            return false;
        }

        mounts.Add(
            new MountFacts(head[2], Unescape(head[4]), tail[0], Unescape(tail[1]))
            {
                PageSizeKiB = tail[0] == "hugetlbfs" && tail.Length > 2 ? PageSizeOf(tail[2]) : null,
            }
        );
        return true;
    }

    // "rw,pagesize=1024M" (hugetlbfs_show_options() of fs/hugetlbfs/inode.c).
    private static long? PageSizeOf(string options)
    {
        const string Key = "pagesize=";
        string? word = Array.Find(
            options.Split(','),
            static option => option.StartsWith(Key, StringComparison.Ordinal)
        );
        return word is null ? null : PageSize.Parse(word[Key.Length..]);
    }

    /// <summary>Reads a line of /proc/swaps.</summary>
    public static bool TryReadSwap(ReadOnlySpan<char> line, List<string> swaps)
    {
        if (!line.StartsWith("Filename", StringComparison.Ordinal))
        {
            int end = line.IndexOfAny(' ', '\t');
            swaps.Add(Unescape((end < 0 ? line : line[..end]).ToString()));
        }

        return true;
    }

    /// <summary>Reads a line of /proc/net/route: addresses are numbers in the byte order of the host, which its masks give away.</summary>
    public static bool TryReadRoute4(ReadOnlySpan<char> line, List<RouteFacts> routes)
    {
        string[] fields = line.ToString().Split('\t', StringSplitOptions.TrimEntries);
        if (fields[0] == "Iface")
        {
            return true;
        }

        if (
            fields.Length < 8
            || !TryParseHex(fields[1], out uint destination)
            || !TryParseHex(fields[3], out uint flags)
            || !TryParseHex(fields[7], out uint mask)
        )
        {
            return false;
        }

        if ((flags & RouteIsUp) != 0 && (flags & RouteRejects) == 0)
        {
            bool isBigEndian = mask >= 0x8000_0000 && mask % 2 == 0;
            byte[] address = new byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(
                address,
                isBigEndian ? BinaryPrimitives.ReverseEndianness(destination) : destination
            );
            routes.Add(new RouteFacts(fields[0], new IPAddress(address), BitOperations.PopCount(mask)));
        }

        return true;
    }

    /// <summary>Reads a line of /proc/net/ipv6_route.</summary>
    public static bool TryReadRoute6(ReadOnlySpan<char> line, List<RouteFacts> routes)
    {
        string[] fields = line.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (
            fields.Length != 10
            || !TryParseAddress(fields[0], out IPAddress? destination)
            || !byte.TryParse(fields[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte length)
            || length > 128
            || !TryParseHex(fields[8], out uint flags)
        )
        {
            return false;
        }

        if ((flags & RouteIsUp) != 0 && (flags & RouteRejects) == 0)
        {
            routes.Add(new RouteFacts(fields[9], destination, length));
        }

        return true;
    }

    /// <summary>Reads a line of /proc/net/if_inet6.</summary>
    public static bool TryReadAddress6(ReadOnlySpan<char> line, List<(IPAddress Address, string Interface)> addresses)
    {
        string[] fields = line.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 6 || !TryParseAddress(fields[0], out IPAddress? address))
        {
            return false;
        }

        addresses.Add((address, fields[5]));
        return true;
    }

    // The kernel writes blanks, tabs, newlines and backslashes in names as three octal digits.
    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        StringBuilder result = new(text.Length);
        for (int at = 0; at < text.Length; at++)
        {
            if (
                text[at] == '\\'
                && at + 3 < text.Length
                && text.AsSpan(at + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0
            )
            {
                result.Append((char)(((text[at + 1] - '0') << 6) | ((text[at + 2] - '0') << 3) | (text[at + 3] - '0')));
                at += 3;
            }
            else
            {
                result.Append(text[at]);
            }
        }

        return result.ToString();
    }

    private static bool TryParseHex(string text, out uint value) =>
        uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);

    private static bool TryParseAddress(
        string digits,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IPAddress? address
    )
    {
        address = null;
        if (digits.Length != AddressDigits || !digits.All(char.IsAsciiHexDigit))
        {
            return false;
        }

        address = new IPAddress(Convert.FromHexString(digits));
        return true;
    }
}
