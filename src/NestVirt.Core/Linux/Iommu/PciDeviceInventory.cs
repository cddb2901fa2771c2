using NestVirt.Hosts;
using NestVirt.Linux.Modprobe;
using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.Iommu;

/// <summary>Puts together the PCI functions of a host, with what the host's settings mean for giving them to guests.</summary>
internal static class PciDeviceInventory
{
    /// <summary>Gets the probes whose answers are read.</summary>
    public static IReadOnlyList<HostProbe> Probes { get; } =
    [.. PciInventory.Probes, IommuProbe.Probe, ModprobeConfigProbe.Probe];

    /// <summary>Reads the functions of a host that is to have an answer.</summary>
    /// <param name="answers">The host's answers.</param>
    /// <param name="target">The host.</param>
    /// <returns>The functions, ordered by address.</returns>
    /// <exception cref="NestVirtException">They are not known.</exception>
    public static IReadOnlyList<PciDevice> Require(ProbeAnswers answers, HostTarget target)
    {
        IReadOnlyList<PciDevice> devices = PciInventory.Require(answers, target);
        VfioWishFindings findings = Findings(answers, devices);
        return
        [
            .. devices.Select(device =>
                device with
                {
                    Reasons = [.. findings.Of(device).Select(reason => reason.For(target))],
                }
            ),
        ];
    }

    /// <summary>Reads the settings that give functions to vfio-pci.</summary>
    /// <param name="answers">The host's answers.</param>
    /// <param name="devices">Its functions.</param>
    /// <returns>What they come to.</returns>
    internal static VfioWishFindings Findings(ProbeAnswers answers, IReadOnlyList<PciDevice> devices)
    {
        IommuFacts host = IommuAssessor.Read(answers);
        return new VfioWishFindings(host, new VfioWishes(host, Modprobe(answers)), devices);
    }

    /// <summary>Reads modprobe's files; those that were not asked for say nothing.</summary>
    /// <param name="answers">The host's answers.</param>
    /// <returns>Them.</returns>
    internal static ModprobeConfig Modprobe(ProbeAnswers answers) =>
        answers[ModprobeConfigProbe.Probe].IsAvailable
            ? answers.Read(ModprobeConfigProbe.Reading)
            : ModprobeConfig.Empty;
}
