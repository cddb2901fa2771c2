using NestVirt.Hosts;
using NestVirt.Linux.Guests;
using NestVirt.Linux.Iommu;
using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.GuestPci;

/// <summary>What of a host decides whether its guests can have its PCI devices.</summary>
internal sealed record GuestPciHost
{
    private readonly Dictionary<string, PciDevice> _byAddress;
    private readonly Dictionary<int, (IommuGroupFacts Group, PciDevice[] Members)> _groups;
    private readonly IReadOnlyDictionary<string, string>? _made;

    /// <summary>Puts it together.</summary>
    /// <param name="devices">The functions of the host; null where they are not known.</param>
    /// <param name="iommu">What the host says of its IOMMU.</param>
    /// <param name="state">Whether that works.</param>
    /// <param name="made">The paths of mediated and vDPA devices by their names; null where they are not known.</param>
    internal GuestPciHost(
        IReadOnlyList<PciDevice>? devices,
        IommuFacts iommu,
        IommuState state,
        IReadOnlyDictionary<string, string>? made
    )
    {
        IsKnown = devices is not null;
        Iommu = iommu;
        State = state;
        _made = made;
        _groups = IommuInventory.MembersOf(iommu, devices ?? []).ToDictionary(static group => group.Group.Number);
        _byAddress = (devices ?? []).ToDictionary(static device => device.Address, StringComparer.Ordinal);
        foreach (PciDevice member in _groups.Values.SelectMany(static group => group.Members))
        {
            _byAddress[member.Address] = member;
        }

        Devices = [.. _byAddress.Values];
    }

    /// <summary>Gets a value indicating whether the functions of the host are known.</summary>
    internal bool IsKnown { get; }

    /// <summary>Gets the functions of the host.</summary>
    internal IReadOnlyList<PciDevice> Devices { get; }

    /// <summary>Gets what the host says of its IOMMU.</summary>
    internal IommuFacts Iommu { get; }

    /// <summary>Gets whether that works.</summary>
    internal IommuState State { get; }

    /// <summary>Reads it.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <param name="target">The host.</param>
    /// <returns>What they say.</returns>
    internal static GuestPciHost Read(ProbeAnswers answers, HostTarget target)
    {
        bool isKnown = PciInventory.UnavailableReason(answers) is null;
        return new GuestPciHost(
            isKnown ? PciInventory.Read(answers, target) : null,
            IommuAssessor.Read(answers),
            isKnown ? IommuAssessor.Summarize(answers).State : IommuState.Unknown,
            answers.Read(LibvirtFacts.Reading).Made
        );
    }

    /// <summary>Finds a function.</summary>
    /// <param name="address">Its address, or null.</param>
    /// <returns>The function; null where the host has none such, or it is not known.</returns>
    internal PciDevice? Find(PciAddress? address) => Find(address?.ToString());

    /// <summary>Finds a function.</summary>
    /// <param name="address">Its address as sysfs writes it, or null.</param>
    /// <returns>The function; null where the host has none such, or it is not known.</returns>
    internal PciDevice? Find(string? address) => address is null ? null : _byAddress.GetValueOrDefault(address);

    /// <summary>Finds the group of a function.</summary>
    /// <param name="device">The function.</param>
    /// <returns>The group and its functions; null where there is none.</returns>
    internal (IommuGroupFacts Group, PciDevice[] Members)? GroupOf(PciDevice device) =>
        device.IommuGroup is { } number
        && _groups.TryGetValue(number, out (IommuGroupFacts Group, PciDevice[] Members) group)
            ? group
            : null;

    /// <summary>Finds what a mediated or a vDPA device was made of.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The address of the function; null where it is of none, or not known.</returns>
    internal PciAddress? MadeOf(string? name) =>
        name is not null
        && _made?.GetValueOrDefault(name) is { } path
        && PciAddress.TryFindInPath(path, out PciAddress address)
            ? address
            : null;

    /// <summary>Tells whether the host has a mediated or a vDPA device.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Whether it has; null where nobody looked.</returns>
    internal bool? Has(string? name) => name is null ? null : _made?.ContainsKey(name);

    /// <summary>Finds the physical function that a virtual one would be of which the host does not have.</summary>
    /// <param name="address">The address of the virtual one, or null.</param>
    /// <returns>The physical function, and which of its virtual ones it is, from 1; null where it is none.</returns>
    internal (PciDevice Physical, int Number)? WouldBeOf(PciAddress? address)
    {
        if (address is not { } virtualAddress)
        {
            return null;
        }

        foreach (PciDevice device in Devices)
        {
            if (
                device.Sriov is { Offset: { } offset, TotalCount: > 0 } sriov
                && PciAddress.TryParse(device.Address, out PciAddress physical)
                && physical.Domain == virtualAddress.Domain
            )
            {
                int distance = virtualAddress.RoutingId - physical.RoutingId - offset;
                int stride = Math.Max(sriov.Stride ?? 1, 1);
                if (offset > 0 && distance >= 0 && distance % stride == 0 && distance / stride < sriov.TotalCount)
                {
                    return (device, (distance / stride) + 1);
                }
            }
        }

        return null;
    }
}
