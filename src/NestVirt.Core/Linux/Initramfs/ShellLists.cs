using System.Text;
using NestVirt.Linux.Boot;
using NestVirt.Linux.Files;
using NestVirt.Text;

namespace NestVirt.Linux.Initramfs;

/// <summary>A word of a variable that holds several.</summary>
/// <param name="Text">The word without its quotes.</param>
/// <param name="Evidence">The file, the line and what it says.</param>
internal sealed record ShellListWord(string Text, string Evidence);

/// <summary>Reads variables that hold words from files that a shell sources one after another: strings, and arrays of bash.</summary>
internal static class ShellLists
{
    /// <summary>Reads them; what stands behind a condition counts, as nobody can tell whether it holds.</summary>
    /// <param name="files">The files in their order.</param>
    /// <param name="names">The variables.</param>
    /// <returns>The words by variable.</returns>
    internal static IReadOnlyDictionary<string, IReadOnlyList<ShellListWord>> Read(
        IEnumerable<RawFile> files,
        params IReadOnlyList<string> names
    )
    {
        Dictionary<string, List<ShellListWord>> found = names.ToDictionary(
            static name => name,
            static _ => new List<ShellListWord>(),
            StringComparer.Ordinal
        );
        foreach (RawFile file in files)
        {
            string text = file.Text;
            string[] lines = text.Split('\n');
            int read = 0;
            foreach (ShellAssignment assignment in ShellAssignments.Read(text, out _))
            {
                // What looks like an assignment within an array is a word of it.
                if (assignment.Start < read || !found.TryGetValue(assignment.Name, out List<ShellListWord>? words))
                {
                    continue;
                }

                if (!assignment.IsAppend && !assignment.IsConditional)
                {
                    words.Clear();
                }

                string line = HostEncoding.Decode(lines[assignment.Line - 1].Trim());
                string evidence = HostText.ForDisplay(
                    FormattableString.Invariant($"{file.Path}:{assignment.Line}: {line}"),
                    300
                );
                (string value, read) = Value(text, assignment);
                words.AddRange(new ShellValue(value).Words.Select(word => new ShellListWord(word, evidence)));
            }
        }

        return found.ToDictionary(
            static pair => pair.Key,
            static pair => (IReadOnlyList<ShellListWord>)pair.Value,
            StringComparer.Ordinal
        );
    }

    private static (string Text, int End) Value(string text, ShellAssignment assignment) =>
        assignment.End == assignment.Start && assignment.End < text.Length && text[assignment.End] == '('
            ? Array(text, assignment.End + 1)
            : (text[assignment.Start..assignment.End].Replace('\n', ' '), assignment.End);

    private static (string Text, int End) Array(string text, int at)
    {
        StringBuilder value = new();
        while (at < text.Length && text[at] != ')')
        {
            if (text[at] == '#' && char.IsWhiteSpace(text[at - 1]))
            {
                at = text.IndexOf('\n', at) is var end and >= 0 ? end : text.Length;
                continue;
            }

            int next = Math.Min(ShellAssignments.PartEnd(text, at), text.Length);
            value.Append(text, at, next - at);
            at = next;
        }

        return (value.Replace('\n', ' ').ToString(), at);
    }
}
