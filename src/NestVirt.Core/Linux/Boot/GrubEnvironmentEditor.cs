using System.Text;

namespace NestVirt.Linux.Boot;

/// <summary>Edits the variable kernelopts of a GRUB environment block, whose size never changes.</summary>
internal static class GrubEnvironmentEditor
{
    private const string Variable = "kernelopts=";
    private const int BlockLength = 1024;

    /// <summary>Edits a block.</summary>
    /// <param name="text">The file grubenv, a byte a character.</param>
    /// <param name="change">What is wanted.</param>
    /// <returns>The new text; null when the words do not fit, or there is no such variable.</returns>
    public static string? Edit(string text, KernelWordChange change)
    {
        int start = text.StartsWith(Variable, StringComparison.Ordinal)
            ? 0
            : text.IndexOf('\n' + Variable, StringComparison.Ordinal) + 1;
        if (!text.AsSpan(start).StartsWith(Variable, StringComparison.Ordinal))
        {
            return null;
        }

        start += Variable.Length;
        int end = text.IndexOf('\n', start);
        int padding = text.AsSpan().TrimEnd('#').Length;
        if (end < 0 || end > padding)
        {
            return null;
        }

        string line = CommandLineText
            .Edit(text[start..end].Replace("\\\\", "\\", StringComparison.Ordinal), change)
            .Replace("\\", "\\\\", StringComparison.Ordinal);
        if (line == text[start..end])
        {
            return text;
        }

        StringBuilder result = new(text[..start]);
        result.Append(line).Append(text.AsSpan(end, padding - end));
        int length = Math.Max(BlockLength, text.Length);
        return result.Length > length ? null : result.Append('#', length - result.Length).ToString();
    }
}
