using System.Globalization;
using System.Text.Json.Serialization;
using NestVirt.Guidance;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Changes;

/// <summary>Asks that a virtual machine gets PCI devices of its host, or that the host gets them back.</summary>
/// <param name="VmName">The virtual machine, by name or id.</param>
/// <param name="Devices">The devices, each by its PCI address; on a Hyper-V host by its location path or its instance path as well.</param>
/// <param name="Add">Whether the virtual machine gets them.</param>
public sealed record VmPciDeviceRequest(string VmName, IReadOnlyList<string> Devices, bool Add) : ChangeRequest
{
    /// <summary>The most space for memory of devices that a virtual machine can have below 4 GiB, in MiB.</summary>
    internal const int MostLowMmio = 3584;

    /// <summary>The most space for memory of devices that a virtual machine can have above 4 GiB, in MiB: 128 TiB.</summary>
    internal const int MostHighMmio = 1 << 27;

    /// <summary>Gets the devices, each by its PCI address; on a Hyper-V host by its location path or its instance path as well.</summary>
    public IReadOnlyList<string> Devices
    {
        get;
        init => field = TextList<string>.Of(value);
    } = TextList<string>.Of(Devices);

    /// <summary>Gets the space for memory of devices that the virtual machine is to have below 4 GiB, in MiB; null for what the devices take.</summary>
    public int? LowMmioMebibytes { get; init; }

    /// <summary>Gets the space for memory of devices that the virtual machine is to have above 4 GiB, in MiB; null for what the devices take.</summary>
    public int? HighMmioMebibytes { get; init; }

    /// <summary>Gets a value indicating whether the other devices of their IOMMU groups are meant, too.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool WholeGroup { get; init; }

    /// <summary>Gets a value indicating whether libvirt leaves the drivers of the devices as they are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Unmanaged { get; init; }

    /// <summary>Gets the MAC address that libvirt gives the device, a virtual function; null for one that libvirt makes up.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? MacAddress { get; init; }

    /// <summary>Gets the VLAN that libvirt puts the device into, a virtual function; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? VlanId { get; init; }

    /// <summary>Gets the PCI address that the virtual machine sees; null for what libvirt chooses.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? GuestAddress { get; init; }

    /// <summary>Gets a value indicating whether the devices, functions of one card, are functions of one device in the virtual machine, too.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Multifunction { get; init; }

    /// <summary>Gets a value indicating whether the ROM of the device is hidden from the virtual machine.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NoRom { get; init; }

    /// <summary>Gets the file that the virtual machine sees in the place of the device's ROM, or null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RomFile { get; init; }

    /// <summary>Gets what is asked for that only Hyper-V hosts have, as phrases.</summary>
    [JsonIgnore]
    internal IReadOnlyList<string> HyperVWishes =>
        LowMmioMebibytes is null && HighMmioMebibytes is null ? [] : ["space for memory of devices"];

    /// <summary>Gets what is asked for that only KVM hosts have, as phrases.</summary>
    [JsonIgnore]
    internal IReadOnlyList<string> KvmWishes =>
        [
            .. new[]
            {
                WholeGroup ? "whole IOMMU groups" : null,
                Unmanaged ? "drivers that are left as they are" : null,
                MacAddress is null ? null : "a MAC address",
                VlanId is null ? null : "a VLAN",
                GuestAddress is null && !Multifunction ? null : "an address in the virtual machine",
                NoRom || RomFile is not null ? "another ROM" : null,
            }.OfType<string>(),
        ];

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Title =>
        Add
            ? $"give {string.Join(", ", Devices)} to {VmName}"
            : $"take {string.Join(", ", Devices)} back from {VmName}";

    /// <inheritdoc/>
    internal override bool IsWhole => true;

    /// <inheritdoc/>
    internal override CommandCall? Call =>
        CallOf(
            Add ? OwnCommand.AddVmPci : OwnCommand.RemoveVmPci,
            [
                .. Devices.Select(static device => (CommandArgument.Device, device)),
                (CommandArgument.VmName, VmName),
                .. Argument(CommandArgument.LowMmioMebibytes, LowMmioMebibytes),
                .. Argument(CommandArgument.HighMmioMebibytes, HighMmioMebibytes),
                .. Argument(CommandArgument.MacAddress, MacAddress),
                .. Argument(CommandArgument.VlanId, VlanId),
                .. Argument(CommandArgument.GuestAddress, GuestAddress),
                .. Argument(CommandArgument.RomFile, RomFile),
            ],
            (ChangeSwitch.WholeGroup, WholeGroup),
            (ChangeSwitch.Unmanaged, Unmanaged),
            (ChangeSwitch.Multifunction, Multifunction),
            (ChangeSwitch.NoRom, NoRom)
        );

    /// <inheritdoc/>
    public override IReadOnlyList<Finding> FindFaults() => [.. VmPciDeviceFaults.Of(this)];

    /// <summary>Tells whether a word has the form of a device: where a host may stand as well, it is none.</summary>
    /// <param name="word">The word.</param>
    /// <returns>True for a PCI address, a location path and an instance path.</returns>
    public static bool IsDevice(string word) =>
        PciFaults.Read(word) is not null
        || word.StartsWith("PCIROOT(", StringComparison.OrdinalIgnoreCase)
        || word.StartsWith(@"PCI\", StringComparison.OrdinalIgnoreCase)
        || word.StartsWith(@"PCIP\", StringComparison.OrdinalIgnoreCase);

    private static (CommandArgument Name, string Value)[] Argument(CommandArgument name, string? value) =>
        value is null ? [] : [(name, value)];

    private static (CommandArgument Name, string Value)[] Argument(CommandArgument name, int? value) =>
        value is { } number ? [(name, number.ToString(CultureInfo.InvariantCulture))] : [];
}
