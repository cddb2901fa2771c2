using NestVirt.HyperV.Machine;
using NestVirt.Probing;

namespace NestVirt.HyperV.Sriov;

/// <summary>Asks for the network adapters of a host that can have virtual functions: on Windows no other devices make them.</summary>
internal static class SriovProbes
{
    /// <summary>Gets the probe for what SR-IOV is set to.</summary>
    internal static CimProbe Settings { get; } =
        new(
            "hvnicsriov",
            WmiNamespaces.Network,
            "SELECT * FROM MSFT_NetAdapterSriovSettingData",
            [
                "InstanceID",
                "Name",
                "InterfaceDescription",
                "Enabled",
                "SriovSupport",
                "HardwareCapabilities",
                "NumVFs",
                "NumAllocatedVFs",
            ]
        );

    /// <summary>Gets the probe for where the adapters are.</summary>
    internal static CimProbe Hardware { get; } =
        new(
            "hvnichardware",
            WmiNamespaces.Network,
            "SELECT * FROM MSFT_NetAdapterHardwareInfoSettingData",
            ["InstanceID", "Name", "SegmentNumber", "BusNumber", "DeviceNumber", "FunctionNumber"]
        );

    /// <summary>Gets both.</summary>
    internal static IReadOnlyList<HostProbe> All { get; } = [Settings, Hardware];
}
