using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux.Boot;
using NestVirt.Linux.Files;
using NestVirt.Linux.Modprobe;
using NestVirt.Probing;

namespace NestVirt.Linux.Drivers;

/// <summary>Everything that decides on the driver of a PCI function, read but not yet judged.</summary>
internal sealed record PciDriverState : PciDriverUse
{
    private const string FilesName = "pcidriverfiles";

    private static readonly ShellProbe s_files = RawFilesProbe.For(
        FilesName,
        "/etc/udev/rules.d/*.rules",
        "/etc/driverctl.d/pci-*"
    );

    /// <summary>Gets the probes whose answers are read.</summary>
    public static IReadOnlyList<HostProbe> Probes { get; } =
    [.. UseProbes.Union([ModprobeConfigProbe.Probe, s_files]).Union(BootSystem.Probes)];

    /// <summary>Gets what the host boots with.</summary>
    public required BootSystem Boot { get; init; }

    /// <summary>Gets modprobe's files.</summary>
    public required ModprobeConfig Modprobe { get; init; }

    /// <summary>Gets udev's rules and driverctl's files, by path.</summary>
    public required IReadOnlyDictionary<string, RawFile> Files { get; init; }

    /// <summary>Reads the answers.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <param name="target">The host.</param>
    /// <returns>What they say.</returns>
    /// <exception cref="ChangeRefusedException">The functions are not known.</exception>
    /// <exception cref="ProbeFormatException">An answer cannot be read.</exception>
    public static PciDriverState Read(ProbeAnswers answers, HostTarget target)
    {
        PciDriverUse use = ReadUse(answers, target);
        return new PciDriverState
        {
            Devices = use.Devices,
            Uses = use.Uses,
            Iommu = use.Iommu,
            Drivers = use.Drivers,
            Boot = answers.Read(BootSystem.Reading),
            Modprobe = answers.Read(ModprobeConfigProbe.Reading),
            Files = RawFilesProbe.Parse(FilesName, answers[s_files].Text),
        };
    }
}
