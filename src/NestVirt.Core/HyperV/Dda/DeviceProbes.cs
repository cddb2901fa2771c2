using NestVirt.HyperV.Machine;
using NestVirt.Probing;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Dda;

/// <summary>Asks for the PCI devices of a host, all at once but for one call each: their keyed properties are told in no other way.</summary>
internal static class DeviceProbes
{
    /// <summary>The class of PCI devices, among others.</summary>
    internal const string Entity = "Win32_PnPEntity";

    private const string Mounted = @"PCI\";

    /// <summary>Gets the probe for the devices: those that Windows has, and those that were dismounted for VMs (PCIP).</summary>
    internal static CimProbe Devices { get; } =
        new(
            "hvpci",
            WmiNamespaces.Windows,
            $"SELECT * FROM {Entity} WHERE DeviceID LIKE 'PCI%'",
            [
                "DeviceID",
                "Name",
                "Manufacturer",
                "PNPClass",
                "Service",
                "ConfigManagerErrorCode",
                "Present",
                "HardwareID",
                "CompatibleID",
            ]
        )
        {
            Call = new CimCall(
                Entity,
                "DeviceID",
                "GetDeviceProperties",
                [new CimArgument("devicePropertyKeys", CimValue.Of(DevicePropertyKey.Words))],
                "deviceProperties",
                ["KeyName", "Key", "Data"]
            ),
            Keeps = static _ => static one => one.Text("DeviceID") is { } path && IsPci(path),
        };

    /// <summary>Gets the probe for which interrupts and memory were given to which device of any kind.</summary>
    /// <remarks>The numbers of interrupts are in the paths of it already: Win32_IRQResource need not be asked.</remarks>
    internal static CimProbe Resources { get; } =
        new(
            "hvpciresources",
            WmiNamespaces.Windows,
            "SELECT * FROM Win32_PnPAllocatedResource",
            ["Antecedent", "Dependent"]
        );

    /// <summary>Gets the probe for where ranges of memory end.</summary>
    internal static CimProbe Memory { get; } =
        new(
            "hvpcimemory",
            WmiNamespaces.Windows,
            "SELECT * FROM Win32_DeviceMemoryAddress",
            ["StartingAddress", "EndingAddress"]
        );

    /// <summary>Gets the probe for the devices that can be given to VMs, since they were dismounted.</summary>
    internal static CimProbe Assignable { get; } =
        new(
            "hvpciexpress",
            WmiNamespaces.Virtualization,
            "SELECT * FROM Msvm_PciExpress",
            [
                "CreationClassName",
                "DeviceID",
                "SystemCreationClassName",
                "SystemName",
                "DeviceInstancePath",
                "LocationPath",
            ]
        );

    /// <summary>Tells whether a path is that of a PCI device, and not of what lies behind one, such as <c>PCIIDE</c>.</summary>
    /// <param name="path">The path.</param>
    /// <returns>True if so.</returns>
    internal static bool IsPci(string path) =>
        path.StartsWith(Mounted, StringComparison.OrdinalIgnoreCase)
        || path.StartsWith(HostDevice.DismountedPrefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>Gets all of them.</summary>
    internal static IReadOnlyList<HostProbe> All { get; } = [Devices, Resources, Memory, Assignable];
}
