using System.Globalization;

namespace NestVirt.Core.Tests.HyperV;

/// <summary>A PCI device of a Windows host, from Microsoft's pages of its classes. The defaults are those of a network card that can be given away.</summary>
internal sealed record WindowsDevice
{
    private const string PciSet = "{3AB22E31-8264-4B4E-9AF5-A8D2D8E33E62}";

    internal string Path { get; init; } = @"PCI\VEN_8086&DEV_1572&SUBSYS_00078086&REV_01\4&2A61D5DA&0&0018";

    internal string Name { get; init; } = "Intel(R) Ethernet Converged Network Adapter X710";

    internal string Maker { get; init; } = "Intel";

    internal string PnpClass { get; init; } = "Net";

    internal string? Service { get; init; } = "i40ea";

    internal int Problem { get; init; }

    internal bool? Present { get; init; } = true;

    internal string ClassCode { get; init; } = "020000";

    internal string? Location { get; init; } = "PCIROOT(0)#PCI(0300)#PCI(0000)";

    /// <summary>Gets a value indicating whether that is its only path: an array of one is on the wire as a value is.</summary>
    internal bool HasOneLocation { get; init; }

    /// <summary>Gets the number of the bus with the segment from bit 8 on.</summary>
    internal object? Bus { get; init; } = 59;

    /// <summary>Gets the device from bit 16 on, and the function.</summary>
    internal object? Place { get; init; } = 1;

    internal object? Type { get; init; } = 2;

    internal object? BaseClass { get; init; } = 2;

    internal object? Acs { get; init; } = 3;

    internal object? Reserved { get; init; } = 0;

    /// <summary>Gets the numbers of its interrupts; messages are numbered from the top of 32 bits down.</summary>
    internal uint[] Interrupts { get; init; } = [4294967278, 4294967279];

    internal (ulong Start, ulong End)[] Ranges { get; init; } =
    [(0xC000_0000, 0xC0FF_FFFF), (0xC100_0000, 0xC100_7FFF)];

    /// <summary>Gets a value indicating whether the properties of Microsoft's set are told by their names, as newer releases do, and not by set and number.</summary>
    internal bool NamesProperties { get; init; }

    internal string Entity =>
        CimInstanceText.Of(
            "Win32_PnPEntity",
            ("DeviceID", Path),
            ("Name", Name),
            ("Manufacturer", Maker),
            ("PNPClass", PnpClass),
            ("Service", Service),
            ("ConfigManagerErrorCode", Problem),
            ("Present", Present),
            ("HardwareID", new[] { Path[..Path.LastIndexOf('\\')], $"PCI\\VEN_8086&DEV_1572&CC_{ClassCode}" }),
            ("CompatibleID", new[] { $"PCI\\CC_{ClassCode}", $"PCI\\CC_{ClassCode[..4]}" })
        );

    internal string Properties =>
        Property("DEVPKEY_Device_BusNumber", "{A45C254E-DF1C-4EFD-8020-67D146A850E0} 23", Bus)
        + Property("DEVPKEY_Device_Address", "{A45C254E-DF1C-4EFD-8020-67D146A850E0} 30", Place)
        + Property(
            "DEVPKEY_Device_LocationPaths",
            "{A45C254E-DF1C-4EFD-8020-67D146A850E0} 37",
            Location is null || HasOneLocation
                ? (object?)Location
                : new[] { Location, "ACPI(_SB_)#ACPI(PC00)#PCI(0300)#PCI(0000)" }
        )
        + Pci("DEVPKEY_PciDevice_DeviceType", 1, Type)
        + Pci("DEVPKEY_PciDevice_BaseClass", 3, BaseClass)
        + Pci("DEVPKEY_PciDevice_AcsCompatibleUpHierarchy", 31, Acs)
        + Pci("DEVPKEY_PciDevice_RequiresReservedMemoryRegion", 34, Reserved);

    internal string Resources =>
        string.Concat(
            Interrupts
                .Select(number => Resource(new CimReferenceText("Win32_IRQResource", "IRQNumber", number)))
                .Concat(
                    Ranges.Select(range =>
                        Resource(
                            new CimReferenceText(
                                "Win32_DeviceMemoryAddress",
                                "StartingAddress",
                                range.Start.ToString(CultureInfo.InvariantCulture)
                            )
                        )
                    )
                )
        );

    internal string Memory =>
        string.Concat(
            Ranges.Select(static range =>
                CimInstanceText.Of(
                    "Win32_DeviceMemoryAddress",
                    ("StartingAddress", range.Start),
                    ("EndingAddress", range.End)
                )
            )
        );

    private string Resource(CimReferenceText resource) =>
        CimInstanceText.Of(
            "Win32_PnPAllocatedResource",
            ("Antecedent", resource),
            ("Dependent", new CimReferenceText("Win32_PnPEntity", "DeviceID", Path))
        );

    private string Pci(string name, int number, object? data) =>
        Property(
            NamesProperties ? name : FormattableString.Invariant($"{PciSet}  {number}"),
            FormattableString.Invariant($"{PciSet} {number}"),
            data
        );

    private string Property(string name, string key, object? data) =>
        data is null
            ? CimInstanceText.Of("Win32_PnPDeviceProperty", ("KeyName", name), ("Key", key), ("DeviceID", Path))
            : CimInstanceText.Of(
                data is Array ? "Win32_PnPDevicePropertyStringArray" : "Win32_PnPDevicePropertyUint32",
                ("KeyName", name),
                ("Key", key),
                ("Data", data),
                ("DeviceID", Path)
            );
}
