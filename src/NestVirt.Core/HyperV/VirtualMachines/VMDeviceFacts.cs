using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.VirtualMachines;

/// <summary>The setting by which a VM owns a PCI device of the host (Msvm_PciExpressSettingData).</summary>
/// <param name="Device">The DeviceID of the host's Msvm_PciExpress; the whole of what it names where that is no path; empty where it names nothing.</param>
internal sealed record VMDeviceFacts(string Device)
{
    private const string Dismounted = @"PCIP\";

    /// <summary>Gets the InstanceID of the setting, by which it is taken away; null when it was not told.</summary>
    internal string? Id { get; init; }

    /// <summary>Gets the path of the host's Msvm_PciExpress as the host has it; null when it was not told.</summary>
    internal string? HostResource { get; init; }

    /// <summary>Gets the path of the device in Windows, which the DeviceID ends in (os-win); null where it has none.</summary>
    internal string? InstancePath =>
        Device.IndexOf(Dismounted, StringComparison.OrdinalIgnoreCase) is var at and >= 0 ? Device[at..] : null;

    /// <summary>Gets a value indicating whether a virtual function of the device is meant, and not the device: number 0 stands for the device.</summary>
    /// <remarks>Microsoft documents VirtualFunctions as the number to assign. That 0 is the device itself is unproven: tools that assign whole devices write 0.</remarks>
    internal bool IsVirtualFunction { get; init; }

    /// <summary>Reads the setting.</summary>
    /// <param name="setting">The instance.</param>
    /// <returns>The setting.</returns>
    internal static VMDeviceFacts Read(CimInstance setting)
    {
        string? resource = setting.Texts("HostResource") is [string path, ..] ? path : null;
        return new VMDeviceFacts(DeviceOf(resource))
        {
            Id = setting.Text("InstanceID"),
            HostResource = resource,
            IsVirtualFunction = setting.Numbers("VirtualFunctions").Any(static number => number > 0),
        };
    }

    private static string DeviceOf(string? resource) =>
        resource is null ? string.Empty
        : CimPath.TryParse(resource, out CimPath? path) ? path.Key("DeviceID") ?? resource
        : resource;
}
