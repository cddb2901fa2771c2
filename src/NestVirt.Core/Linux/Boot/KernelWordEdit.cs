namespace NestVirt.Linux.Boot;

/// <summary>An edit of a kernel command line, by the indexes of its words.</summary>
internal sealed class KernelWordEdit
{
    private readonly Dictionary<int, string?> _changed = [];
    private readonly Dictionary<int, List<string>> _after = [];
    private readonly List<string> _appended = [];

    /// <summary>Gets a value indicating whether there is nothing to do.</summary>
    public bool IsEmpty => _changed.Count == 0 && _after.Count == 0 && _appended.Count == 0;

    /// <summary>Gets the words that come to the end.</summary>
    public IReadOnlyList<string> Appended => _appended;

    /// <summary>Gets the indexes of words that change or go away.</summary>
    public IReadOnlyCollection<int> Changed => _changed.Keys;

    /// <summary>Tells whether a word changes or goes away.</summary>
    /// <param name="index">Its index.</param>
    /// <returns>True if it does.</returns>
    public bool IsChanged(int index) => _changed.ContainsKey(index);

    /// <summary>Tells whether a word goes away.</summary>
    /// <param name="index">Its index.</param>
    /// <returns>True if it does.</returns>
    public bool IsRemoved(int index) => _changed.TryGetValue(index, out string? text) && text is null;

    /// <summary>Gets what stands in the place of a word.</summary>
    /// <param name="index">Its index.</param>
    /// <param name="word">The word as it was.</param>
    /// <returns>The new words, and those that come behind them; none when it goes away.</returns>
    public IEnumerable<string> InPlaceOf(int index, string word)
    {
        string? text = _changed.TryGetValue(index, out string? changed) ? changed : word;
        return (text is null ? Enumerable.Empty<string>() : [text]).Concat(_after.GetValueOrDefault(index) ?? []);
    }

    internal void Remove(int index) => _changed[index] = null;

    internal void Replace(int index, string? text) => _changed[index] = text;

    internal void InsertAfter(int index, string text)
    {
        if (!_after.TryGetValue(index, out List<string>? texts))
        {
            _after[index] = texts = [];
        }

        texts.Add(text);
    }

    internal void Append(string text) => _appended.Add(text);
}
