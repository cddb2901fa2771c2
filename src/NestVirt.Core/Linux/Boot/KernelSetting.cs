using System.Globalization;
using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Boot;

/// <summary>A word of <see cref="KernelWordTable"/> in a file from which a boot loader may give it to the kernel.</summary>
/// <param name="Word">The word.</param>
/// <param name="Path">The file.</param>
/// <param name="Evidence">The line, as path:line: text.</param>
internal sealed record KernelSetting(KernelArgument Word, string Path, string Evidence)
{
    private static readonly char[] s_ends = [' ', '\t', '"', '\''];

    /// <summary>Finds such words in a file of any form: they stand between blanks and quotes, or behind a name and = or :.</summary>
    /// <param name="file">The file.</param>
    /// <returns>The words.</returns>
    public static IEnumerable<KernelSetting> In(ListedFile file)
    {
        for (int i = 0; i < file.Lines.Count; i++)
        {
            string line = file.Lines[i];
            if (line.TrimStart() is ['#' or ';', ..])
            {
                continue;
            }

            foreach (string part in line.Split(s_ends, StringSplitOptions.RemoveEmptyEntries))
            {
                if (Read(part) is { } word)
                {
                    yield return new KernelSetting(word, file.Path, Quote(file.Path, i + 1, line));
                }
            }
        }
    }

    /// <summary>Tells whether a command line has a word.</summary>
    /// <param name="line">The line.</param>
    /// <param name="word">The word.</param>
    public static bool IsOn(string line, KernelArgument word) =>
        new KernelCommandLine(line, string.Empty).Arguments.Any(argument =>
            KernelWordTable.Key(argument.Name) == KernelWordTable.Key(word.Name) && argument.Value == word.Value
        );

    /// <summary>Writes a line of a file as evidence.</summary>
    internal static string Quote(string path, int number, string line) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{HostText.ForDisplay(path, 120)}:{number}: {HostText.ForDisplay(line.Trim(), 200)}"
        );

    /// <summary>Reads a word; null where it is none of the table.</summary>
    internal static KernelArgument? Read(string part)
    {
        KernelArgument? word = KernelArgument.Split(part).FirstOrDefault();
        return word is null ? null
            : IsTold(word.Name) ? word
            : word.Value is { Length: > 0 } value
            && KernelArgument.Split(value).FirstOrDefault() is { Value: not null } inner
            && IsTold(inner.Name)
                ? inner
            : null;
    }

    // What only a screen or memory depends on is not told of.
    private static bool IsTold(string name)
    {
        string key = KernelWordTable.Key(name);
        return KernelWordTable.Names.ContainsKey(key)
            && key is not ("pci" or "video" or "hugepages" or "hugepagesz" or "default_hugepagesz");
    }
}
