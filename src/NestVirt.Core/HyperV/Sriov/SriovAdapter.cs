using NestVirt.HyperV.Machine;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Sriov;

/// <summary>A network adapter that can have virtual functions. What was not told is null.</summary>
/// <param name="Name">What Windows calls the adapter.</param>
internal sealed record SriovAdapter(string Name)
{
    private const ulong MostSegments = 0xFFFF;
    private const ulong MostDevices = 31;
    private const ulong MostFunctions = 7;

    /// <summary>Gets the reading.</summary>
    internal static ProbeReading<IReadOnlyList<SriovAdapter>> Reading { get; } = new(SriovProbes.All, Read);

    /// <summary>Gets the name of its make.</summary>
    internal string? Description { get; init; }

    /// <summary>Gets its address.</summary>
    internal PciAddress? Address { get; init; }

    /// <summary>Gets whether SR-IOV is on in its settings.</summary>
    internal bool? IsEnabled { get; init; }

    /// <summary>Gets whether the machine and the driver let it have virtual functions, and why not (SriovSupport).</summary>
    internal ulong? Support { get; init; }

    /// <summary>Gets how many virtual functions it can have; null when that was not told.</summary>
    internal int? TotalCount { get; init; }

    /// <summary>Gets how many of them are given to virtual machines; null when that was not told.</summary>
    internal int? Count { get; init; }

    private static IReadOnlyList<SriovAdapter> Read(ProbeAnswers answers)
    {
        IReadOnlyList<CimInstance> hardware = CimAnswers.Read(answers, SriovProbes.Hardware);
        ILookup<string, CimInstance> byId = By(hardware, "InstanceID");
        ILookup<string, CimInstance> byName = By(hardware, "Name");
        return
        [
            .. CimAnswers
                .Read(answers, SriovProbes.Settings)
                .Select(setting => new SriovAdapter(setting.Text("Name") ?? string.Empty)
                {
                    Description = setting.Text("InterfaceDescription"),
                    IsEnabled = setting.Boolean("Enabled"),
                    Support = setting.Number("SriovSupport"),
                    TotalCount = TotalOf(setting),
                    Count = CountOf(setting),
                    Address = AddressOf(
                        byId[setting.Text("InstanceID") ?? string.Empty].FirstOrDefault()
                            ?? byName[setting.Text("Name") ?? string.Empty].FirstOrDefault()
                    ),
                })
                .OrderBy(static adapter => adapter.Address is null)
                .ThenBy(static adapter => adapter.Address)
                .ThenBy(static adapter => adapter.Name, StringComparer.OrdinalIgnoreCase),
        ];
    }

    // NumVFs is of the switch on the adapter, and is 0 or NULL where there is none. That the capabilities, a text by their page,
    // come as an instance is unproven.
    private static int? TotalOf(CimInstance setting) =>
        setting["HardwareCapabilities"] is CimValue.Embedded { Instance: var capabilities }
        && CimUnits.Count(capabilities.Number("MaxNumVFs")) is { } most
            ? most
        : CimUnits.Count(setting.Number("NumVFs")) is > 0 and { } ofSwitch ? ofSwitch
        : null;

    // Without a switch there is nothing that could be given away.
    private static int? CountOf(CimInstance setting) =>
        CimUnits.Count(setting.Number("NumAllocatedVFs")) ?? (setting.Number("NumVFs") is null or 0 ? 0 : null);

    private static ILookup<string, CimInstance> By(IReadOnlyList<CimInstance> instances, string key) =>
        instances
            .Where(instance => instance.Text(key) is { Length: > 0 })
            .ToLookup(instance => instance.Text(key)!, StringComparer.OrdinalIgnoreCase);

    private static PciAddress? AddressOf(CimInstance? hardware) =>
        hardware?.Number("BusNumber") is <= byte.MaxValue and { } bus
        && hardware.Number("DeviceNumber") is <= MostDevices and { } device
        && hardware.Number("FunctionNumber") is <= MostFunctions and { } function
        && (hardware.Number("SegmentNumber") ?? 0) is <= MostSegments and var segment
            ? new PciAddress((uint)segment, (byte)bus, (byte)device, (byte)function)
            : null;
}
