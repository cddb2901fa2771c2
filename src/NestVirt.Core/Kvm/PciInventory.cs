using NestVirt.Model;
using NestVirt.Transport;

namespace NestVirt.Kvm;

/// <summary>Puts together what a host's sysfs, config spaces and id list say about its PCI functions.</summary>
public static class PciInventory
{
    /// <summary>Gets the probes whose answers are read.</summary>
    public static IReadOnlyList<HostProbe> Probes { get; } = [PciProbe.Probe];

    /// <summary>Says why the functions of a host are not known.</summary>
    /// <param name="answers">The host's answers to <see cref="Probes"/>.</param>
    /// <returns>A sentence, or null when they are known. A host without PCI is known to have none.</returns>
    /// <exception cref="ProbeFormatException">An answer cannot be read.</exception>
    public static string? UnavailableReason(ProbeAnswers answers)
    {
        ProbeAnswer answer = answers[PciProbe.Probe];
        return answer.UnavailableReason ?? PciProbe.Parse(answer.Text).UnavailableReason;
    }

    /// <summary>Reads the functions of a host.</summary>
    /// <param name="answers">The host's answers to <see cref="Probes"/>.</param>
    /// <param name="target">The host.</param>
    /// <returns>The functions, ordered by address; none where they are not known (see <see cref="UnavailableReason"/>).</returns>
    /// <exception cref="ProbeFormatException">An answer cannot be read.</exception>
    public static IReadOnlyList<PciDevice> Read(ProbeAnswers answers, HostTarget target)
    {
        PciListing listing = PciProbe.Parse(answers[PciProbe.Probe].Text);
        return [.. listing.Devices.Select(device => device with { Target = target })];
    }
}
