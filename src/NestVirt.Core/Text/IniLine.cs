namespace NestVirt.Text;

/// <summary>A line of a file with sections, of the form that GLib's key files and systemd's files share.</summary>
internal static class IniLine
{
    /// <summary>Tells whether a line begins a section.</summary>
    /// <param name="line">The line.</param>
    /// <returns>True for <c>[Name]</c>.</returns>
    internal static bool IsSection(string line) => line.TrimStart().StartsWith('[');

    /// <summary>Gets the key of a line.</summary>
    /// <param name="line">The line.</param>
    /// <returns>The key; null for a comment, a section and what has no <c>=</c>.</returns>
    internal static string? Key(string line) =>
        line.IndexOf('=', StringComparison.Ordinal) is var equals and > 0
        && line.TrimStart()[0] is not ('#' or ';' or '[')
            ? line[..equals].Trim()
            : null;

    /// <summary>Gets the value of a line that has a key.</summary>
    /// <param name="line">The line.</param>
    /// <returns>The value, without blanks around it.</returns>
    internal static string Value(string line) => line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim();
}
