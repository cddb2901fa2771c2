using System.Globalization;
using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Machine;

/// <summary>
/// What Win32_PnPEntity.GetDeviceProperties gives. The names are those of devpkey.h and pciprop.h; numbers of types are
/// those of devpropdef.h, of which the page of Win32_PnPDeviceProperty numbers the lists otherwise.
/// </summary>
internal static class DeviceProperties
{
    // The property set of pciprop.h, as SurveyDDA.ps1 writes it, with two blanks before the number.
    private const string PciSet = "{3AB22E31-8264-4b4e-9AF5-A8D2D8E33E62}";
    private const uint Empty = 0;

    private static readonly (string Name, uint Number)[] s_pciNumbers =
    [
        ("DeviceType", 1),
        ("BaseClass", 3),
        ("SubClass", 4),
        ("ProgIf", 5),
        ("InterruptSupport", 14),
        ("InterruptMessageMaximum", 15),
        ("SriovSupport", 26),
        ("AcsSupport", 29),
        ("AcsCompatibleUpHierarchy", 31),
        ("RequiresReservedMemoryRegion", 34),
    ];

    /// <summary>Gets the properties of some keys, in their order; all properties where no key is named (os-win).</summary>
    internal static IReadOnlyList<CimObject> Of(CimCatalog classes, HostDevice device, IReadOnlyList<string> keys)
    {
        var all = All(device)
            .Where(found => !device.Withheld.Contains(found.Key))
            .ToDictionary(StringComparer.OrdinalIgnoreCase);
        return
        [
            .. (keys.Count == 0 ? [.. all.Keys] : keys).Select(key =>
                Create(classes, device, key, all.GetValueOrDefault(NameOf(key)))
            ),
        ];
    }

    private static IEnumerable<KeyValuePair<string, object>> All(HostDevice device)
    {
        yield return KeyValuePair.Create<string, object>("DEVPKEY_Device_InstanceId", device.InstancePath);
        yield return KeyValuePair.Create<string, object>("DEVPKEY_Device_DeviceDesc", device.Name);
        if (device.LocationPath is null)
        {
            yield break;
        }

        yield return KeyValuePair.Create<string, object>(
            "DEVPKEY_Device_LocationPaths",
            new[] { device.LocationPath, Acpi(device.LocationPath) }
        );
        yield return KeyValuePair.Create<string, object>(
            "DEVPKEY_Device_LocationInfo",
            string.Create(
                CultureInfo.InvariantCulture,
                $"PCI bus {device.Bus}, device {device.Slot}, function {device.Function}"
            )
        );
        yield return KeyValuePair.Create<string, object>("DEVPKEY_Device_BusNumber", device.Bus);
        // The device in the high word, the function in the low one (Microsoft, DEVPKEY_Device_Address).
        yield return KeyValuePair.Create<string, object>(
            "DEVPKEY_Device_Address",
            (device.Slot << 16) | device.Function
        );
        foreach ((string name, object? value) in Pci(device))
        {
            if (value is not null)
            {
                yield return KeyValuePair.Create("DEVPKEY_PciDevice_" + name, value);
            }
        }
    }

    // That a dismounted device still tells of its bus is what os-win reads; that it tells the rest is not recorded.
    private static IEnumerable<(string Name, object? Value)> Pci(HostDevice device) =>
        device.IsPci
            ?
            [
                ("DeviceType", device.DeviceType),
                ("BaseClass", device.ClassCode >> 16),
                ("SubClass", (device.ClassCode >> 8) & 0xff),
                ("ProgIf", device.ClassCode & 0xff),
                ("InterruptSupport", InterruptSupport(device)),
                ("InterruptMessageMaximum", (uint)device.Interrupts.Count),
                ("SriovSupport", device.SriovSupport),
                // 0 present, 1 not needed, 2 missing (pciprop.h).
                ("AcsSupport", device.Acs == 0 ? 2u : 0u),
                ("AcsCompatibleUpHierarchy", device.Acs),
                ("RequiresReservedMemoryRegion", device.NeedsReservedMemory),
            ]
            : [];

    // Bits of pciprop.h: 1 line, 2 message, 4 extended message.
    private static uint InterruptSupport(HostDevice device) =>
        device.Interrupts.Any(static number => number > ushort.MaxValue) ? 7u : 1u;

    private static string NameOf(string key)
    {
        string[] words = key.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return
            words is [var set, var text]
            && set.Equals(PciSet, StringComparison.OrdinalIgnoreCase)
            && uint.TryParse(text, CultureInfo.InvariantCulture, out uint number)
            && s_pciNumbers.FirstOrDefault(found => found.Number == number) is { Name: { } name }
            ? "DEVPKEY_PciDevice_" + name
            : key;
    }

    // A key that the device has not comes back with the type Empty and without Data (Get-PnpDeviceProperty); of which class
    // it is then is not recorded. What Key holds beside KeyName is not either.
    private static CimObject Create(CimCatalog classes, HostDevice device, string key, object? value)
    {
        (string suffix, uint type) = value switch
        {
            null => ("", Empty),
            uint => ("Uint32", 7u),
            bool => ("Boolean", 17u),
            string => ("String", 18u),
            _ => ("StringArray", 8210u),
        };
        var created = new CimObject(
            classes.Get(
                Names.Cimv2,
                suffix.Length == 0 ? "Win32_PnPDeviceProperty" : "Win32_PnPDeviceProperty" + suffix
            )
        )
        {
            ["DeviceID"] = device.InstancePath,
            ["Key"] = KeyOf(key),
            ["KeyName"] = key,
            ["Type"] = type,
        };
        if (value is not null)
        {
            created["Data"] = value;
        }

        return created;
    }

    private static string? KeyOf(string key) =>
        s_pciNumbers.FirstOrDefault(found => NameOf(key) == "DEVPKEY_PciDevice_" + found.Name)
            is { Name: not null } known
            ? string.Create(CultureInfo.InvariantCulture, $"{PciSet} {known.Number}")
            : null;

    // A second path through the firmware's names stands beside the first; its form depends on the firmware.
    private static string Acpi(string path) =>
        "ACPI(_SB_)#ACPI(PC00)" + path[path.IndexOf('#', StringComparison.Ordinal)..];
}
