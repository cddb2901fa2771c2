using NestVirt.Guidance;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Boot;

/// <summary>Words what is wrong with words for the kernel.</summary>
internal static class KernelWordFindings
{
    /// <summary>Names the misspelt words of a command line.</summary>
    /// <param name="line">The line.</param>
    public static IEnumerable<Finding> OnLine(KernelCommandLine line) =>
        KernelWordSpelling
            .Find(line.Text)
            .Select(word =>
                Misspelt(word) with
                {
                    Evidence = $"{line.Source}: {HostText.ForDisplay(word.Written, 200)}",
                    Remedy =
                        $"Write {PlainOr(word.Meant)} on the kernel command line instead of {PlainWord.Or(word.Written, "that word")}, and reboot.",
                    Mend = Replace(word),
                }
            );

    /// <summary>Names, among the words that somebody asks for, the misspelt and those that no kernel takes.</summary>
    /// <param name="words">The words.</param>
    public static IEnumerable<Finding> Planned(IReadOnlyList<string> words)
    {
        IReadOnlyList<MisspeltKernelWord> misspelt = KernelWordSpelling.Find(string.Join(' ', words));
        foreach (MisspeltKernelWord word in misspelt)
        {
            yield return Misspelt(word) with
            {
                Evidence = HostText.ForDisplay(word.Written, 200),
                Remedy = $"Ask for {PlainOr(word.Meant)} instead.",
            };
        }

        foreach (KernelArgument word in words.Select(KernelWordChange.Parse))
        {
            string key = KernelWordTable.Key(word.Name);
            if (
                key is "intel_iommu" or "amd_iommu" or "iommu"
                && misspelt.All(one => one.Written != word.Text)
                && word.Value?.Split(',').FirstOrDefault(one => one.Length > 0 && !KernelWordTable.Takes(key, one))
                    is { } value
            )
            {
                yield return new Finding(
                    FindingCodes.IommuOptionUseless,
                    Severity.Warning,
                    $"No kernel knows the value {HostText.ForDisplay(value, 40)} of {word.Name}=: it will do nothing."
                )
                {
                    Evidence = HostText.ForDisplay(word.Text, 200),
                    Remedy = key == "amd_iommu" ? "Leave it out: AMD's IOMMU is on by default." : "Leave it out.",
                };
            }
        }
    }

    private static Finding Misspelt(MisspeltKernelWord word) =>
        new(
            FindingCodes.KernelWordMisspelt,
            Severity.Warning,
            $"{HostText.ForDisplay(word.Written, 120)} looks like {HostText.ForDisplay(word.Meant, 120)}, and is not: {word.Fault}."
        );

    private static string PlainOr(string words) =>
        words.Split(' ').All(PlainWord.Is) ? words : "the word that was meant";

    // One word with a name of its own goes; a value that was wrong is replaced by the right one.
    private static CommandCall? Replace(MisspeltKernelWord word)
    {
        if (!PlainWord.Is(word.Written) || !word.Meant.Split(' ').All(PlainWord.Is) || word.Written[0] == '-')
        {
            return null;
        }

        string name = KernelWordTable.Key(KernelArgument.Split(word.Written).First().Name);
        bool stays = word
            .Meant.Split(' ')
            .Any(meant => KernelWordTable.Key(KernelArgument.Split(meant).First().Name) == name);
        return new CommandCall(
            OwnCommand.SetKernel,
            [
                .. word.Meant.Split(' ').Select(static meant => (CommandArgument.KernelWord, meant)),
                .. stays
                    ? Enumerable.Empty<(CommandArgument, string)>()
                    : [(CommandArgument.RemovedKernelWord, word.Written)],
            ]
        );
    }
}
