using System.Globalization;
using NestVirt.Changes;
using NestVirt.Probing;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Machine;

/// <summary>Asks which machine a Windows host is, and which boot of it this is.</summary>
/// <remarks>
/// The UUID of the firmware outlives a new name (Win32_ComputerSystemProduct). Where the firmware has none it is all zeros or
/// all ones (Microsoft's page of the class). Boards that are sold with one and the same share a journal: a change names its
/// virtual machines by GUIDs, so that those of another host are found to be gone, and nothing is done to them.
/// </remarks>
internal static class WindowsIdentityProbe
{
    // SMBIOS reference specification, 7.2.1: not present, and not set; the third is the example of a maker of firmware.
    private static readonly Guid[] s_useless =
    [
        Guid.Empty,
        Guid.AllBitsSet,
        new("03000200-0400-0500-0006-000700080009"),
    ];

    /// <summary>Gets the probe for the firmware's word.</summary>
    internal static CimProbe Product { get; } =
        new("hvproduct", WmiNamespaces.Windows, "SELECT * FROM Win32_ComputerSystemProduct", ["UUID"]);

    /// <summary>Gets the probes whose answers are read.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } = [Product, WindowsProbe.Probe];

    /// <summary>Reads the machine.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <returns>The machine; its id is empty where the host tells neither a UUID nor a name.</returns>
    internal static HostIdentity Read(ProbeAnswers answers)
    {
        WindowsFacts windows = answers.Read(WindowsProbe.Reading);
        Guid? id = CimAnswers.Read(answers, Product) is [CimInstance product, ..] ? UuidOf(product.Text("UUID")) : null;
        return new HostIdentity(
            id?.ToString() ?? windows.ComputerName?.Trim().ToLowerInvariant() ?? string.Empty,
            windows.Boot?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
                ?? string.Empty,
            windows.Version ?? string.Empty
        );
    }

    private static Guid? UuidOf(string? text) =>
        Guid.TryParse(text, out Guid id) && !s_useless.Contains(id) ? id : null;
}
