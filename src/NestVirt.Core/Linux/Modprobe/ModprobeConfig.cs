using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Modprobe;

/// <summary>The configuration of modprobe as libkmod puts it together from its directories.</summary>
/// <remarks>
/// From libkmod/libkmod-config.c: only files *.conf count; of files with one name that of the first directory counts
/// (/etc, /run, /usr/local/lib, /usr/lib, /lib); the files are read in the order of their names, whatever their
/// directory; all options of a module are joined in the order read, and those of the kernel command line come last.
/// </remarks>
/// <param name="Directives">What is in force, in the order read.</param>
/// <param name="BadLines">Lines in force that modprobe complains of and leaves out.</param>
/// <param name="Masked">What a file of the same name in an earlier directory hides.</param>
/// <param name="Unused">What is in files whose names do not end in .conf.</param>
/// <param name="Unreadable">Files and directories that this account may not read.</param>
internal sealed record ModprobeConfig(
    IReadOnlyList<ModprobeDirective> Directives,
    IReadOnlyList<ModprobeBadLine> BadLines,
    IReadOnlyList<ModprobeDirective> Masked,
    IReadOnlyList<ModprobeDirective> Unused,
    IReadOnlyList<string> Unreadable
)
{
    private const string Extension = ".conf";
    private const string Folder = "/modprobe.d/";

    // kmod 31 reads /usr/lib before /lib; on most hosts the two are one.
    private static readonly string[] s_directories = ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"];

    /// <summary>Gets the configuration of a host that has none.</summary>
    public static ModprobeConfig Empty { get; } = new([], [], [], [], []);

    /// <summary>Gets files that modprobe does not read, in which options are written by mistake.</summary>
    public IReadOnlyList<ListedFile> Elsewhere { get; init; } = [];

    /// <summary>Gets a value indicating whether OpenRC loads what /etc/modules names: it hands a line's options on.</summary>
    public bool IsOpenRc { get; init; }

    /// <summary>Tells whether a file is in a folder that modprobe reads.</summary>
    /// <param name="path">The file's whole path.</param>
    /// <returns>True if it is, whatever its name.</returns>
    public static bool IsInFolder(string path) =>
        Array.Exists(
            s_directories,
            directory =>
                path.StartsWith(directory + Folder, StringComparison.Ordinal)
                && path.IndexOf('/', directory.Length + Folder.Length) < 0
        );

    /// <summary>Puts the files together.</summary>
    /// <param name="files">The files, with their whole paths; one that masks others may be empty.</param>
    /// <param name="unreadable">Paths that could not be read.</param>
    /// <returns>The configuration.</returns>
    public static ModprobeConfig Read(IReadOnlyList<ListedFile> files, IReadOnlyList<string> unreadable)
    {
        List<ModprobeDirective> directives = [];
        List<ModprobeBadLine> badLines = [];
        List<ModprobeDirective> masked = [];
        List<ModprobeDirective> unused = [];
        SortedDictionary<string, ListedFile> chosen = new(StringComparer.Ordinal);

        // An unreadable file masks, too: modprobe, which runs as root, reads it.
        IEnumerable<ListedFile> all = files.Concat(unreadable.Select(static path => new ListedFile(path, [])));
        foreach (ListedFile file in all.OrderBy(static file => Rank(file.Path)))
        {
            if (!file.Name.EndsWith(Extension, StringComparison.Ordinal))
            {
                unused.AddRange(ModprobeFile.Parse(file.Path, file.Lines).Directives);
            }
            else if (!chosen.TryAdd(file.Name, file) && !IsSame(chosen[file.Name], file))
            {
                masked.AddRange(ModprobeFile.Parse(file.Path, file.Lines).Directives);
            }
        }

        foreach (ListedFile file in chosen.Values)
        {
            ModprobeFile parsed = ModprobeFile.Parse(file.Path, file.Lines);
            directives.AddRange(parsed.Directives);
            badLines.AddRange(parsed.BadLines);
        }

        return new ModprobeConfig(directives, badLines, masked, unused, unreadable);
    }

    /// <summary>Gets the command that modprobe runs instead of loading a module, or null.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>The first install line whose name, a shell pattern, fits.</returns>
    public ModprobeDirective? InstallCommand(string module) =>
        Directives.FirstOrDefault(directive =>
            directive.Command == "install" && ShellPattern.IsMatch(directive.Module, module)
        );

    /// <summary>Gets the command that modprobe runs instead of unloading a module, or null.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>The first remove line whose name, a shell pattern, fits.</returns>
    public ModprobeDirective? RemoveCommand(string module) =>
        Directives.FirstOrDefault(directive =>
            directive.Command == "remove" && ShellPattern.IsMatch(directive.Module, module)
        );

    /// <summary>Gets the line that keeps a module from being loaded for the hardware it serves, or null.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>The first such line.</returns>
    public ModprobeDirective? Blacklist(string module) =>
        Directives.FirstOrDefault(directive => directive.Command == "blacklist" && directive.Module == module);

    /// <summary>Gets the settings of a module's parameters, in the order in which the kernel is given them.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>The settings; of one parameter the last wins.</returns>
    public IEnumerable<ModuleSetting> Options(string module) =>
        Directives
            .Where(directive => directive.Command == "options" && directive.Module == module)
            .SelectMany(static directive => ModuleSetting.Split(directive.Arguments, directive.Source, directive.Text));

    private static bool IsSame(ListedFile one, ListedFile other) =>
        one.Lines.SequenceEqual(other.Lines, StringComparer.Ordinal);

    private static int Rank(string path)
    {
        int rank = Array.FindIndex(
            s_directories,
            directory => path.StartsWith(directory + Folder, StringComparison.Ordinal)
        );
        return rank < 0 ? s_directories.Length : rank;
    }
}
