namespace NestVirt.Linux.DomainXml;

/// <summary>How the lines of a definition are broken and indented.</summary>
internal static class DomainLayout
{
    /// <summary>Finds what begins the line of an element.</summary>
    /// <param name="text">The text.</param>
    /// <param name="element">The element.</param>
    /// <returns>The line end before it and its indentation; null where something else stands before it in its line.</returns>
    public static string? LineStart(string text, DomainElement element)
    {
        int start = element.Start;
        while (start > 0 && text[start - 1] is ' ' or '\t')
        {
            start--;
        }

        if (start == 0 || text[start - 1] != '\n')
        {
            return null;
        }

        int lineEnd = start > 1 && text[start - 2] == '\r' ? start - 2 : start - 1;
        return text[lineEnd..element.Start];
    }

    /// <summary>Finds what would begin the line of an element in another that has none yet.</summary>
    /// <param name="document">The definition.</param>
    /// <param name="parent">The other one.</param>
    /// <returns>The line end and the indentation; null where the definition is not indented there.</returns>
    public static string? ChildLineStart(DomainDocument document, DomainElement parent)
    {
        string? own = LineStart(document.Text, parent);
        if (own is null && parent.Parent is not null)
        {
            return null;
        }

        // The first element has nothing before it, or a declaration.
        string? first = document.Root.Children.Select(child => LineStart(document.Text, child)).FirstOrDefault();
        if (first is null || own is null)
        {
            return first;
        }

        string root = Indentation(LineStart(document.Text, document.Root));
        string unit =
            Indentation(first) is var deep && deep.StartsWith(root, StringComparison.Ordinal)
                ? deep[root.Length..]
                : "  ";
        return own + unit;
    }

    /// <summary>Finds where a line goes on to, from a place in it: behind comments that end it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">The place.</param>
    /// <returns>The place behind the comments; the same place where something else follows.</returns>
    public static int BehindComments(string text, int at)
    {
        int end = at;
        while (true)
        {
            int next = end;
            while (next < text.Length && text[next] is ' ' or '\t')
            {
                next++;
            }

            if (next == text.Length || text[next] is '\r' or '\n')
            {
                return end;
            }

            int close = text.AsSpan(next).StartsWith("<!--") ? text.IndexOf("-->", next, StringComparison.Ordinal) : -1;
            if (close < 0 || text.AsSpan(next, close - next).Contains('\n'))
            {
                return at;
            }

            end = close + "-->".Length;
        }
    }

    private static string Indentation(string? lineStart) => lineStart?.TrimStart('\r', '\n') ?? string.Empty;
}
