using NestVirt.Linux.Files;
using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Modprobe;

/// <summary>The files of modprobe as they are, byte for byte, and as they would be after an edit.</summary>
/// <param name="Files">The files by path.</param>
/// <param name="Fixed">What counts and is not edited: links to /dev/null, which mask files of the same name, and files with a newline in their name.</param>
internal sealed record ModprobeFiles(IReadOnlyDictionary<string, RawFile> Files, IReadOnlyList<ListedFile> Fixed)
{
    private const string Name = "rawmodprobe";

    /// <summary>Gets the probe that reads them; <see cref="ModprobeConfigProbe"/> names the masks.</summary>
    public static ShellProbe Probe { get; } =
        RawFilesProbe.For(
            Name,
            "/etc/modprobe.d/*.conf",
            "/run/modprobe.d/*.conf",
            "/usr/local/lib/modprobe.d/*.conf",
            "/usr/lib/modprobe.d/*.conf",
            "/lib/modprobe.d/*.conf"
        );

    /// <summary>Reads the answers.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <returns>The files.</returns>
    public static ModprobeFiles Read(ProbeAnswers answers)
    {
        ProbeListing listing = ProbeListing.Parse("modprobe", answers[ModprobeConfigProbe.Probe].Text);
        return new ModprobeFiles(
            RawFilesProbe.Parse(Name, answers[Probe].Text),
            [
                .. listing
                    .Facts.Where(static fact => fact.Name == "null")
                    .Select(static fact => new ListedFile(fact.Value, [])),
                .. listing.Files.Where(static file =>
                    file.Path.Contains('\n', StringComparison.Ordinal) && ModprobeConfig.IsInFolder(file.Path)
                ),
            ]
        );
    }

    /// <summary>Puts a file's text in place of what it holds.</summary>
    /// <param name="path">The path.</param>
    /// <param name="text">The text, a byte a character.</param>
    /// <returns>The files with it.</returns>
    public ModprobeFiles With(string path, string text) =>
        this with
        {
            Files = new Dictionary<string, RawFile>(Files, StringComparer.Ordinal)
            {
                [path] = new RawFile(path, System.Text.Encoding.Latin1.GetBytes(text)),
            },
        };

    /// <summary>Puts the files together as modprobe does.</summary>
    /// <returns>The configuration.</returns>
    public ModprobeConfig Configuration() =>
        ModprobeConfig.Read(
            [
                .. Files.Values.Select(static file => new ListedFile(file.Path, Lines(HostEncoding.Decode(file.Text)))),
                .. Fixed,
            ],
            []
        );

    private static string[] Lines(string text)
    {
        string[] lines = text.Split('\n');
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }
}
