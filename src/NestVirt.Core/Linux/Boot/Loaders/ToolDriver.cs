using System.Globalization;
using NestVirt.Changes;
using NestVirt.Linux.Files;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Boot.Loaders;

/// <summary>A tool that keeps the command line by itself, and is told the words: rpm-ostree or kernelstub.</summary>
/// <param name="system">The host.</param>
/// <param name="tool">The tool.</param>
internal sealed class ToolDriver(BootSystem system, string tool) : BootDriver(system)
{
    private const string PageName = "hugepage";
    private const string StubFile = "/etc/kernelstub/configuration";
    private const string StubEntries = "/boot/efi/loader/entries/*.conf";

    /// <inheritdoc/>
    public override string Name => tool;

    /// <inheritdoc/>
    public override bool KeepsWords => true;

    private bool IsStub => tool == "kernelstub";

    /// <inheritdoc/>
    public override IReadOnlyList<HostChange> EditFiles(KernelWordChange change, bool replaceConflict) => [];

    /// <inheritdoc/>
    public override HostChange? Rebuild(KernelWordChange change)
    {
        string line = Next().Candidates[0].Text;
        string edited = CommandLineText.Edit(line, change);
        List<string> gone = [.. CommandLineText.Words(line)];
        List<string> come = [];
        foreach (string word in CommandLineText.Words(edited))
        {
            if (!gone.Remove(word))
            {
                come.Add(word);
            }
        }

        // A number of pages must come behind its size, so all of them are written again, in their order.
        if (come.Concat(gone).Any(IsPage))
        {
            gone = [.. gone.Where(static word => !IsPage(word)), .. CommandLineText.Words(line).Where(IsPage)];
            come = [.. come.Where(static word => !IsPage(word)), .. CommandLineText.Words(edited).Where(IsPage)];
        }

        RequireReadable(IsStub ? [line] : gone);
        return come.Count + gone.Count == 0
            ? null
            : ToolAction.Plan(
                tool,
                $"{tool} options",
                line.Trim(),
                edited.Trim(),
                IsStub ? [StubFile, StubEntries] : [],
                IsStub ? Whole(edited) : Words(gone, come),
                IsStub ? Whole(line) : Words(come, gone)
            );
    }

    /// <inheritdoc/>
    /// <remarks>The newest deployment is the one that boots, and has the highest version; older ones keep their own lines.</remarks>
    public override NextBoot Next()
    {
        RawFile? newest = System
            .In("/boot/loader/entries/ostree-")
            .OrderBy(static file => Version(file.Text))
            .ThenBy(static file => file.Path, StringComparer.Ordinal)
            .LastOrDefault();
        return IsStub ? base.Next()
            : newest is not null
            && LoaderEntry.Parse(new Probing.ListedFile(newest.Path, newest.Text.Split('\n'))) is { } entry
                ? new NextBoot([new KernelCommandLine(entry.Options, entry.Path)], null)
            : new NextBoot([System.Present], "the deployments' entries were not read");
    }

    // What was read has marks in the place of passwords, and the tool would write them.
    private void RequireReadable(IEnumerable<string> words)
    {
        if (words.FirstOrDefault(static word => word.Contains(SecretText.Mark, StringComparison.Ordinal)) is { } word)
        {
            throw new ChangeRefusedException(
                new Finding(
                    FindingCodes.KernelOptionsUnknown,
                    Severity.Error,
                    $"{tool} would have to write what the command line holds as a password, which is not read."
                )
                {
                    Evidence = word,
                    Remedy = $"Set the words with {tool}.",
                }
            );
        }
    }

    private static bool IsPage(string word) => word.StartsWith(PageName, StringComparison.Ordinal);

    private static int Version(string text) =>
        text.Split('\n')
            .Where(static line => line.StartsWith("version ", StringComparison.Ordinal))
            .Select(static line =>
                int.TryParse(line[8..].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int version)
                    ? version
                    : 0
            )
            .FirstOrDefault();

    // kernelstub puts these before the options by itself; by -a and -d, it would give the others back in any order.
    private static string[] Whole(string line) =>
        [
            "-o",
            string.Join(
                ' ',
                CommandLineText
                    .Words(line)
                    .Where(static word =>
                        word != "ro"
                        && !word.StartsWith("root=", StringComparison.Ordinal)
                        && !word.StartsWith("initrd=", StringComparison.Ordinal)
                    )
            ),
        ];

    private static string[] Words(List<string> gone, List<string> come) =>
        [
            .. gone.Select(static word => $"--delete-if-present={word}"),
            .. come.Select(static word => IsPage(word) ? $"--append={word}" : $"--append-if-missing={word}"),
        ];
}
