using NestVirt.Linux.Boot;
using NestVirt.Linux.Files;
using NestVirt.Linux.Modprobe;
using NestVirt.Text;

namespace NestVirt.Linux.Initramfs;

/// <summary>A module that an initramfs holds.</summary>
/// <param name="Name">Its name, with underscores.</param>
/// <param name="Arguments">What it is loaded with there, beside modprobe's files.</param>
/// <param name="Evidence">What says so.</param>
internal sealed record InitramfsModule(string Name, string Arguments, string Evidence);

/// <summary>What a host's initramfs is built with, and what of the host it holds.</summary>
/// <remarks>
/// initramfs-tools: mkinitramfs(8) loads what /etc/initramfs-tools/modules and modules.d name, with the arguments
/// there, and copies /etc/modprobe.d; the hook of udev copies every rule of /etc/udev/rules.d that the distribution
/// does not have. dracut.conf(5): drivers, add_drivers and force_drivers name modules; the module kernel-modules copies
/// /etc/modprobe.d on hostonly alone, and udev-rules copies the rules that it names, so none of ours; install_items
/// names files. mkinitcpio(8): MODULES names modules, FILES names files, and the hook modconf copies modprobe's; its
/// hooks udev and systemd copy rules by their names, too.
/// </remarks>
internal sealed class InitramfsConfig
{
    private const string Debian = "update-initramfs";
    private const string Dracut = "dracut";
    private const string Arch = "mkinitcpio";
    private const string ModprobeFolder = "/etc/modprobe.d/";
    private const string RuleFolder = "/etc/udev/rules.d/";

    private readonly IReadOnlyList<ShellListWord> _files;
    private readonly string? _options;
    private readonly string? _rules;

    private InitramfsConfig(BootSystem system)
    {
        IsImageBased = system.Facts.Fact("ostree") is not null;
        Tool = IsImageBased ? null : FindTool(system.Tools);
        IReadOnlyDictionary<string, IReadOnlyList<ShellListWord>> dracut = Is(Dracut)
            ? ShellLists.Read(
                DracutFiles(system),
                "drivers",
                "add_drivers",
                "force_drivers",
                "install_items",
                "install_optional_items",
                "hostonly"
            )
            : new Dictionary<string, IReadOnlyList<ShellListWord>>();
        IReadOnlyDictionary<string, IReadOnlyList<ShellListWord>> arch = Is(Arch)
            ? ShellLists.Read(ArchFiles(system), "MODULES", "FILES", "HOOKS")
            : new Dictionary<string, IReadOnlyList<ShellListWord>>();
        Modules =
        [
            .. Is(Debian) ? DebianModules(system) : [],
            .. Words(dracut, "drivers")
                .Concat(Words(dracut, "add_drivers"))
                .Concat(Words(dracut, "force_drivers"))
                .Concat(Words(arch, "MODULES"))
                .Select(static word => new InitramfsModule(
                    ModprobeFile.Normalize(word.Text.TrimEnd('?')),
                    string.Empty,
                    word.Evidence
                )),
        ];
        _files =
        [
            .. Words(dracut, "install_items"),
            .. Words(dracut, "install_optional_items"),
            .. Words(arch, "FILES"),
        ];
        _options =
            Tool == Debian
                ? $"mkinitramfs copies {ModprobeFolder}"
                : (
                    Words(dracut, "hostonly").LastOrDefault(static word => word.Text is not ("no" or ""))
                    ?? Words(arch, "HOOKS").FirstOrDefault(static word => word.Text == "modconf")
                )?.Evidence;
        _rules = Tool == Debian ? $"/usr/share/initramfs-tools/hooks/udev copies {RuleFolder}" : null;
    }

    /// <summary>Gets the program that builds the initramfs; null when the host has none that is known.</summary>
    public string? Tool { get; }

    /// <summary>Gets a value indicating whether the initramfs is part of an image that rpm-ostree deploys.</summary>
    public bool IsImageBased { get; }

    /// <summary>Gets the modules that it holds by the host's own wish.</summary>
    public IReadOnlyList<InitramfsModule> Modules { get; }

    /// <summary>Reads what the host shows.</summary>
    /// <param name="system">The host.</param>
    /// <returns>What it says.</returns>
    public static InitramfsConfig Read(BootSystem system) => new(system);

    /// <summary>Tells what copies a file of the host into the initramfs.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Evidence; null when nothing does.</returns>
    public string? CopyOf(string path) =>
        path.StartsWith(ModprobeFolder, StringComparison.Ordinal) && _options is not null ? _options
        : path.StartsWith(RuleFolder, StringComparison.Ordinal) && _rules is not null ? _rules
        : _files.FirstOrDefault(word => word.Text == path)?.Evidence;

    // Where none of the tools is found, the files of any of them may be what the image was built with.
    private bool Is(string tool) => Tool is null || Tool == tool;

    // dracut's own package for Debian has a program update-initramfs, too, but no mkinitramfs.
    private static string? FindTool(IReadOnlySet<string> tools) =>
        tools.Contains(Debian) && (tools.Contains("mkinitramfs") || !tools.Contains(Dracut)) ? Debian
        : tools.Contains(Arch) ? Arch
        : tools.Contains(Dracut) ? Dracut
        : null;

    private static IReadOnlyList<ShellListWord> Words(
        IReadOnlyDictionary<string, IReadOnlyList<ShellListWord>> lists,
        string name
    ) => lists.GetValueOrDefault(name) ?? [];

    // add_modules_from_file() of hook-functions: a module and its arguments on each line.
    private static IEnumerable<InitramfsModule> DebianModules(BootSystem system) =>
        from file in system
            .In("/etc/initramfs-tools/modules")
            .Concat(system.In("/usr/share/initramfs-tools/modules.d/"))
        from line in file.Text.Split('\n').Select(static (text, index) => (Text: text.Trim(), Number: index + 1))
        where line.Text.Length > 0 && line.Text[0] != '#'
        let words = line.Text.Split([' ', '\t'], 2)
        select new InitramfsModule(
            ModprobeFile.Normalize(words[0]),
            words.Length > 1 ? words[1] : string.Empty,
            HostText.ForDisplay(FormattableString.Invariant($"{file.Path}:{line.Number}: {line.Text}"), 300)
        );

    // By their names wherever they lie; one in /etc masks one in /usr.
    private static IEnumerable<RawFile> DracutFiles(BootSystem system) =>
        system
            .In("/etc/dracut.conf")
            .Where(static file => file.Path == "/etc/dracut.conf")
            .Concat(
                system
                    .In("/etc/dracut.conf.d/")
                    .Concat(system.In("/usr/lib/dracut/dracut.conf.d/"))
                    .DistinctBy(static file => file.Path[file.Path.LastIndexOf('/')..])
                    .OrderBy(static file => file.Path[file.Path.LastIndexOf('/')..], StringComparer.Ordinal)
            );

    private static IEnumerable<RawFile> ArchFiles(BootSystem system) =>
        system.In("/etc/mkinitcpio.conf").OrderBy(static file => file.Path, StringComparer.Ordinal);
}
