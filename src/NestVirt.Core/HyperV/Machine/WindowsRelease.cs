namespace NestVirt.HyperV.Machine;

/// <summary>Which builds of Windows have which Hyper-V.</summary>
/// <remarks>Microsoft, "Upgrade virtual machine version in Hyper-V on Windows or Windows Server" (2025-01-20).</remarks>
internal static class WindowsRelease
{
    /// <summary>The first build that nests on Intel: Windows Server 2016, Windows 10 version 1607.</summary>
    internal const int FirstThatNests = 14393;

    /// <summary>The first build of Windows Server that nests on AMD: 2022.</summary>
    internal const int FirstServerForAmd = 20348;

    /// <summary>The first build of Windows for clients that nests on AMD: Windows 11.</summary>
    internal const int FirstClientForAmd = 22000;

    /// <summary>The last build whose documents were looked at: Windows Server 2025, Windows 11 version 24H2.</summary>
    internal const int LastDocumented = 26100;

    // From which build on, and the highest version of a VM's configuration there.
    private static readonly (int Build, ConfigurationVersion Highest)[] s_highest =
    [
        (9600, new(5, 0)),
        (14393, new(8, 0)),
        (15063, new(8, 1)),
        (16299, new(8, 2)),
        (17134, new(8, 3)),
        (17763, new(9, 0)),
        (18362, new(9, 1)),
        (19041, new(9, 2)),
        (20348, new(10, 0)),
        (22621, new(11, 0)),
        (26100, new(12, 0)),
    ];

    /// <summary>Gets the highest version that a VM's configuration can have on a build.</summary>
    /// <param name="build">The build, or null.</param>
    /// <returns>The version; null for a build that is unknown, too old, or newer than what is documented.</returns>
    internal static ConfigurationVersion? HighestVersion(int? build) =>
        build is { } number and >= 9600 and <= LastDocumented
            ? s_highest.Last(row => row.Build <= number).Highest
            : null;
}
