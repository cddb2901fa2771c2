using System.Text;

namespace NestVirt.Linux.Boot;

/// <summary>The value of an assignment in a shell's file: its words, with the bytes and quotes they are written with.</summary>
internal sealed class ShellValue
{
    // Bytes end at 255, so these characters are free to stand for what a shell would put in.
    private const char FirstExpansion = '\uE000';

    private readonly string _raw;
    private readonly StringBuilder _text = new();
    private readonly List<int> _starts = [];
    private readonly List<int> _ends = [];
    private readonly List<string> _expansions = [];
    private readonly CommandLineText _line;
    private bool _isQuoted = true;

    /// <summary>Initializes a new instance of the <see cref="ShellValue"/> class.</summary>
    /// <param name="raw">The value as it is written, with its quotes.</param>
    public ShellValue(string raw)
    {
        _raw = raw;
        for (int at = 0; at < raw.Length; )
        {
            at = ReadPart(at);
        }

        _line = new CommandLineText(raw, _text.ToString(), _starts, _ends);
    }

    /// <summary>Gets the words; where the shell puts something in, a word holds a character that no kernel knows.</summary>
    public IReadOnlyList<string> Words => _line.Texts;

    /// <summary>Tells whether a word is nothing but a variable.</summary>
    /// <param name="word">The word.</param>
    /// <param name="name">The variable.</param>
    /// <returns>True if it is.</returns>
    public bool IsVariable(string word, string name) =>
        word is [>= FirstExpansion and var character]
        && character - FirstExpansion < _expansions.Count
        && (
            _expansions[character - FirstExpansion] == $"${name}"
            || _expansions[character - FirstExpansion] == $"${{{name}}}"
        );

    /// <summary>Writes the value with other words.</summary>
    /// <param name="inPlaceOf">What stands in the place of each word, by its index and text.</param>
    /// <param name="appended">Words for the end.</param>
    /// <returns>The value with its quotes.</returns>
    public string Rewrite(Func<int, string, IEnumerable<string>> inPlaceOf, IReadOnlyList<string> appended)
    {
        bool isSafe = Words
            .SelectMany((word, index) => inPlaceOf(index, word).Where(text => text != word))
            .Concat(appended)
            .All(static text => text.All(IsSafe));
        if (
            isSafe
            && _isQuoted
            && _raw.Length > 0
            && _line.IsPlain(static gap =>
                gap.All(static character => character is ' ' or '\t' or '\n' or '\r' or '\\')
            )
        )
        {
            return _line.Rewrite(inPlaceOf, appended);
        }

        // Quotes within the value, or none at all: it is written anew, as one in double quotes.
        IEnumerable<string> words = Words.SelectMany((word, index) => inPlaceOf(index, word)).Concat(appended);
        return $"\"{string.Join(' ', words.Select(Quote))}\"";
    }

    // Means itself in either kind of quotes.
    private static bool IsSafe(char character) =>
        character < FirstExpansion && character is not ('"' or '\'' or '\\' or '$' or '`');

    private int ReadPart(int at)
    {
        if (_raw[at] == '\'')
        {
            int end = ShellAssignments.PartEnd(_raw, at);
            for (int i = at + 1; i < end - 1; i++)
            {
                Add(_raw[i], i, i + 1);
            }

            return end;
        }

        if (_raw[at] == '"')
        {
            int end = ShellAssignments.PartEnd(_raw, at);
            for (int i = at + 1; i < end - 1; )
            {
                i = ReadCharacter(i, isQuoted: true);
            }

            return end;
        }

        _isQuoted = false;
        return ReadCharacter(at, isQuoted: false);
    }

    private int ReadCharacter(int at, bool isQuoted)
    {
        char next = at + 1 < _raw.Length ? _raw[at + 1] : '\0';
        if (_raw[at] == '\\' && next != '\0')
        {
            bool isEscape = !isQuoted || next is '"' or '\\' or '$' or '`' or '\n';
            if (isEscape && next != '\n')
            {
                Add(next, at, at + 2);
            }
            else if (!isEscape)
            {
                Add('\\', at, at + 1);
                return at + 1;
            }

            return at + 2;
        }

        if (
            _raw[at] == '`'
            || (
                _raw[at] == '$'
                && (
                    char.IsAsciiLetterOrDigit(next)
                    || next is '_' or '{' or '(' or '?' or '*' or '@' or '#' or '$' or '!'
                )
            )
        )
        {
            // One that is not closed goes to the end.
            int end = Math.Min(
                next is '{' or '(' || _raw[at] == '`' ? ShellAssignments.PartEnd(_raw, at) : NameEnd(at + 1),
                _raw.Length
            );
            _expansions.Add(_raw[at..end].Replace("\\\n", string.Empty, StringComparison.Ordinal));
            Add((char)(FirstExpansion + _expansions.Count - 1), at, end);
            return end;
        }

        Add(_raw[at], at, at + 1);
        return at + 1;
    }

    private int NameEnd(int at)
    {
        int end = at + 1;
        while (end < _raw.Length && char.IsAsciiLetter(_raw[at]) | _raw[at] == '_')
        {
            if (char.IsAsciiLetterOrDigit(_raw[end]) || _raw[end] == '_')
            {
                end++;
            }
            else if (_raw.AsSpan(end).StartsWith("\\\n", StringComparison.Ordinal))
            {
                // The shell takes it away before it looks for a name.
                end += 2;
            }
            else
            {
                break;
            }
        }

        return end;
    }

    private void Add(char character, int start, int end)
    {
        _text.Append(character);
        _starts.Add(start);
        _ends.Add(end);
    }

    private string Quote(string word)
    {
        StringBuilder result = new();
        for (int at = 0; at < word.Length; at++)
        {
            char character = word[at];
            result.Append(
                character switch
                {
                    '"' or '\\' or '$' or '`' => $"\\{character}",
                    >= FirstExpansion when character - FirstExpansion < _expansions.Count => Expansion(
                        _expansions[character - FirstExpansion],
                        at + 1 < word.Length ? word[at + 1] : ' '
                    ),
                    _ => character.ToString(),
                }
            );
        }

        return result.ToString();
    }

    // What follows must not become a part of the name.
    private static string Expansion(string text, char next) =>
        text is ['$', (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or '_', ..]
        && (char.IsAsciiLetterOrDigit(next) || next == '_')
            ? $"${{{text[1..]}}}"
            : text;
}
