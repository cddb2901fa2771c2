using System.Text;
using NestVirt.Changes;

namespace NestVirt.Linux.Files;

/// <summary>Files of settings as they are, byte for byte, and as they would be after edits.</summary>
internal sealed class SettingFiles
{
    // Where programs of systemd's kind look for files of settings, the strongest first: sysctl.d(5), tmpfiles.d(5).
    private static readonly string[] s_roots = ["/etc/", "/run/", "/usr/local/lib/", "/usr/lib/", "/lib/"];

    private readonly IReadOnlyDictionary<string, RawFile> _files;
    private readonly IReadOnlyCollection<string> _masks;
    private readonly Dictionary<string, string?> _edits = new(StringComparer.Ordinal);

    /// <summary>Initializes a new instance of the <see cref="SettingFiles"/> class.</summary>
    /// <param name="files">The files by path.</param>
    /// <param name="masks">Paths of links to /dev/null, which mask files of the same name.</param>
    internal SettingFiles(IReadOnlyDictionary<string, RawFile> files, IReadOnlyCollection<string> masks)
    {
        _files = files;
        _masks = masks;
    }

    /// <summary>Gets the paths of the files that there are now, or would be.</summary>
    internal IEnumerable<string> Paths =>
        _files.Keys.Concat(_edits.Keys).Distinct(StringComparer.Ordinal).Where(path => Text(path) is not null);

    /// <summary>Lists the patterns that a folder's files are read by.</summary>
    /// <param name="folder">The folder, such as <c>sysctl.d</c>.</param>
    /// <param name="pattern">The names of its files.</param>
    /// <returns>The patterns.</returns>
    internal static IEnumerable<string> Patterns(string folder, string pattern) =>
        s_roots.Select(root => $"{root}{folder}/{pattern}");

    /// <summary>Gets the text of a file as it would be; null when it would not be there.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The text, a character a byte.</returns>
    internal string? Text(string path) =>
        _edits.TryGetValue(path, out string? text) ? text : _files.GetValueOrDefault(path)?.Text;

    /// <summary>Puts a text into a file.</summary>
    /// <param name="path">The path.</param>
    /// <param name="text">The text; null to remove the file.</param>
    internal void Set(string path, string? text) => _edits[path] = text;

    /// <summary>Gets the files of a folder in the order they are read: by name; of one name only the strongest.</summary>
    /// <param name="folder">The folder, such as <c>sysctl.d</c>.</param>
    /// <returns>The paths.</returns>
    internal IEnumerable<string> InOrder(string folder) =>
        Paths
            .Concat(_masks)
            .Select(path =>
                (
                    Path: path,
                    Rank: Array.FindIndex(
                        s_roots,
                        root => path.StartsWith($"{root}{folder}/", StringComparison.Ordinal)
                    )
                )
            )
            .Where(static file => file.Rank >= 0)
            .GroupBy(static file => NameOf(file.Path), StringComparer.Ordinal)
            .OrderBy(static group => group.Key, StringComparer.Ordinal)
            .Select(static group => group.MinBy(static file => file.Rank).Path)
            .Where(path => !_masks.Contains(path) || _edits.ContainsKey(path));

    /// <summary>Makes comments of lines of a file; a package's file stays, and one of its name in /etc masks it.</summary>
    /// <param name="path">The path.</param>
    /// <param name="isMeant">Tells a line that is meant.</param>
    internal void CommentOut(string path, Func<string, bool> isMeant)
    {
        string text = SettingText.CommentOut(Text(path) ?? string.Empty, isMeant);
        bool isAdministrators = path.StartsWith(s_roots[0], StringComparison.Ordinal);
        string[] parts = path.Split('/');
        Set(isAdministrators ? path : $"{s_roots[0]}{parts[^2]}/{parts[^1]}", text);
    }

    /// <summary>Plans the edits.</summary>
    /// <returns>The changes, ordered by path.</returns>
    internal IEnumerable<HostChange> Changes() =>
        _edits
            .OrderBy(static edit => edit.Key, StringComparer.Ordinal)
            .Select(edit => FileAction.Plan(edit.Key, _files.GetValueOrDefault(edit.Key), edit.Value))
            .OfType<HostChange>()
            .Select(static change => change with { TakesEffect = ChangeTiming.NextBoot });

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];
}

/// <summary>Edits of texts that have one setting a line; every other byte stays.</summary>
internal static class SettingText
{
    /// <summary>The first line of our files.</summary>
    internal const string Header = "# Written by NestVirt; \"nestvirt undo\" puts back what was here before.\n";

    private const string Disabled = "# nestvirt: ";

    /// <summary>Keeps one line of those that set something, or none.</summary>
    /// <param name="text">The text; null when there is no file.</param>
    /// <param name="isMeant">Tells a line that sets it.</param>
    /// <param name="line">The line to have, without its end; null for none.</param>
    /// <returns>The text; null when nothing is left in it but our header.</returns>
    internal static string? Set(string? text, Func<string, bool> isMeant, string? line)
    {
        StringBuilder result = new();
        bool isSet = line is null;
        foreach (string whole in Lines(text ?? Header))
        {
            if (!isMeant(whole))
            {
                result.Append(whole);
            }
            else if (!isSet)
            {
                isSet = true;
                result.Append(line).Append(End(whole));
            }
        }

        if (!isSet)
        {
            result.Append(result.Length > 0 && result[^1] != '\n' ? "\n" : string.Empty).Append(line).Append('\n');
        }

        string edited = result.ToString();
        return edited == Header || edited.Length == 0 ? null : edited;
    }

    /// <summary>Makes comments of lines.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isMeant">Tells a line that is meant.</param>
    /// <returns>The text.</returns>
    internal static string CommentOut(string text, Func<string, bool> isMeant) =>
        string.Concat(Lines(text).Select(line => isMeant(line) ? Disabled + line : line));

    /// <summary>Splits a text into lines that keep their ends.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The lines.</returns>
    internal static IEnumerable<string> Lines(string text)
    {
        for (int start = 0; start < text.Length; )
        {
            int newline = text.IndexOf('\n', start);
            int end = newline < 0 ? text.Length : newline + 1;
            yield return text[start..end];
            start = end;
        }
    }

    private static string End(string line) => line.EndsWith("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
}
