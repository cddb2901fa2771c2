namespace NestVirt.Linux.Boot;

/// <summary>An assignment in a file that a shell sources.</summary>
/// <param name="Name">The variable.</param>
/// <param name="IsAppend">Whether it is <c>+=</c>.</param>
/// <param name="IsConditional">Whether it stands inside of if, case, a loop, a function or a subshell.</param>
/// <param name="Start">Where the value begins.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Line">The one-based number of its line.</param>
internal sealed record ShellAssignment(string Name, bool IsAppend, bool IsConditional, int Start, int End, int Line);

/// <summary>Finds the assignments of a file that a shell sources, as far as POSIX words, quotes, comments and keywords go.</summary>
internal static class ShellAssignments
{
    private const string Operators = ";&|()<>";
    private const int MaximumDepth = 100;

    /// <summary>Finds them.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="isWhole">False where a quote or an expansion is not closed: a shell would stop there.</param>
    /// <returns>The assignments in their order.</returns>
    public static IReadOnlyList<ShellAssignment> Read(string text, out bool isWhole)
    {
        isWhole = true;
        List<ShellAssignment> found = [];
        List<ShellAssignment> command = [];
        int depth = 0;
        int parentheses = 0;
        bool isFirst = true;
        int line = 1;
        int counted = 0;
        int at = 0;
        while (at < text.Length)
        {
            char character = text[at];
            if (character == '#')
            {
                at = LineEnd(text, at);
            }
            else if (character == '\\' && at + 1 < text.Length && text[at + 1] == '\n')
            {
                at += 2;
            }
            else if (character is '\n' || Operators.Contains(character, StringComparison.Ordinal))
            {
                // The pattern of a case closes one that was not opened.
                parentheses = Math.Max(
                    0,
                    parentheses
                        + (
                            character == '(' ? 1
                            : character == ')' ? -1
                            : 0
                        )
                );
                found.AddRange(command);
                command.Clear();
                isFirst = true;
                at++;
            }
            else if (IsBlank(character))
            {
                at++;
            }
            else
            {
                int end = WordEnd(text, at);
                isWhole &= end <= text.Length;
                end = Math.Min(end, text.Length);
                string word = text[at..end];
                int name = isFirst ? NameLength(word) : 0;
                if (name > 0)
                {
                    line += text.AsSpan(counted, at - counted).Count('\n');
                    counted = at;
                    command.Add(ToAssignment(text, at, end, name, depth + parentheses > 0, line));
                }
                else if (isFirst && word != "export")
                {
                    // What follows an assignment makes it the environment of one command.
                    command.Clear();
                    depth = Math.Max(0, depth + Depth(word));
                    isFirst = IsOpener(word);
                }

                at = Math.Max(end, at + 1);
            }
        }

        found.AddRange(command);
        return found;
    }

    /// <summary>Finds the end of a quoted or expanded part.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where the part begins: at a quote, a backslash, a dollar sign, a backquote or any other character.</param>
    /// <returns>The index behind it; one behind the text where it is not closed.</returns>
    public static int PartEnd(string text, int at) => PartEnd(text, at, 0);

    private static int PartEnd(string text, int at, int depth) =>
        text[at] switch
        {
            '\\' => at + 2 <= text.Length ? at + 2 : text.Length + 1,
            '\'' => text.IndexOf('\'', at + 1) is var end and >= 0 ? end + 1 : text.Length + 1,
            '"' => Closing(text, at + 1, '"', depth),
            '`' => text.IndexOf('`', at + 1) is var end and >= 0 ? end + 1 : text.Length + 1,
            '$' when at + 1 < text.Length && text[at + 1] == '(' => Closing(text, at + 2, ')', depth),
            '$' when at + 1 < text.Length && text[at + 1] == '{' => Closing(text, at + 2, '}', depth),
            _ => at + 1,
        };

    // Deeper than anybody nests, and than a stack bears when somebody does: taken for a part that is not closed.
    private static int Closing(string text, int at, char close, int depth)
    {
        if (depth > MaximumDepth)
        {
            return text.Length + 1;
        }

        while (at < text.Length && text[at] != close)
        {
            at =
                close == '"' && text[at] == '\'' ? at + 1
                : close == ')' && text[at] == '(' ? Closing(text, at + 1, ')', depth + 1)
                : PartEnd(text, at, depth + 1);
        }

        return Math.Min(at, text.Length) + 1;
    }

    private static ShellAssignment ToAssignment(string text, int at, int end, int name, bool isConditional, int line)
    {
        bool isAppend = text[at + name] == '+';
        return new ShellAssignment(
            text.Substring(at, name),
            isAppend,
            isConditional,
            at + name + (isAppend ? 2 : 1),
            end,
            line
        );
    }

    private static int WordEnd(string text, int at)
    {
        while (
            at < text.Length
            && !IsBlank(text[at])
            && text[at] != '\n'
            && !Operators.Contains(text[at], StringComparison.Ordinal)
        )
        {
            at = PartEnd(text, at);
        }

        return at;
    }

    // A carriage return at the end of a line would be part of the value; nobody means that.
    private static bool IsBlank(char character) => character is ' ' or '\t' or '\r';

    private static int LineEnd(string text, int at) => text.IndexOf('\n', at) is var end and >= 0 ? end : text.Length;

    private static int NameLength(string word)
    {
        int length = 0;
        while (length < word.Length && (char.IsAsciiLetterOrDigit(word[length]) || word[length] == '_'))
        {
            length++;
        }

        ReadOnlySpan<char> rest = word.AsSpan(length);
        return
            length > 0
            && !char.IsAsciiDigit(word[0])
            && (rest.StartsWith("=", StringComparison.Ordinal) || rest.StartsWith("+=", StringComparison.Ordinal))
            ? length
            : 0;
    }

    private static int Depth(string word) =>
        word switch
        {
            "if" or "case" or "for" or "while" or "until" or "{" => 1,
            "fi" or "esac" or "done" or "}" => -1,
            _ => 0,
        };

    private static bool IsOpener(string word) =>
        word is "if" or "then" or "else" or "elif" or "while" or "until" or "do" or "{" or "!";
}
