using System.Text;

namespace NestVirt.StandIn.Wql;

/// <summary>What a token is.</summary>
internal enum WqlKind
{
    Word,
    Literal,
    Symbol,
    Path,
}

/// <summary>A token of WQL.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text; of a literal what it means, of a path what stands in the braces.</param>
internal sealed record WqlToken(WqlKind Kind, string Text);

/// <summary>Splits a query into tokens.</summary>
internal static class WqlTokens
{
    internal static IReadOnlyList<WqlToken> Read(string text)
    {
        var tokens = new List<WqlToken>();
        int at = 0;
        while (at < text.Length)
        {
            char first = text[at];
            if (char.IsWhiteSpace(first))
            {
                at++;
            }
            else if (first is '\'' or '"')
            {
                tokens.Add(new WqlToken(WqlKind.Literal, ReadLiteral(text, ref at)));
            }
            else if (first == '{')
            {
                int end = EndOfPath(text, at);
                tokens.Add(new WqlToken(WqlKind.Path, text[(at + 1)..end]));
                at = end + 1;
            }
            else if (char.IsLetterOrDigit(first) || first is '_' or '-')
            {
                int start = at++;
                while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '.'))
                {
                    at++;
                }

                tokens.Add(new WqlToken(WqlKind.Word, text[start..at]));
            }
            else
            {
                int length = at + 1 < text.Length && text.Substring(at, 2) is "<>" or "!=" or "<=" or ">=" ? 2 : 1;
                tokens.Add(new WqlToken(WqlKind.Symbol, text.Substring(at, length)));
                at += length;
            }
        }

        return tokens;
    }

    /// <summary>
    /// Reads a literal: a backslash takes the next character as it is, so that a path doubles its own.
    /// </summary>
    internal static string ReadLiteral(string text, ref int at)
    {
        char quote = text[at++];
        var literal = new StringBuilder();
        while (at < text.Length && text[at] != quote)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
            {
                at++;
            }

            literal.Append(text[at++]);
        }

        if (at == text.Length)
        {
            throw new WqlException("A text has no end.");
        }

        at++;
        return literal.ToString();
    }

    private static int EndOfPath(string text, int start)
    {
        int at = start + 1;
        while (at < text.Length && text[at] != '}')
        {
            if (text[at] is '\'' or '"')
            {
                ReadLiteral(text, ref at);
            }
            else
            {
                at++;
            }
        }

        return at < text.Length ? at : throw new WqlException("A path has no end.");
    }
}
