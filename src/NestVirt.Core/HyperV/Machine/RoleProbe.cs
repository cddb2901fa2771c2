using NestVirt.Probing;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Machine;

/// <summary>Whether a Windows has Hyper-V.</summary>
internal enum HyperVRole
{
    /// <summary>It could not be told.</summary>
    Unknown,

    /// <summary>It is installed.</summary>
    Installed,

    /// <summary>It can be installed, and is not.</summary>
    NotInstalled,
}

/// <summary>Asks whether the role is installed. That its classes do not answer has other causes as well.</summary>
internal static class RoleProbe
{
    /// <summary>Gets the probe.</summary>
    internal static CimProbe Probe { get; } =
        new(
            "hvrole",
            WmiNamespaces.Windows,
            "SELECT * FROM Win32_OptionalFeature WHERE Name = 'Microsoft-Hyper-V'",
            ["Name", "InstallState"]
        );

    /// <summary>Gets the reading.</summary>
    internal static ProbeReading<HyperVRole> Reading { get; } =
        new([Probe], static answers => Parse(CimAnswers.Read(answers, Probe)));

    // Win32_OptionalFeature.InstallState: 1 enabled, 2 disabled, 3 absent, 4 unknown.
    private static HyperVRole Parse(IReadOnlyList<CimInstance> instances) =>
        instances is [CimInstance feature, ..]
            ? feature.Number("InstallState") switch
            {
                1 => HyperVRole.Installed,
                2 or 3 => HyperVRole.NotInstalled,
                _ => HyperVRole.Unknown,
            }
            : HyperVRole.Unknown;
}
