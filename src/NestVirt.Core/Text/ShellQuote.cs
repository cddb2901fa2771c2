namespace NestVirt.Text;

/// <summary>Quotes words for a POSIX shell.</summary>
public static class ShellQuote
{
    /// <summary>Makes one literal word of any text, whatever it holds.</summary>
    /// <param name="text">The text; a NUL character cannot be part of a shell word and is refused.</param>
    /// <returns>The text in single quotes.</returns>
    /// <exception cref="ArgumentException">The text holds a NUL character.</exception>
    public static string Word(string text) =>
        text.Contains('\0', StringComparison.Ordinal)
            ? throw new ArgumentException("A shell word cannot hold a NUL character.", nameof(text))
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
