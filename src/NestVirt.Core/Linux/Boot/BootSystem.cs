using NestVirt.Linux.Files;
using NestVirt.Linux.Machine;
using NestVirt.Probing;

namespace NestVirt.Linux.Boot;

/// <summary>What a host boots with: its tools, and its files byte for byte.</summary>
internal sealed record BootSystem
{
    private const string FilesName = "rawboot";

    private static readonly ShellProbe s_files = RawFilesProbe.For(
        FilesName,
        GrubDefaultEditor.MainFile,
        "/etc/default/grub.d/*.cfg",
        "/etc/kernel/cmdline",
        "/boot/loader/entries/*.conf",
        "/boot/efi/loader/entries/*.conf",
        "/efi/loader/entries/*.conf",
        "/boot/firmware/cmdline.txt",
        "/boot/cmdline.txt",
        "/boot/grub2/grubenv",
        "/etc/initramfs-tools/modules",
        "/usr/share/initramfs-tools/modules.d/*",
        "/etc/dracut.conf",
        "/etc/dracut.conf.d/*.conf",
        "/usr/lib/dracut/dracut.conf.d/*.conf",
        "/etc/mkinitcpio.conf",
        "/etc/mkinitcpio.conf.d/*.conf"
    );

    /// <summary>Gets the probes whose answers are read.</summary>
    public static IReadOnlyList<HostProbe> Probes { get; } =
    [SystemProbe.Probe, BootConfigProbe.Probe, BootConfigProbe.RootProbe, BootSystemProbe.Probe, s_files];

    /// <summary>Gets the tools.</summary>
    public required IReadOnlySet<string> Tools { get; init; }

    /// <summary>Gets what else was seen.</summary>
    public required ProbeListing Facts { get; init; }

    /// <summary>Gets the boot loader's files; null when they were not read.</summary>
    public required ProbeListing? Listing { get; init; }

    /// <summary>Gets the files by path, byte for byte.</summary>
    public required IReadOnlyDictionary<string, RawFile> Files { get; init; }

    /// <summary>Gets this boot's command line.</summary>
    public required KernelCommandLine Present { get; init; }

    /// <summary>Gets the machine's architecture as the kernel names it, or null.</summary>
    public string? Architecture { get; init; }

    /// <summary>Gets a value indicating whether GRUB started this boot: it names the kernel that it loaded.</summary>
    public bool IsStartedByGrub => BootWay.NamesKernel(Present);

    /// <summary>Gets how the host boots.</summary>
    public BootWay Way => BootWay.Of(Listing ?? new ProbeListing([], []), Present);

    /// <summary>Gets the reading of the answers.</summary>
    public static ProbeReading<BootSystem> Reading { get; } = new(Probes, Read);

    private static BootSystem Read(ProbeAnswers answers)
    {
        ProbeListing facts = BootSystemProbe.Read(answers);
        Model.SystemFacts system = answers.Read(SystemProbe.Reading);
        return new BootSystem
        {
            Tools = facts
                .Facts.Where(static fact => fact.Name == "tool")
                .Select(static fact => fact.Value)
                .ToHashSet(StringComparer.Ordinal),
            Facts = facts,
            Listing = answers.Read(BootConfigProbe.Reading),
            Files = RawFilesProbe.Parse(FilesName, answers[s_files].Text),
            Present = new KernelCommandLine(system.CommandLine ?? string.Empty, "/proc/cmdline"),
            Architecture = system.Architecture,
        };
    }

    /// <summary>Tells whether a fact was seen.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    /// <returns>True if it was.</returns>
    public bool Has(string name, string value) => Facts.Facts.Any(fact => fact.Name == name && fact.Value == value);

    /// <summary>Gets the files of a folder.</summary>
    /// <param name="folder">The folder, with a slash at its end.</param>
    /// <returns>The files.</returns>
    public IEnumerable<RawFile> In(string folder) =>
        Files.Values.Where(file => file.Path.StartsWith(folder, StringComparison.Ordinal));
}
