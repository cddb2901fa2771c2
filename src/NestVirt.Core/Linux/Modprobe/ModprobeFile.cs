using System.Globalization;
using System.Text;

namespace NestVirt.Linux.Modprobe;

/// <summary>One line of modprobe configuration, with continuation lines joined.</summary>
/// <param name="Command">options, install, remove, blacklist, alias, softdep or weakdep.</param>
/// <param name="Module">The name it is about, with underscores.</param>
/// <param name="Arguments">The rest of the line.</param>
/// <param name="Path">The file.</param>
/// <param name="Line">The one-based number of its first line.</param>
/// <param name="Text">The whole line, joined.</param>
internal sealed record ModprobeDirective(
    string Command,
    string Module,
    string Arguments,
    string Path,
    int Line,
    string Text
)
{
    /// <summary>Gets the place as <c>file:line</c>.</summary>
    public string Source => string.Create(CultureInfo.InvariantCulture, $"{Path}:{Line}");

    /// <summary>Gets the place and the text, as evidence.</summary>
    public string Evidence => $"{Source}: {Shown(Text)}";

    /// <summary>Gets a value indicating whether the line has a carriage return, as files of Windows have.</summary>
    public bool HasCarriageReturn => Text.Contains('\r', StringComparison.Ordinal);

    /// <summary>Makes a carriage return one that can be seen.</summary>
    /// <param name="text">A line.</param>
    /// <returns>The line with <c>\r</c> in its place.</returns>
    internal static string Shown(string text) => text.Replace("\r", "\\r", StringComparison.Ordinal);
}

/// <summary>A line that modprobe leaves out.</summary>
/// <param name="Path">The file.</param>
/// <param name="Line">The one-based number of its first line.</param>
/// <param name="Text">The whole line, joined.</param>
internal sealed record ModprobeBadLine(string Path, int Line, string Text)
{
    /// <summary>Gets the place and the text, as evidence.</summary>
    public string Evidence => string.Create(CultureInfo.InvariantCulture, $"{Path}:{Line}: {Text}");
}

/// <summary>One file of modprobe configuration, read as kmod_config_parse of libkmod reads it.</summary>
/// <param name="Directives">Its lines.</param>
/// <param name="BadLines">Lines that are left out.</param>
internal sealed record ModprobeFile(
    IReadOnlyList<ModprobeDirective> Directives,
    IReadOnlyList<ModprobeBadLine> BadLines
)
{
    private static readonly char[] s_blanks = [' ', '\t'];

    /// <summary>Reads the lines of a file.</summary>
    /// <param name="path">The path, for evidence.</param>
    /// <param name="lines">The lines.</param>
    /// <returns>What they say.</returns>
    public static ModprobeFile Parse(string path, IReadOnlyList<string> lines)
    {
        List<ModprobeDirective> directives = [];
        List<ModprobeBadLine> badLines = [];
        int next = 0;
        while (next < lines.Count)
        {
            int number = next + 1;
            string text = ReadWrapped(lines, ref next);

            // Only a # in the first column opens a comment; one that ends in a backslash goes on in the next line.
            string trimmed = text.TrimStart(s_blanks);
            if (trimmed.Length == 0 || text[0] == '#')
            {
                continue;
            }

            if (ParseLine(trimmed, path, number, text) is { } directive)
            {
                directives.Add(directive);
            }
            else
            {
                badLines.Add(new ModprobeBadLine(path, number, text));
            }
        }

        return new ModprobeFile(directives, badLines);
    }

    /// <summary>Puts a module's name into the form that the kernel uses.</summary>
    /// <param name="name">The name, perhaps with dashes.</param>
    /// <returns>The name with underscores; a dash between brackets stays, for there it is a range of a pattern.</returns>
    public static string Normalize(string name)
    {
        if (!name.Contains('[', StringComparison.Ordinal))
        {
            return name.Replace('-', '_');
        }

        bool isInBrackets = false;
        return string.Concat(
            name.Select(character =>
            {
                isInBrackets = character == '[' || (isInBrackets && character != ']');
                return character == '-' && !isInBrackets ? '_' : character;
            })
        );
    }

    private static ModprobeDirective? ParseLine(string trimmed, string path, int number, string text)
    {
        (string command, string afterCommand) = NextWord(trimmed);
        (string name, string arguments) = NextWord(afterCommand);
        bool isKnown = command switch
        {
            "blacklist" => name.Length > 0,
            "alias" or "options" or "install" or "remove" or "softdep" or "weakdep" => arguments.Length > 0,
            _ => false,
        };
        return isKnown && HasPairedBrackets(name)
            ? new ModprobeDirective(command, Normalize(name), arguments, path, number, text)
            : null;
    }

    // underscores() of libkmod refuses a name with a bracket that is not closed, or not opened.
    private static bool HasPairedBrackets(string name)
    {
        bool isInBrackets = false;
        foreach (char character in name)
        {
            if (character == ']' && !isInBrackets)
            {
                return false;
            }

            isInBrackets = character == '[' || (isInBrackets && character != ']');
        }

        return !isInBrackets;
    }

    private static (string Word, string Remainder) NextWord(string text)
    {
        string trimmed = text.TrimStart(s_blanks);
        int end = trimmed.IndexOfAny(s_blanks);
        return end < 0 ? (trimmed, string.Empty) : (trimmed[..end], trimmed[(end + 1)..]);
    }

    // freadline_wrapped: a backslash takes the next character as it is; before the end of a line it takes that away.
    private static string ReadWrapped(IReadOnlyList<string> lines, ref int next)
    {
        string first = lines[next++];
        if (!first.Contains('\\', StringComparison.Ordinal))
        {
            return first;
        }

        StringBuilder joined = new();
        string line = first;
        while (AppendUnescaped(joined, line) && next < lines.Count)
        {
            line = lines[next++];
        }

        return joined.ToString();
    }

    private static bool AppendUnescaped(StringBuilder joined, string line)
    {
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '\\')
            {
                i++;
                if (i == line.Length)
                {
                    return true;
                }
            }

            joined.Append(line[i]);
        }

        return false;
    }
}
