namespace NestVirt.StandIn.Wql;

/// <summary>The patterns of LIKE: <c>%</c> any text, <c>_</c> one character, <c>[a-f]</c> and <c>[^a-f]</c>.</summary>
public static class WqlPattern
{
    /// <summary>Tells whether a text has a form; case does not count.</summary>
    public static bool Matches(string text, string pattern) => Matches(text.AsSpan(), pattern.AsSpan());

    private static bool Matches(ReadOnlySpan<char> text, ReadOnlySpan<char> pattern)
    {
        while (!pattern.IsEmpty)
        {
            if (pattern[0] == '%')
            {
                for (int skip = 0; skip <= text.Length; skip++)
                {
                    if (Matches(text[skip..], pattern[1..]))
                    {
                        return true;
                    }
                }

                return false;
            }

            int length = 1;
            if (text.IsEmpty || !MatchesOne(text[0], pattern, ref length))
            {
                return false;
            }

            text = text[1..];
            pattern = pattern[length..];
        }

        return text.IsEmpty;
    }

    private static bool MatchesOne(char character, ReadOnlySpan<char> pattern, ref int length)
    {
        int end = pattern[0] == '[' ? pattern.IndexOf(']') : -1;
        if (end < 0)
        {
            return pattern[0] == '_' || char.ToUpperInvariant(pattern[0]) == char.ToUpperInvariant(character);
        }

        length = end + 1;
        ReadOnlySpan<char> set = pattern[1..end];
        bool isNegated = !set.IsEmpty && set[0] == '^';
        return IsIn(char.ToUpperInvariant(character), isNegated ? set[1..] : set) != isNegated;
    }

    private static bool IsIn(char character, ReadOnlySpan<char> set)
    {
        for (int at = 0; at < set.Length; at++)
        {
            char first = char.ToUpperInvariant(set[at]);
            char last = first;
            if (at + 2 < set.Length && set[at + 1] is '-' or '=')
            {
                last = char.ToUpperInvariant(set[at + 2]);
                at += 2;
            }

            if (character >= first && character <= last)
            {
                return true;
            }
        }

        return false;
    }
}
