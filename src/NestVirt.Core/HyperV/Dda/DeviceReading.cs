using System.Globalization;
using NestVirt.Model;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Dda;

/// <summary>Reads one device from the instances that belong to it.</summary>
/// <param name="entity">The device.</param>
/// <param name="properties">Its keyed properties; none where it did not tell them.</param>
internal sealed class DeviceReading(CimInstance entity, IReadOnlyList<CimInstance> properties)
{
    private const uint MostFunctions = 7;
    private const uint MostDevices = 31;
    private const uint MostSegments = 0xFFFF;

    /// <summary>Reads it.</summary>
    /// <param name="instancePath">What names it.</param>
    /// <returns>The device.</returns>
    internal HostDevice Read(string instancePath) =>
        new(instancePath)
        {
            LocationPath = First(Find(DevicePropertyKey.LocationPaths)?["Data"]),
            Address = AddressOf(Number(DevicePropertyKey.BusNumber), Number(DevicePropertyKey.Address)),
            Name = Told("Name"),
            Manufacturer = Told("Manufacturer"),
            PnpClass = Told("PNPClass"),
            Service = Told("Service"),
            ProblemCode = Small(Value(entity, "ConfigManagerErrorCode")),
            Ids = HardwareIds.Parse([instancePath, .. entity.Texts("HardwareID"), .. entity.Texts("CompatibleID")]),
            DeviceType = Small(Number(DevicePropertyKey.DeviceType)),
            BaseClass = Small(Number(DevicePropertyKey.BaseClass)),
            AcsCompatibleUpHierarchy = Small(Number(DevicePropertyKey.AcsCompatibleUpHierarchy)),
            RequiresReservedMemoryRegion = Truth(DevicePropertyKey.RequiresReservedMemoryRegion),
        };

    private static PciAddress? AddressOf(ulong? bus, ulong? address)
    {
        if (bus is not { } number || address is not { } place)
        {
            return null;
        }

        (ulong segment, ulong device, ulong function) = (number >> 8, place >> 16, place & 0xFFFF);
        return segment <= MostSegments && device <= MostDevices && function <= MostFunctions
            ? new PciAddress((uint)segment, (byte)(number & byte.MaxValue), (byte)device, (byte)function)
            : null;
    }

    // On the wire an array of one is as a value.
    private static string? First(CimValue? value) =>
        (value is CimValue.Array { Items: [var first, ..] } ? first : value)
            is CimValue.Scalar { Text: { Length: > 0 } text }
            ? text
            : null;

    private string? Told(string name) => entity.Text(name)?.Trim() is { Length: > 0 } text ? text : null;

    private CimInstance? Find(DevicePropertyKey key) => properties.FirstOrDefault(key.IsOf);

    private ulong? Number(DevicePropertyKey key) => Find(key) is { } property ? Value(property, "Data") : null;

    // Windows has it as a number or as a truth value; the survey takes whatever is not 0.
    private bool? Truth(DevicePropertyKey key) =>
        Find(key)?["Data"] is not CimValue.Scalar { Text: var text } ? null
        : bool.TryParse(text, out bool truth) ? truth
        : Number(key) is { } number ? number != 0
        : null;

    private static ulong? Value(CimInstance instance, string name) =>
        instance[name] is CimValue.Scalar scalar
        && ulong.TryParse(scalar.Text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
            ? number
            : null;

    private static int? Small(ulong? number) => number is <= byte.MaxValue ? (int)number : null;
}
