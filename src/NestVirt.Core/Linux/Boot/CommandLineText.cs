using System.Text;

namespace NestVirt.Linux.Boot;

/// <summary>A kernel command line inside of a file: each of its characters knows the bytes that it is written with.</summary>
/// <remarks>
/// The words that an edit is not about keep their bytes, and so do the blanks, line breaks and quotes between them.
/// </remarks>
internal sealed class CommandLineText
{
    private readonly string _raw;
    private readonly IReadOnlyList<int>? _starts;
    private readonly IReadOnlyList<int>? _ends;
    private readonly List<(int Start, int End)> _words;

    /// <summary>Initializes a new instance of the <see cref="CommandLineText"/> class, where every character stands for itself.</summary>
    /// <param name="raw">The line.</param>
    public CommandLineText(string raw)
        : this(raw, raw, null, null) { }

    /// <summary>Initializes a new instance of the <see cref="CommandLineText"/> class.</summary>
    /// <param name="raw">What is written.</param>
    /// <param name="text">What it means.</param>
    /// <param name="starts">Where in <paramref name="raw"/> each character of <paramref name="text"/> begins.</param>
    /// <param name="ends">Where it ends.</param>
    public CommandLineText(string raw, string text, IReadOnlyList<int>? starts, IReadOnlyList<int>? ends)
    {
        _raw = raw;
        _starts = starts;
        _ends = ends;
        _words = [.. Ranges(text)];
        Texts = [.. _words.Select(word => text[word.Start..word.End])];
    }

    /// <summary>Gets the words, as the kernel would read them.</summary>
    public IReadOnlyList<string> Texts { get; }

    /// <summary>Takes a line apart.</summary>
    /// <param name="text">A kernel command line.</param>
    /// <returns>Its words.</returns>
    public static IReadOnlyList<string> Words(string text) => new CommandLineText(text).Texts;

    /// <summary>Edits a line that stands for itself.</summary>
    /// <param name="line">The line.</param>
    /// <param name="change">What is wanted.</param>
    /// <returns>The new line.</returns>
    public static string Edit(string line, KernelWordChange change)
    {
        CommandLineText text = new(line);
        KernelWordEdit edit = change.Apply(text.Texts);
        return edit.IsEmpty ? line : text.Rewrite(edit.InPlaceOf, edit.Appended);
    }

    /// <summary>Writes the line with other words.</summary>
    /// <param name="inPlaceOf">What stands in the place of each word, by its index and text.</param>
    /// <param name="appended">Words for the end; they stand before <c>--</c>.</param>
    /// <returns>What is to be written.</returns>
    public string Rewrite(Func<int, string, IEnumerable<string>> inPlaceOf, IReadOnlyList<string> appended)
    {
        StringBuilder result = new(_raw.Length + 32);
        result.Append(
            _raw.AsSpan(
                0,
                _words.Count == 0
                    ? _starts is null
                        ? _raw.Length
                        : HeadLength()
                    : StartOf(0)
            )
        );
        bool isFirst = true;
        string gap = string.Empty;
        for (int i = 0; i < _words.Count; i++)
        {
            string word = Texts[i];
            string[] here = [.. word == KernelCommandLine.InitSeparator ? appended : [], .. inPlaceOf(i, word)];
            appended = word == KernelCommandLine.InitSeparator ? [] : appended;
            string before = gap;
            foreach (string text in here)
            {
                result.Append(isFirst ? string.Empty : before).Append(text == word ? RawOf(i) : text);
                isFirst = false;
                before = " ";
            }

            // The gap before a word that goes away goes with it; at the start the one behind it does.
            gap = here.Length > 0 ? Gap(i) : gap;
        }

        foreach (string text in appended)
        {
            result.Append(isFirst ? string.Empty : " ").Append(text);
            isFirst = false;
        }

        return result
            .Append(
                _raw.AsSpan(
                    _words.Count == 0
                        ? _starts is null
                            ? _raw.Length
                            : HeadLength()
                        : EndOf(_words.Count - 1)
                )
            )
            .ToString();
    }

    /// <summary>Tells whether words and gaps hold nothing but themselves: no quotes that would be lost with them.</summary>
    /// <param name="isBreak">Whether a piece of a gap is harmless.</param>
    /// <returns>True if they may be cut out and replaced one by one.</returns>
    public bool IsPlain(Func<string, bool> isBreak) =>
        Enumerable.Range(0, _words.Count).All(i => IsWhole(_words[i].Start, _words[i].End))
        && Enumerable.Range(0, Math.Max(_words.Count - 1, 0)).All(i => isBreak(Gap(i)));

    private static IEnumerable<(int Start, int End)> Ranges(string text)
    {
        int at = 0;
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            int start = at;
            bool isQuoted = false;
            for (; at < text.Length && (isQuoted || !char.IsWhiteSpace(text[at])); at++)
            {
                // A quote that nothing closes would take in whatever is added later.
                isQuoted = text[at] == '"' ? !isQuoted && text.IndexOf('"', at + 1) > 0 : isQuoted;
            }

            yield return (start, at);
        }
    }

    // An empty value is a pair of quotes: what is added goes between them.
    private int HeadLength() => _raw.Length > 0 && _raw[0] is '"' or '\'' ? 1 : 0;

    private bool IsWhole(int start, int end) =>
        _starts is null || Enumerable.Range(start, end - start - 1).All(i => _ends![i] == _starts[i + 1]);

    private int StartOf(int word) => _starts is null ? _words[word].Start : _starts[_words[word].Start];

    private int EndOf(int word) => _ends is null ? _words[word].End : _ends[_words[word].End - 1];

    private string RawOf(int word) => _raw[StartOf(word)..EndOf(word)];

    private string Gap(int word) => word + 1 < _words.Count ? _raw[EndOf(word)..StartOf(word + 1)] : string.Empty;
}
