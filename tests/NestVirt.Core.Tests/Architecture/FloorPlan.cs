namespace NestVirt.Core.Tests.Architecture;

/// <summary>Who may use whom (docs/design.md), as data.</summary>
internal static class FloorPlan
{
    /// <summary>The slices of Linux: each may use those before it, none after it.</summary>
    internal static readonly string[] LinuxSlices =
    [
        "Files",
        "Machine",
        "Virtualization",
        "Modprobe",
        "Boot",
        "Boot.Loaders",
        "Initramfs",
        "Kvm",
        "DeviceUse",
        "Pci",
        "Iommu",
        "Sriov",
        "Drivers",
        "HugePages",
        "Guests",
        "GuestPci",
        "Support",
        "DomainXml",
        "GuestCpu",
        "GuestDevices",
        "GuestTuning",
        "Worker",
    ];

    /// <summary>The slices of HyperV: each may use those before it, none after it.</summary>
    internal static readonly string[] HyperVSlices =
    [
        "Machine",
        "VirtualMachines",
        "Dda",
        "Sriov",
        "Support",
        "Settings",
        "Worker",
    ];

    private static readonly string[] s_belowPlatforms =
    [
        "Text",
        "Guidance",
        "Hosts",
        "Model",
        "Execution",
        "Transport",
        "Transport.Shell",
        "Transport.Shell.Processes",
        "Transport.Shell.Local",
        "Transport.Shell.OpenSsh",
        "Transport.Recorded",
        "Transport.Cim",
        "Transport.Cim.WsMan",
        "Transport.Cim.Mi",
        "Sessions",
        "Probing",
        "Questions",
        "Changes",
    ];

    /// <summary>What each namespace of Core may use beside its own and the root, which holds exceptions alone.</summary>
    internal static readonly IReadOnlyDictionary<string, string[]> Core = new Dictionary<string, string[]>
    {
        [""] = ["Text"],
        ["Text"] = [],
        ["Guidance"] = [],
        ["Hosts"] = ["Text", "Guidance"],
        ["Model"] = ["Hosts", "Text", "Guidance"],
        ["Execution"] = ["Hosts"],
        ["Transport"] =
        [
            "Hosts",
            "Text",
            "Guidance",
            "Sessions",
            "Transport.Cim",
            "Transport.Cim.WsMan",
            "Transport.Cim.Mi",
            "Transport.Recorded",
            "Transport.Shell",
            "Transport.Shell.Processes",
            "Transport.Shell.Local",
            "Transport.Shell.OpenSsh",
        ],
        ["Sessions"] = ["Hosts", "Text", "Transport.Shell"],
        ["Transport.Shell"] = ["Hosts", "Text", "Guidance"],
        ["Transport.Shell.Processes"] = ["Transport.Shell"],
        ["Transport.Shell.Local"] = ["Guidance", "Hosts", "Text", "Transport.Shell", "Transport.Shell.Processes"],
        ["Transport.Shell.OpenSsh"] = ["Hosts", "Text", "Guidance", "Transport.Shell", "Transport.Shell.Processes"],
        ["Transport.Recorded"] = ["Hosts", "Text", "Transport.Cim"],
        ["Transport.Cim"] = ["Hosts", "Text", "Guidance"],
        ["Transport.Cim.WsMan"] = ["Hosts", "Text", "Guidance", "Transport.Cim"],
        ["Transport.Cim.Mi"] = ["Hosts", "Text", "Guidance", "Transport.Cim", "Transport.Cim.WsMan"],
        ["Probing"] =
        [
            "Hosts",
            "Text",
            "Guidance",
            "Transport",
            "Transport.Shell",
            "Transport.Cim",
            "Transport.Recorded",
        ],
        ["Questions"] = ["Hosts", "Text", "Model", "Probing", "Changes", "Transport.Recorded"],
        ["Changes"] = ["Hosts", "Text", "Guidance", "Model", "Execution", "Probing"],
        ["Filters"] = ["Hosts", "Text", "Model", "Changes", "Guidance"],
        ["Linux"] = [.. s_belowPlatforms, .. LinuxSlices.Select(static slice => $"Linux.{slice}")],
        ["HyperV"] = [.. s_belowPlatforms, .. HyperVSlices.Select(static slice => $"HyperV.{slice}")],
        ["Client"] = [.. s_belowPlatforms, "Linux", "Linux.Iommu", "Linux.Worker", "HyperV"],
    }
        .Concat(LinuxSlices.Select(static (slice, place) => Slice("Linux", LinuxSlices, slice, place)))
        .Concat(HyperVSlices.Select(static (slice, place) => Slice("HyperV", HyperVSlices, slice, place)))
        .ToDictionary(StringComparer.Ordinal);

    private static readonly string[] s_sshNet =
    [
        "Hosts",
        "Text",
        "Guidance",
        "Transport.Shell",
        "Transport.Shell.Processes",
        "Transport.Shell.OpenSsh",
    ];

    /// <summary>What each namespace of the built-in SSH client may use beside its own and Core's root.</summary>
    internal static readonly IReadOnlyDictionary<string, string[]> SshNet = new Dictionary<string, string[]>
    {
        ["SshNet"] = [.. s_sshNet, "SshNet.Config", "SshNet.HostKeys", "SshNet.Keys"],
        ["SshNet.Config"] = [.. s_sshNet, "SshNet"],
        ["SshNet.HostKeys"] = [.. s_sshNet, "SshNet", "SshNet.Config"],
        ["SshNet.Keys"] = s_sshNet,
    };

    /// <summary>Types that use more than their namespace may, until they are mended.</summary>
    internal static readonly string[] Debts = [];

    /// <summary>What of Core a front end may use; of Transport the connector alone, which a changer is made with, and what a program sets when it starts.</summary>
    internal static readonly string[] FrontEnd =
    [
        "Text",
        "Guidance",
        "Hosts",
        "Model",
        "Execution",
        "Sessions",
        "Transport",
        "Transport.Cim.WsMan",
        "Probing",
        "Questions",
        "Changes",
        "Filters",
        "Client",
    ];

    /// <summary>What of Core the folder Cim of the module may use beside that: it is a transport, and in the module for what it refers to.</summary>
    internal static readonly string[] WindowsCim = ["Transport.Cim", "Transport.Cim.Mi"];

    /// <summary>What brings the built-in SSH client: the program refers to it, the module loads it in a context of its own.</summary>
    internal const string SshLibrary = "SshNet";

    private static KeyValuePair<string, string[]> Slice(string platform, string[] slices, string slice, int place) =>
        new(
            $"{platform}.{slice}",
            [.. s_belowPlatforms, .. slices.Take(place).Select(earlier => $"{platform}.{earlier}")]
        );
}
