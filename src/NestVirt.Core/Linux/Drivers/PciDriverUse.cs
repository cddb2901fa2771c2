using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux.DeviceUse;
using NestVirt.Linux.Iommu;
using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.Drivers;

/// <summary>Everything that tells who uses the PCI functions of a host, and who would lose them with their drivers.</summary>
internal record PciDriverUse
{
    /// <summary>Gets the probes whose answers are read.</summary>
    public static IReadOnlyList<HostProbe> UseProbes { get; } =
    [.. PciInventory.Probes.Union([IommuProbe.Probe, PciDriverProbe.Probe])];

    /// <summary>Gets the functions of the host.</summary>
    public required IReadOnlyList<PciDevice> Devices { get; init; }

    /// <summary>Gets what of the host's storage and network is in use.</summary>
    public required HostUseFacts Uses { get; init; }

    /// <summary>Gets the IOMMU and its groups.</summary>
    public required IommuFacts Iommu { get; init; }

    /// <summary>Gets the drivers, and who holds devices open.</summary>
    public required PciDriverFacts Drivers { get; init; }

    /// <summary>Gets a value indicating whether the function that carries the root file system is known.</summary>
    public bool IsRootKnown =>
        Devices.Any(static device => device.HostUses.Any(static use => use.Kind == "RootFileSystem"));

    /// <summary>Reads the answers.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <param name="target">The host.</param>
    /// <returns>What they say.</returns>
    /// <exception cref="ChangeRefusedException">The functions are not known.</exception>
    /// <exception cref="ProbeFormatException">An answer cannot be read.</exception>
    public static PciDriverUse ReadUse(ProbeAnswers answers, HostTarget target)
    {
        if (PciInventory.UnavailableReason(answers) is { } reason)
        {
            throw new ChangeRefusedException(
                new Finding(
                    FindingCodes.PciUnknown,
                    Severity.Error,
                    $"The PCI functions of the host are not known: {reason}."
                )
            );
        }

        return new PciDriverUse
        {
            Devices = PciInventory.Read(answers, target),
            Uses = answers.Read(HostUseProbe.Reading),
            Iommu = IommuAssessor.Read(answers),
            Drivers = answers.Read(PciDriverProbe.Reading),
        };
    }

    /// <summary>Gets the group of a function as the kernel lists it, or null.</summary>
    /// <param name="device">The function.</param>
    /// <returns>The group.</returns>
    public IommuGroupFacts? GroupOf(PciDevice device) =>
        Iommu.Groups.FirstOrDefault(group =>
            group.Number == device.IommuGroup || group.Members.Any(member => member.Name == device.Address)
        );

    /// <summary>Gets the functions of a group.</summary>
    /// <param name="group">The group.</param>
    /// <returns>Its PCI functions.</returns>
    public IEnumerable<PciDevice> MembersOf(IommuGroupFacts group) =>
        Devices.Where(device => group.Members.Any(member => member.Name == device.Address));

    /// <summary>Gets who holds a function open: through VFIO, or through UIO.</summary>
    /// <param name="device">The function.</param>
    /// <returns>The processes.</returns>
    public IEnumerable<DeviceHolder> HoldersOf(PciDevice device)
    {
        string? group = GroupOf(device) is { } found ? FormattableString.Invariant($"/dev/vfio/{found.Number}") : null;
        return Drivers.Holders.Where(holder =>
            Drivers.DeviceFiles[device.Address].Contains(holder.Path)
            || (holder.Path == group && DmaDrivers.IsHarmless(device))
        );
    }
}
