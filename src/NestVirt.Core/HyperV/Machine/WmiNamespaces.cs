namespace NestVirt.HyperV.Machine;

/// <summary>Names the namespaces that hosts are asked in.</summary>
internal static class WmiNamespaces
{
    /// <summary>What Windows tells of itself and its machine.</summary>
    internal const string Windows = "root/cimv2";

    /// <summary>What Windows tells of its network.</summary>
    internal const string Network = "root/StandardCimv2";

    /// <summary>What Hyper-V tells; it is there with the role alone.</summary>
    internal const string Virtualization = "root/virtualization/v2";

    /// <summary>What Device Guard tells of the firmware's protections.</summary>
    internal const string DeviceGuard = "root/Microsoft/Windows/DeviceGuard";
}
