#pragma warning disable IDE0005 // PowerShell compiles this file for Pester, without the usings of the project.
using System;
using System.IO;
using System.Text;
#pragma warning restore IDE0005

namespace NestVirt.Testing;

/// <summary>Writes a directory tree that stands for a host, from one text: names of sysfs are not valid on Windows.</summary>
/// <remarks>
/// <c>== PATH</c> begins a file, which holds the lines up to the next such line; <c>== PATH -> TARGET</c> is a symbolic link, and
/// <c>== PATH/</c> a directory. What stands before the first is a comment. In a file <c>\r</c>, <c>\t</c> and <c>\\</c> are what
/// they are in C, and a backslash at the end of a line takes the line end away.
/// </remarks>
public static class TreeText
{
    private const string Mark = "\n== ";
    private const string Arrow = " -> ";

    /// <summary>Writes the tree of a file.</summary>
    /// <param name="root">The directory, which is made.</param>
    /// <param name="file">The file.</param>
    public static void WriteFile(string root, string file) => Write(root, File.ReadAllText(file));

    /// <summary>Writes a tree.</summary>
    /// <param name="root">The directory, which is made.</param>
    /// <param name="tree">The text.</param>
    public static void Write(string root, string tree)
    {
        string lines = "\n" + tree.ReplaceLineEndings("\n");
        foreach (string part in (lines.EndsWith('\n') ? lines[..^1] : lines).Split(Mark)[1..])
        {
            string[] halves = part.Split('\n', 2);
            WriteEntry(root, halves[0], halves.Length == 1 ? string.Empty : Unescaped(halves[1] + "\n"));
        }
    }

    private static void WriteEntry(string root, string head, string text)
    {
        string[] names = head.Split(Arrow);
        string path = Path.Combine(root, names[0]);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (names.Length > 1)
        {
            File.CreateSymbolicLink(path, names[1]);
        }
        else if (!head.EndsWith('/'))
        {
            File.WriteAllText(path, text);
        }
    }

    private static string Unescaped(string text)
    {
        StringBuilder result = new();
        for (int index = 0; index < text.Length; index++)
        {
            _ =
                text[index] != '\\'
                    ? result.Append(text[index])
                    : text[++index] switch
                    {
                        'r' => result.Append('\r'),
                        't' => result.Append('\t'),
                        '\\' => result.Append('\\'),
                        '\n' => result,
                        char other => throw new FormatException($"A tree has no \\{other}."),
                    };
        }

        return result.ToString();
    }
}
