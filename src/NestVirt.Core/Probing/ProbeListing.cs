using System.Text;

namespace NestVirt.Probing;

/// <summary>One file that a probe printed.</summary>
/// <param name="Path">The path on the host; of a tree, the path inside of it.</param>
/// <param name="Lines">The lines, without their ends.</param>
internal sealed record ListedFile(string Path, IReadOnlyList<string> Lines)
{
    /// <summary>Gets the last part of the path.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Gets the first line, or nothing of an empty file.</summary>
    public string FirstLine => Lines.Count == 0 ? string.Empty : Lines[0];
}

/// <summary>One fact that a probe printed as <c>name&lt;TAB&gt;value</c>.</summary>
/// <param name="LineNumber">The one-based line of the output.</param>
/// <param name="Name">The name.</param>
/// <param name="Value">The value, which may hold tabs.</param>
internal sealed record ListedFact(int LineNumber, string Name, string Value);

/// <summary>The form of output that <c>nv_files</c> of <see cref="ProbeScript"/> prints, with facts beside it.</summary>
/// <remarks>
/// A line <c>@path</c> opens a file, <c>|text</c> is a line of it, <c>name&lt;TAB&gt;value</c> a fact. The fact <c>root</c>
/// names the tree that paths are to be shortened by.
/// </remarks>
/// <param name="Files">The files, in the order they were printed.</param>
/// <param name="Facts">The facts, in the order they were printed.</param>
internal sealed record ProbeListing(IReadOnlyList<ListedFile> Files, IReadOnlyList<ListedFact> Facts)
{
    private readonly Dictionary<string, ListedFile> _byPath = Files
        .DistinctBy(static file => file.Path)
        .ToDictionary(static file => file.Path, StringComparer.Ordinal);

    /// <summary>Reads such output.</summary>
    /// <param name="probe">The name of the probe, for the error.</param>
    /// <param name="text">The output.</param>
    /// <returns>The files and facts.</returns>
    /// <exception cref="ProbeFormatException">A line is none of these.</exception>
    public static ProbeListing Parse(string probe, ReadOnlySpan<char> text)
    {
        List<ListedFile> files = [];
        List<ListedFact> facts = [];
        List<string> lines = [];
        string root = string.Empty;
        int lineNumber = 0;
        foreach (Range range in text.Split('\n'))
        {
            lineNumber++;
            ReadOnlySpan<char> line = text[range];
            switch (line)
            {
                case []:
                    break;
                case ['@', .. ReadOnlySpan<char> path]:
                    files.Add(new ListedFile(WithoutRoot(Unescape(path), root), lines = []));
                    break;
                case ['|', .. ReadOnlySpan<char> content] when files.Count > 0:
                    lines.Add(content.ToString());
                    break;
                default:
                    ListedFact fact = ParseFact(probe, lineNumber, line);
                    root = fact.Name == "root" ? fact.Value : root;
                    facts.Add(fact with { Value = WithoutRoot(fact.Value, root) });
                    break;
            }
        }

        return new ProbeListing(files, facts);
    }

    /// <summary>Gets the value of the first fact of a name, or null.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The value.</returns>
    public string? Fact(string name) => Facts.FirstOrDefault(fact => fact.Name == name)?.Value;

    /// <summary>Gets the file of a path, or null when it was not readable.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The file.</returns>
    public ListedFile? File(string path) => _byPath.GetValueOrDefault(path);

    private static ListedFact ParseFact(string probe, int lineNumber, ReadOnlySpan<char> line)
    {
        int tab = line.IndexOf('\t');
        return tab > 0
            ? new ListedFact(lineNumber, line[..tab].ToString(), line[(tab + 1)..].ToString())
            : throw new ProbeFormatException(probe, lineNumber, line);
    }

    private static string WithoutRoot(string path, string root) =>
        root.Length > 0
        && path.Length > root.Length
        && path[root.Length] == '/'
        && path.StartsWith(root, StringComparison.Ordinal)
            ? path[root.Length..]
            : path;

    // nv_files writes \ as \\ and a newline as \n.
    private static string Unescape(ReadOnlySpan<char> path)
    {
        if (!path.Contains('\\'))
        {
            return path.ToString();
        }

        StringBuilder result = new(path.Length);
        for (int i = 0; i < path.Length; i++)
        {
            bool isEscape = path[i] == '\\' && i + 1 < path.Length;
            i += isEscape ? 1 : 0;
            result.Append(isEscape && path[i] == 'n' ? '\n' : path[i]);
        }

        return result.ToString();
    }
}
