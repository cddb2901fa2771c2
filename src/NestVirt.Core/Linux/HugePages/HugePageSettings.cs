using System.Globalization;
using NestVirt.Linux.Files;
using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.HugePages;

/// <summary>A line of a file that sets a number of huge pages.</summary>
/// <param name="Path">The file.</param>
/// <param name="Number">The one-based number of the line.</param>
/// <param name="Text">The line.</param>
/// <param name="Count">The number, or null when it is none.</param>
internal sealed record HugePageLine(string Path, int Number, string Text, long? Count)
{
    /// <summary>Gets the line with its place.</summary>
    public string Evidence =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Path}:{Number}: {HostText.ForDisplay(HostEncoding.Decode(Text.Trim()), 120)}"
        );
}

/// <summary>What sets huge pages at boot: sysctl's files, and those of systemd-tmpfiles.</summary>
internal static class HugePageSettings
{
    /// <summary>Our file of sysctl: it is read late.</summary>
    internal const string SysctlFile = "/etc/sysctl.d/90-nestvirt.conf";

    /// <summary>Our file of systemd-tmpfiles: of two lines for one path the one in the file that is read first counts.</summary>
    internal const string TmpfilesFile = "/etc/tmpfiles.d/10-nestvirt.conf";

    /// <summary>The setting of sysctl; it is for the default page size.</summary>
    internal const string Sysctl = "vm.nr_hugepages";

    private const string OldSysctlFile = "/etc/sysctl.conf";
    private const string OldSysctlLink = "/etc/sysctl.d/99-sysctl.conf";
    private const string SysctlFolder = "sysctl.d";
    private const string TmpfilesFolder = "tmpfiles.d";
    private const string Name = "rawhugepages";

    /// <summary>Gets the probe that reads the files.</summary>
    internal static ShellProbe Probe { get; } =
        RawFilesProbe.For(
            Name,
            [
                .. SettingFiles.Patterns(SysctlFolder, "*.conf"),
                OldSysctlFile,
                .. SettingFiles.Patterns(TmpfilesFolder, "*.conf"),
            ]
        );

    /// <summary>Reads the files.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <param name="host">What the host shows, for the masks.</param>
    /// <returns>The files.</returns>
    internal static SettingFiles Read(ProbeAnswers answers, HugePageHost host)
    {
        Dictionary<string, RawFile> files = new(RawFilesProbe.Parse(Name, answers[Probe].Text), StringComparer.Ordinal);

        // Debian links the one to the other: it is one file.
        if (
            files.TryGetValue(OldSysctlLink, out RawFile? link)
            && files.TryGetValue(OldSysctlFile, out RawFile? old)
            && link.Text == old.Text
        )
        {
            files.Remove(OldSysctlLink);
        }

        return new SettingFiles(files, host.Masks);
    }

    /// <summary>Gets the lines that set vm.nr_hugepages, in the order they are read; the last one counts (sysctl.d(5)).</summary>
    /// <param name="files">The files.</param>
    /// <returns>The lines.</returns>
    internal static IReadOnlyList<HugePageLine> SysctlLines(SettingFiles files) =>
        Lines(
            files,
            files.InOrder(SysctlFolder).Concat(files.Paths.Where(static path => path == OldSysctlFile)),
            IsSysctl,
            static line => line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..]
        );

    /// <summary>Gets the lines that write a file of huge pages, in the order they are read.</summary>
    /// <param name="files">The files.</param>
    /// <param name="path">The file that is written.</param>
    /// <returns>The lines: of those that name the path the first counts, and after it those whose pattern fits (tmpfiles.d(5)).</returns>
    internal static IReadOnlyList<HugePageLine> TmpfilesLines(SettingFiles files, string path) =>
        Lines(
            files,
            files.InOrder(TmpfilesFolder),
            line => IsTmpfiles(line, path),
            static line => Fields(line) is { Length: > 6 } fields ? fields[6] : string.Empty
        );

    /// <summary>Tells whether a line sets vm.nr_hugepages.</summary>
    /// <param name="line">The line.</param>
    /// <returns>True if so.</returns>
    internal static bool IsSysctl(string line)
    {
        int equals = line.IndexOf('=', StringComparison.Ordinal);
        string key = equals < 0 ? string.Empty : line[..equals].Trim().TrimStart('-').Trim().Replace('/', '.');
        return key is Sysctl or $"{Sysctl}_mempolicy";
    }

    /// <summary>Tells whether a line writes a file.</summary>
    /// <param name="line">The line.</param>
    /// <param name="path">The file.</param>
    /// <returns>True if so.</returns>
    internal static bool IsTmpfiles(string line, string path) =>
        Fields(line) is { Length: > 1 } fields
        && fields[0][0] is 'w'
        && ShellPattern.IsMatch(fields[1].Trim('"'), path);

    /// <summary>Writes the line that sets a number at each boot, and at no other time.</summary>
    /// <param name="path">The file that is written.</param>
    /// <param name="count">The number.</param>
    /// <returns>The line, without its end.</returns>
    internal static string TmpfilesLine(string path, long count) =>
        string.Create(CultureInfo.InvariantCulture, $"w! {path} - - - - {count}");

    private static string[] Fields(string line) =>
        line.TrimStart().StartsWith('#') ? [] : line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static HugePageLine[] Lines(
        SettingFiles files,
        IEnumerable<string> paths,
        Func<string, bool> isMeant,
        Func<string, string> value
    ) =>
        [
            .. paths.SelectMany(path =>
                SettingText
                    .Lines(files.Text(path) ?? string.Empty)
                    .Select((line, index) => (line, index))
                    .Where(pair => isMeant(pair.line))
                    .Select(pair => new HugePageLine(path, pair.index + 1, pair.line, Count(value(pair.line))))
            ),
        ];

    private static long? Count(string text) =>
        long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long count) ? count : null;
}
