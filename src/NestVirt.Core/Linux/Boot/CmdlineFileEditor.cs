namespace NestVirt.Linux.Boot;

/// <summary>Edits a file that is a kernel command line, such as /etc/kernel/cmdline or the Raspberry Pi's cmdline.txt.</summary>
/// <remarks>
/// The Raspberry Pi's firmware and Proxmox take one line alone. kernel-install takes all lines, and leaves out those
/// that begin with # (kernel-install(8)); ours stay in the first one all the same.
/// </remarks>
internal static class CmdlineFileEditor
{
    /// <summary>Gets the line that counts.</summary>
    /// <param name="text">The file.</param>
    /// <returns>The line, without its end.</returns>
    public static string Line(string text)
    {
        (int start, int end) = Find(text);
        return text[start..end];
    }

    /// <summary>Tells whether a file is what Raspberry Pi OS leaves at the place where the command line was before bookworm.</summary>
    /// <param name="text">The file.</param>
    /// <returns>True if it is: its first line tells where the file went.</returns>
    internal static bool IsMoved(string text) => text.StartsWith("DO NOT EDIT", StringComparison.OrdinalIgnoreCase);

    /// <summary>Edits the line.</summary>
    /// <param name="text">The file, a byte a character.</param>
    /// <param name="change">What is wanted.</param>
    /// <returns>The new text.</returns>
    public static string Edit(string text, KernelWordChange change)
    {
        (int start, int end) = Find(text);
        return string.Concat(text.AsSpan(0, start), CommandLineText.Edit(text[start..end], change), text.AsSpan(end));
    }

    private static (int Start, int End) Find(string text)
    {
        int at = 0;
        while (true)
        {
            int newline = text.IndexOf('\n', at);
            int end = newline < 0 ? text.Length : newline;
            bool isComment = text.AsSpan(at, end - at).TrimStart().StartsWith("#", StringComparison.Ordinal);
            if (newline < 0 || !(isComment || text.AsSpan(at, end - at).IsWhiteSpace()))
            {
                return (at, end > at && text[end - 1] == '\r' ? end - 1 : end);
            }

            at = end + 1;
        }
    }
}
