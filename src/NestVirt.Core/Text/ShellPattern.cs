namespace NestVirt.Text;

/// <summary>Matches fnmatch(3) patterns of <c>*</c>, <c>?</c> and <c>[…]</c>, as modprobe does for install lines.</summary>
internal static class ShellPattern
{
    private const int MaximumLength = 4096;

    /// <summary>Tells whether a pattern fits a name.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="name">The name.</param>
    /// <returns>True if it fits the whole name.</returns>
    /// <remarks>Goes back only to the last star, so that the time is bounded by the product of the lengths, and no path is longer than this.</remarks>
    public static bool IsMatch(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        if (pattern.Length > MaximumLength || name.Length > MaximumLength)
        {
            return false;
        }

        int at = 0;
        int position = 0;
        int star = -1;
        int starPosition = 0;
        while (position < name.Length)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                star = at++;
                starPosition = position;
            }
            else if (at < pattern.Length && MatchOne(pattern[at..], name[position], out int length))
            {
                at += length;
                position++;
            }
            else if (star >= 0)
            {
                at = star + 1;
                position = ++starPosition;
            }
            else
            {
                return false;
            }
        }

        return pattern[at..].Trim('*').IsEmpty;
    }

    private static bool MatchOne(ReadOnlySpan<char> pattern, char character, out int length)
    {
        length = 1;
        int close = pattern[0] == '[' && pattern.Length > 2 ? pattern[2..].IndexOf(']') + 2 : 0;
        if (close < 2)
        {
            return pattern[0] == '?' || pattern[0] == character;
        }

        length = close + 1;
        ReadOnlySpan<char> set = pattern[1..close];
        bool isNegated = set[0] is '!' or '^' && set.Length > 1;
        set = isNegated ? set[1..] : set;
        bool isMember = false;
        for (int i = 0; i < set.Length; i++)
        {
            bool isRange = i + 2 < set.Length && set[i + 1] == '-';
            isMember |= isRange ? character >= set[i] && character <= set[i + 2] : character == set[i];
            i += isRange ? 2 : 0;
        }

        return isMember != isNegated;
    }
}
