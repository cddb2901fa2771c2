namespace NestVirt.Linux.Pci;

/// <summary>The SR-IOV capability of a physical function, as its config space holds it.</summary>
/// <param name="TotalCount">
/// How many virtual functions it can have; sysfs may say fewer, when the driver limits them.
/// </param>
/// <param name="Count">The value of NumVFs; it counts only while <paramref name="IsEnabled"/>.</param>
/// <param name="IsEnabled">Whether the virtual functions are there.</param>
/// <param name="Offset">The routing-id distance to the first virtual function; it may change with the count.</param>
/// <param name="Stride">The routing-id distance between two virtual functions.</param>
/// <param name="VirtualDeviceId">The device id of the virtual functions.</param>
internal sealed record PciSriovCapability(
    int TotalCount,
    int Count,
    bool IsEnabled,
    int Offset,
    int Stride,
    ushort VirtualDeviceId
);
