using NestVirt.Linux.Boot;
using NestVirt.Linux.Kvm;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.Support;

/// <summary>Says which words for the kernel do nothing: the misspelt, and those in files that the next boot does not take.</summary>
internal static class BootFindings
{
    /// <summary>Finds them.</summary>
    /// <param name="state">The host.</param>
    /// <param name="answers">Its answers.</param>
    /// <param name="told">What is said already: one fault is told once.</param>
    /// <returns>The findings.</returns>
    public static IEnumerable<Finding> Assess(KvmHostState state, ProbeAnswers answers, IReadOnlyList<Finding> told)
    {
        KernelCommandLine present = state.Configuration.CommandLine;
        string[] modules =
        [
            .. told.Where(static finding =>
                    finding.Code.StartsWith("Module", StringComparison.Ordinal) && finding.Evidence is not null
                )
                .Select(static finding => finding.Evidence!),
        ];
        IEnumerable<KernelCommandLine> next = state.NextBoot is { AssumedBecause: null } known
            ? known.Candidates.Take(1)
            : [];
        HashSet<string> seen = [];
        foreach (Finding finding in new[] { present }.Concat(next).SelectMany(KernelWordFindings.OnLine))
        {
            string word = finding.Evidence![(finding.Evidence!.IndexOf(": ", StringComparison.Ordinal) + 2)..];
            if (seen.Add(word) && !modules.Any(evidence => Same(evidence, word)))
            {
                yield return finding;
            }
        }

        if (answers.Read(BootConfigProbe.Reading) is not { } listing)
        {
            yield break;
        }

        foreach (
            UnusedBootSetting setting in new UnusedBootSettings(
                listing,
                present,
                state.NextBoot,
                state.System.Distribution
            ).Find()
        )
        {
            yield return setting.ToFinding();
        }
    }

    // Modules' findings write the name of a module with underscores.
    private static bool Same(string evidence, string word) =>
        evidence.Replace('-', '_').Contains(KernelWordTable.Key(word), StringComparison.OrdinalIgnoreCase);
}
