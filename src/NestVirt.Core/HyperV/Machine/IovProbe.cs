using NestVirt.Probing;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Machine;

/// <summary>Whether a host can give devices and virtual functions to VMs.</summary>
/// <param name="IsSupported">Whether it can; null when that was not told.</param>
/// <param name="Reasons">Why not, in the words and the language of Windows: to show, never to decide on.</param>
internal sealed record IovFacts(bool? IsSupported, IReadOnlyList<string> Reasons);

/// <summary>Asks whether a host can give virtual functions to VMs, which takes an IOMMU.</summary>
internal static class IovProbe
{
    /// <summary>Gets the probe.</summary>
    internal static CimProbe Probe { get; } =
        new(
            "hviov",
            WmiNamespaces.Virtualization,
            "SELECT * FROM Msvm_VirtualEthernetSwitchManagementCapabilities",
            ["IOVSupport", "IOVSupportReasons"]
        );

    /// <summary>Gets the reading; what was not told is unknown.</summary>
    internal static ProbeReading<IovFacts> Reading { get; } =
        new([Probe], static answers => Parse(CimAnswers.Read(answers, Probe)));

    private static IovFacts Parse(IReadOnlyList<CimInstance> instances) =>
        instances is [CimInstance capabilities, ..]
            ? new IovFacts(
                capabilities.Boolean("IOVSupport"),
                [.. capabilities.Texts("IOVSupportReasons").Where(static text => !string.IsNullOrWhiteSpace(text))]
            )
            : new IovFacts(null, []);
}
