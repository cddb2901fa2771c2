using System.Text;

namespace NestVirt.Text;

/// <summary>A word that is a name, or a pattern of <c>*</c>, <c>?</c> and <c>[…]</c> in which a backtick takes the next character as it stands; case does not count.</summary>
internal sealed class TextPattern
{
    private readonly string _pattern;

    /// <summary>Initializes a new instance of the <see cref="TextPattern"/> class.</summary>
    /// <param name="word">The word.</param>
    public TextPattern(string word)
    {
        Word = word;
        StringBuilder pattern = new();
        for (int i = 0; i < word.Length; i++)
        {
            bool isEscape = word[i] == '`' && i + 1 < word.Length;
            IsPattern |= !isEscape && word[i] is '*' or '?' or '[';
            pattern.Append(isEscape ? $"[{char.ToLowerInvariant(word[++i])}]" : char.ToLowerInvariant(word[i]));
        }

        _pattern = pattern.ToString();
    }

    /// <summary>Gets the word.</summary>
    public string Word { get; }

    /// <summary>Gets a value indicating whether the word may stand for others, so that it may well fit nothing.</summary>
    public bool IsPattern { get; }

    /// <summary>Tells whether the word is a text, or stands for it.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True if it does.</returns>
    public bool Fits(string text) =>
        text.Equals(Word, StringComparison.OrdinalIgnoreCase)
        || ShellPattern.IsMatch(_pattern, text.ToLowerInvariant());
}
