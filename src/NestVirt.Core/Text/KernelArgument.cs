namespace NestVirt.Text;

/// <summary>One word of a kernel command line.</summary>
/// <param name="Name">The part before the first <c>=</c>, as written.</param>
/// <param name="Value">The part behind it, without its quotes; null when there is no <c>=</c>.</param>
/// <param name="Text">The whole word, as written.</param>
internal sealed record KernelArgument(string Name, string? Value, string Text)
{
    /// <summary>Splits a line into words as next_arg of the kernel's lib/cmdline.c does.</summary>
    /// <param name="text">The line; double quotes keep blanks together, and cannot be escaped.</param>
    /// <returns>The words.</returns>
    public static IEnumerable<KernelArgument> Split(string text)
    {
        int at = 0;
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            int start = at;
            int equals = -1;
            bool isQuoted = false;
            for (; at < text.Length && (isQuoted || !char.IsWhiteSpace(text[at])); at++)
            {
                isQuoted ^= text[at] == '"';
                equals = equals < 0 && text[at] == '=' && at > start ? at : equals;
            }

            yield return ToArgument(text[start..at], equals - start);
        }
    }

    private static KernelArgument ToArgument(string word, int equals)
    {
        bool isQuoted = word[0] == '"';
        string bare = isQuoted ? word[1..] : word;
        equals -= isQuoted ? 1 : 0;
        if (equals <= 0)
        {
            return new KernelArgument(bare.TrimEnd('"'), null, word);
        }

        string value = bare[(equals + 1)..];
        bool opensQuote = value.StartsWith('"');
        value = opensQuote ? value[1..] : value;
        value = (opensQuote || isQuoted) && value.EndsWith('"') ? value[..^1] : value;
        return new KernelArgument(bare[..equals], value, word);
    }
}
