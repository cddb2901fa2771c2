using System.Text;

namespace NestVirt.Linux.Boot;

/// <summary>Edits the options of an entry of the Boot Loader Specification, and keeps every byte that they are not.</summary>
internal static class LoaderEntryEditor
{
    private const string Options = "options";
    private const string KernelOptions = "$kernelopts";

    /// <summary>Tells whether the entry takes its options from the variable kernelopts of GRUB's environment, as on RHEL 8.</summary>
    /// <param name="text">The entry.</param>
    /// <returns>True if it does.</returns>
    public static bool UsesKernelOptions(string text) =>
        Lines(text)
            .Any(static line =>
                CommandLineText.Words(line.Value).Any(static word => word is KernelOptions or "${kernelopts}")
            );

    /// <summary>Edits an entry.</summary>
    /// <param name="text">The entry, a byte a character; several lines of options count as one.</param>
    /// <param name="change">What is wanted.</param>
    /// <returns>The new text; the same one where the entry starts no Linux.</returns>
    public static string Edit(string text, KernelWordChange change)
    {
        (int Start, string Value)[] lines = [.. Lines(text)];
        if (lines.Length == 0)
        {
            return HasLinux(text) && change.Apply([]) is { IsEmpty: false } all ? WithLine(text, all.Appended) : text;
        }

        // What comes from the variable is changed there: the entry only loses what would override it.
        KernelWordChange own = !UsesKernelOptions(text)
            ? change
            : change with
            {
                Set = [],
                Remove =
                [
                    .. change.Remove,
                    .. change
                        .Set.Select(static word => KernelWordChange.Parse(word).Name)
                        .Where(static name => !KernelWordChange.IsRepeated(name) && name != "hugepages"),
                ],
            };
        CommandLineText[] texts = [.. lines.Select(static line => new CommandLineText(line.Value))];
        KernelWordEdit edit = own.Apply([.. texts.SelectMany(static line => line.Texts)]);
        if (edit.IsEmpty)
        {
            return text;
        }

        StringBuilder result = new(text.Length);
        int at = 0;
        int number = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            int first = number;
            number += texts[i].Texts.Count;
            string value = texts[i]
                .Rewrite(
                    (index, word) => edit.InPlaceOf(first + index, word),
                    i == lines.Length - 1 ? edit.Appended : []
                );
            result.Append(text, at, lines[i].Start - at).Append(value);
            at = lines[i].Start + lines[i].Value.Length;
        }

        result.Append(text, at, text.Length - at);
        return result.ToString();
    }

    private static bool HasLinux(string text) =>
        text.Split('\n')
            .Any(static line =>
                line.StartsWith("linux ", StringComparison.Ordinal)
                || line.StartsWith("linux\t", StringComparison.Ordinal)
            );

    private static string WithLine(string text, IReadOnlyList<string> words)
    {
        string ending = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        return $"{text}{(text.EndsWith('\n') ? string.Empty : ending)}{Options} {string.Join(' ', words)}{ending}";
    }

    // The values of the lines of options, and where they begin.
    private static IEnumerable<(int Start, string Value)> Lines(string text)
    {
        int at = 0;
        while (at < text.Length)
        {
            int newline = text.IndexOf('\n', at);
            int end = newline < 0 ? text.Length : newline;
            int word = at;
            while (word < end && text[word] is ' ' or '\t')
            {
                word++;
            }

            int value = word + Options.Length;
            if (
                value < end
                && string.CompareOrdinal(text, word, Options, 0, Options.Length) == 0
                && text[value] is ' ' or '\t'
            )
            {
                yield return (value, text[value..end]);
            }

            at = end + 1;
        }
    }
}
