using System.Globalization;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Dda;

/// <summary>A property of a device that is asked for by its key.</summary>
/// <param name="Name">The name that Windows' headers give it.</param>
/// <param name="Set">The GUID of the set that it is in.</param>
/// <param name="Number">Its number in the set.</param>
/// <remarks>
/// The names, sets and numbers are those of devpkey.h and pciprop.h; the numbers of the second are quoted in Microsoft's
/// SurveyDDA.ps1, which asks by set and number with two blanks between them. Windows tells a property by its name or by that.
/// </remarks>
internal sealed record DevicePropertyKey(string Name, string Set, int Number)
{
    private const string DeviceSet = "a45c254e-df1c-4efd-8020-67d146a850e0";
    private const string PciSet = "3AB22E31-8264-4b4e-9AF5-A8D2D8E33E62";

    /// <summary>Gets the key of the number of the bus.</summary>
    internal static DevicePropertyKey BusNumber { get; } = new("DEVPKEY_Device_BusNumber", DeviceSet, 23);

    /// <summary>Gets the key of the place on the bus.</summary>
    internal static DevicePropertyKey Address { get; } = new("DEVPKEY_Device_Address", DeviceSet, 30);

    /// <summary>Gets the key of the location paths, the first of which Hyper-V names the device by.</summary>
    internal static DevicePropertyKey LocationPaths { get; } = new("DEVPKEY_Device_LocationPaths", DeviceSet, 37);

    /// <summary>Gets the key of the kind of function.</summary>
    internal static DevicePropertyKey DeviceType { get; } = new("DEVPKEY_PciDevice_DeviceType", PciSet, 1);

    /// <summary>Gets the key of the base class.</summary>
    internal static DevicePropertyKey BaseClass { get; } = new("DEVPKEY_PciDevice_BaseClass", PciSet, 3);

    /// <summary>Gets the key of Access Control Services on the way up.</summary>
    internal static DevicePropertyKey AcsCompatibleUpHierarchy { get; } =
        new("DEVPKEY_PciDevice_AcsCompatibleUpHierarchy", PciSet, 31);

    /// <summary>Gets the key of memory that the firmware keeps for the device.</summary>
    internal static DevicePropertyKey RequiresReservedMemoryRegion { get; } =
        new("DEVPKEY_PciDevice_RequiresReservedMemoryRegion", PciSet, 34);

    /// <summary>Gets the words that ask for all of them.</summary>
    internal static IReadOnlyList<string> Words { get; } =
    [
        BusNumber.Name,
        Address.Name,
        LocationPaths.Name,
        .. new[] { DeviceType, BaseClass, AcsCompatibleUpHierarchy, RequiresReservedMemoryRegion }.Select(static key =>
            string.Create(CultureInfo.InvariantCulture, $"{{{key.Set}}}  {key.Number}")
        ),
    ];

    /// <summary>Tells whether an answer is of this property.</summary>
    /// <param name="property">The answer (Win32_PnPDeviceProperty).</param>
    /// <returns>True if so.</returns>
    internal bool IsOf(CimInstance property) => Is(property.Text("KeyName")) || Is(property.Text("Key"));

    private bool Is(string? word) =>
        word is not null
        && (
            word.Equals(Name, StringComparison.OrdinalIgnoreCase)
            || (
                word.Contains(Set, StringComparison.OrdinalIgnoreCase)
                && int.TryParse(
                    word.AsSpan(word.LastIndexOfAny(['}', ' ', '[', ']', ',']) + 1),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out int number
                )
                && number == Number
            )
        );
}
