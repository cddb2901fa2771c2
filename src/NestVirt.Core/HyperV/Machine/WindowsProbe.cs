using System.Globalization;
using NestVirt.Probing;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Machine;

/// <summary>Asks which Windows a host runs.</summary>
internal static class WindowsProbe
{
    /// <summary>Gets the probe. Its answer is in each recording of a host with Windows, and in no other.</summary>
    internal static CimProbe Probe { get; } =
        new(
            "hvwindows",
            WmiNamespaces.Windows,
            "SELECT * FROM Win32_OperatingSystem",
            [
                "BuildNumber",
                "Version",
                "Caption",
                "ProductType",
                "OperatingSystemSKU",
                "CSName",
                "FreePhysicalMemory",
                "LastBootUpTime",
                "LocalDateTime",
            ]
        );

    /// <summary>Gets the reading; what was not told is unknown.</summary>
    internal static ProbeReading<WindowsFacts> Reading { get; } =
        new([Probe], static answers => Parse(CimAnswers.Read(answers, Probe)));

    private static WindowsFacts Parse(IReadOnlyList<CimInstance> instances)
    {
        if (instances is not [CimInstance system, ..])
        {
            return new WindowsFacts();
        }

        return new WindowsFacts
        {
            Build = int.TryParse(
                system.Text("BuildNumber"),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out int build
            )
                ? build
                : null,
            Version = system.Text("Version"),
            Caption = system.Text("Caption")?.Trim(),
            Kind = system.Number("ProductType") switch
            {
                1 => WindowsKind.Client,
                2 or 3 => WindowsKind.Server,
                _ => WindowsKind.Unknown,
            },
            ComputerName = system.Text("CSName"),
            Boot = system.Instant("LastBootUpTime"),
            Edition = system.Number("OperatingSystemSKU"),
            Uptime =
                system.Instant("LocalDateTime") is { } now
                && system.Instant("LastBootUpTime") is { } boot
                && now >= boot
                    ? now - boot
                    : null,
            FreeMemoryBytes = CimUnits.Kilobytes(system.Number("FreePhysicalMemory")),
        };
    }
}
