using System.Globalization;
using NestVirt.Probing;

namespace NestVirt.Linux.Boot;

/// <summary>One entry of a GRUB menu.</summary>
/// <param name="Title">What the menu shows.</param>
/// <param name="Id">The id, or null.</param>
/// <param name="CommandLine">What its linux command gives the kernel, with variables; null of a submenu or another system.</param>
/// <param name="Children">The entries of a submenu.</param>
internal sealed record GrubEntry(string Title, string? Id, string? CommandLine, IReadOnlyList<GrubEntry> Children);

/// <summary>As much of a grub.cfg as grub-mkconfig writes and the next kernel command line depends on.</summary>
/// <param name="Entries">The menu.</param>
/// <param name="Default">The default entry as set when no one-time entry is, with variables; null when it is not set.</param>
/// <param name="Variables">Variables that are set to plain text outside of the menu.</param>
/// <param name="UsesLoaderEntries">Whether the menu comes from files in /boot/loader/entries (blscfg).</param>
internal sealed record GrubConfig(
    IReadOnlyList<GrubEntry> Entries,
    string? Default,
    IReadOnlyDictionary<string, string> Variables,
    bool UsesLoaderEntries
)
{
    /// <summary>Reads a grub.cfg.</summary>
    /// <param name="lines">Its lines.</param>
    /// <returns>The menu.</returns>
    public static GrubConfig Parse(IReadOnlyList<string> lines)
    {
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        Stack<OpenEntry> open = new();
        open.Push(new OpenEntry(string.Empty, null));
        string? chosen = null;
        bool usesLoaderEntries = false;
        foreach (string line in lines)
        {
            List<string> words = SplitWords(line);
            switch (words)
            {
                case ["menuentry" or "submenu", string title, ..] when line.TrimEnd().EndsWith('{'):
                    open.Push(new OpenEntry(title, IdOf(words)));
                    break;
                case ["}"] when open.Count > 1:
                    OpenEntry closed = open.Pop();
                    open.Peek().Children.Add(closed.Close());
                    break;
                case ["linux" or "linux16" or "linuxefi", _, ..]:
                    open.Peek().CommandLine ??= string.Join(' ', words.Skip(2));
                    break;
                case ["blscfg", ..]:
                    usesLoaderEntries = true;
                    break;
                case ["set", string assignment, ..]
                    when open.Count == 1 && assignment.Split('=', 2) is [string name, string value]:
                    chosen =
                        name == "default" && !value.Contains("next_entry", StringComparison.Ordinal) ? value : chosen;
                    variables[name] = value;
                    break;
            }
        }

        while (open.Count > 1)
        {
            OpenEntry closed = open.Pop();
            open.Peek().Children.Add(closed.Close());
        }

        return new GrubConfig(open.Peek().Children, chosen, variables, usesLoaderEntries);
    }

    /// <summary>Reads a grubenv: lines name=value, padded with # to 1,024 bytes.</summary>
    /// <param name="file">The file, or null.</param>
    /// <returns>The variables.</returns>
    public static IReadOnlyDictionary<string, string> ParseEnvironment(ListedFile? file)
    {
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        foreach (string line in file?.Lines ?? [])
        {
            if (!line.StartsWith('#') && line.Split('=', 2) is [string name, string value])
            {
                variables[name] = value.Replace("\\\\", "\\", StringComparison.Ordinal);
            }
        }

        return variables;
    }

    /// <summary>Finds the entry that a value of <c>default</c> names: a number, a title or an id, with &gt; into submenus.</summary>
    /// <param name="name">The value.</param>
    /// <returns>The entry, or null when there is none.</returns>
    public GrubEntry? Find(string name)
    {
        IReadOnlyList<GrubEntry> entries = Entries;
        GrubEntry? found = null;
        foreach (string part in name.Split('>'))
        {
            found =
                entries.FirstOrDefault(entry => entry.Id == part || entry.Title == part)
                ?? (
                    int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                    && index < entries.Count
                        ? entries[index]
                        : null
                );
            entries = found?.Children ?? [];
        }

        // GRUB opens a submenu that is the default, and takes its first entry.
        while (found is { CommandLine: null, Children: [GrubEntry first, ..] })
        {
            found = first;
        }

        return found;
    }

    private static string? IdOf(List<string> words)
    {
        int at = words.FindIndex(static word => word is "--id" or "$menuentry_id_option" or "${menuentry_id_option}");
        return at > 0 && at + 1 < words.Count
            ? words[at + 1]
            : words.Find(static word => word.StartsWith("--id=", StringComparison.Ordinal))?[5..];
    }

    // The words of GRUB's script language, as far as quotes go; a $ stays as it is.
    private static List<string> SplitWords(string line)
    {
        List<string> words = [];
        System.Text.StringBuilder word = new();
        char quote = '\0';
        bool isInWord = false;
        for (int i = 0; i < line.Length; i++)
        {
            char character = line[i];
            if (quote == '\0' && character is ' ' or '\t')
            {
                Add();
            }
            else if (quote == '\0' && !isInWord && character == '#')
            {
                break;
            }
            else if (character == quote || (quote == '\0' && character is '\'' or '"'))
            {
                quote = quote == '\0' ? character : '\0';
                isInWord = true;
            }
            else
            {
                i += character == '\\' && quote != '\'' && i + 1 < line.Length ? 1 : 0;
                word.Append(line[i]);
                isInWord = true;
            }
        }

        Add();
        return words;

        void Add()
        {
            if (isInWord)
            {
                words.Add(word.ToString());
            }

            word.Clear();
            isInWord = false;
        }
    }

    private sealed class OpenEntry(string title, string? id)
    {
        public List<GrubEntry> Children { get; } = [];

        public string? CommandLine { get; set; }

        public GrubEntry Close() => new(title, id, CommandLine, Children);
    }
}
