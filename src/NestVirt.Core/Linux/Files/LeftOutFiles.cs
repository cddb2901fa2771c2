using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Files;

/// <summary>Names the files of settings that probes left out: longer than <see cref="FileLimits"/> says, or pipes and sockets.</summary>
internal static class LeftOutFiles
{
    private const string Start = FileLimits.Fact + "\t";
    private const string Root = "root\t";

    /// <summary>Tells whether a line of an answer names such a file.</summary>
    /// <param name="line">The line.</param>
    /// <returns>True if it does.</returns>
    internal static bool IsLine(string line) => line.StartsWith(Start, StringComparison.Ordinal);

    /// <summary>Finds the files that were left out.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <param name="probes">The probes that were asked.</param>
    /// <returns>Their paths.</returns>
    internal static IReadOnlyList<string> In(ProbeAnswers answers, IEnumerable<HostProbe> probes) =>
        [
            .. probes
                .Select(probe => answers.All.GetValueOrDefault(probe.Name)?.Text ?? string.Empty)
                .Where(static text => text.Contains(Start, StringComparison.Ordinal))
                .SelectMany(Paths)
                .Distinct(StringComparer.Ordinal),
        ];

    /// <summary>Says which files were left out.</summary>
    /// <param name="paths">Their paths.</param>
    /// <returns>A finding; none where there are none.</returns>
    internal static IEnumerable<Finding> Findings(IReadOnlyList<string> paths)
    {
        if (paths.Count > 0)
        {
            yield return new Finding(
                FindingCodes.FileLeftOut,
                Severity.Warning,
                "Files were left out that are longer than what is read, or no regular files: what they set is not known."
            )
            {
                Evidence = HostText.ForDisplay(string.Join(", ", paths), 400),
                Remedy = "Move them out of their folder if they are no files of settings, or shorten them.",
            };
        }
    }

    private static IEnumerable<string> Paths(string text)
    {
        string root = string.Empty;
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith(Root, StringComparison.Ordinal))
            {
                root = line[Root.Length..];
            }
            else if (IsLine(line))
            {
                string path = line[Start.Length..];
                yield return root.Length > 0 && path.StartsWith(root + "/", StringComparison.Ordinal)
                    ? path[root.Length..]
                    : path;
            }
        }
    }
}
