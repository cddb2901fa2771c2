namespace NestVirt.Core.Tests.HyperV;

/// <summary>A network adapter of a Windows host with SR-IOV, from Microsoft's pages of its classes.</summary>
internal sealed record WindowsAdapter
{
    internal string Id { get; init; } = "{8B6A2D3C-0000-4000-8000-000000000001}";

    internal string Name { get; init; } = "SLOT 3 Port 1";

    internal string Description { get; init; } = "Intel(R) Ethernet Converged Network Adapter X710";

    internal bool IsEnabled { get; init; } = true;

    internal int? Support { get; init; } = 1;

    /// <summary>Gets how many virtual functions its switch can have; null for an adapter without one.</summary>
    internal int? OfSwitch { get; init; } = 32;

    /// <summary>Gets how many it can have itself; null for one that does not tell its capabilities.</summary>
    internal int? Most { get; init; } = 64;

    internal int? Allocated { get; init; } = 2;

    internal (int Segment, int Bus, int Device, int Function)? Place { get; init; } = (0, 59, 0, 1);

    internal string Settings =>
        CimInstanceText.Of(
            "MSFT_NetAdapterSriovSettingData",
            ("InstanceID", Id),
            ("Name", Name),
            ("InterfaceDescription", Description),
            ("Enabled", IsEnabled),
            ("SriovSupport", Support),
            (
                "HardwareCapabilities",
                Most is { } most
                    ? new CimEmbeddedText(
                        CimInstanceText.Of(
                            "MSFT_NetAdapterSriovCapabilities",
                            ("MaxNumVFs", most),
                            ("MaxNumVPorts", most + 1)
                        )
                    )
                    : null
            ),
            ("NumVFs", OfSwitch),
            ("NumAllocatedVFs", Allocated)
        );

    internal string Hardware =>
        Place is not { } place
            ? string.Empty
            : CimInstanceText.Of(
                "MSFT_NetAdapterHardwareInfoSettingData",
                ("InstanceID", Id),
                ("Name", Name),
                ("SegmentNumber", place.Segment),
                ("BusNumber", place.Bus),
                ("DeviceNumber", place.Device),
                ("FunctionNumber", place.Function)
            );
}
