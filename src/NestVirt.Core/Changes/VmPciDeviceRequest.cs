using System.Globalization;
using System.Text.Json.Serialization;
using NestVirt.Guidance;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Changes;

/// <summary>Asks that a virtual machine of a Hyper-V host gets PCI devices of the host, or that the host gets them back.</summary>
/// <param name="VmName">The virtual machine, by name or id.</param>
/// <param name="Devices">The devices, each by its PCI address, its location path or its instance path.</param>
/// <param name="Add">Whether the virtual machine gets them.</param>
public sealed record VmPciDeviceRequest(string VmName, IReadOnlyList<string> Devices, bool Add) : ChangeRequest
{
    /// <summary>The most space for memory of devices that a virtual machine can have below 4 GiB, in MiB.</summary>
    internal const int MostLowMmio = 3584;

    /// <summary>The most space for memory of devices that a virtual machine can have above 4 GiB, in MiB: 128 TiB.</summary>
    internal const int MostHighMmio = 1 << 27;

    private const int LongestWord = 400;
    private const int ShownLength = 60;
    private const int LeastLow = 128;

    /// <summary>Gets the devices, each by its PCI address, its location path or its instance path.</summary>
    public IReadOnlyList<string> Devices
    {
        get;
        init => field = TextList<string>.Of(value);
    } = TextList<string>.Of(Devices);

    /// <summary>Gets the space for memory of devices that the virtual machine is to have below 4 GiB, in MiB; null for what the devices take.</summary>
    public int? LowMmioMebibytes { get; init; }

    /// <summary>Gets the space for memory of devices that the virtual machine is to have above 4 GiB, in MiB; null for what the devices take.</summary>
    public int? HighMmioMebibytes { get; init; }

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
            ]
        );

    /// <inheritdoc/>
    public override IReadOnlyList<Finding> FindFaults() =>
        [
            .. VmNameFaults.Of([VmName]),
            .. Devices.Count == 0 ? [Fault("No device is named.", "Name one, or several.")] : NoFault,
            .. Devices.Select(FaultOf).OfType<Finding>().Take(1),
            .. Add || (LowMmioMebibytes ?? HighMmioMebibytes) is null
                ? NoFault
                :
                [
                    Fault(
                        "Space for memory of devices is set where devices are added alone.",
                        "Leave it out: what the virtual machine has is left as it is."
                    ),
                ],
            .. Range(LowMmioMebibytes, LeastLow, MostLowMmio, "below"),
            .. Range(HighMmioMebibytes, 1, MostHighMmio, "above"),
        ];

    /// <summary>Tells whether a word has the form of a device: where a host may stand as well, it is none.</summary>
    /// <param name="word">The word.</param>
    /// <returns>True for a PCI address, a location path and an instance path.</returns>
    public static bool IsDevice(string word) =>
        PciFaults.Read(word) is not null
        || word.StartsWith("PCIROOT(", StringComparison.OrdinalIgnoreCase)
        || word.StartsWith(@"PCI\", StringComparison.OrdinalIgnoreCase)
        || word.StartsWith(@"PCIP\", StringComparison.OrdinalIgnoreCase);

    private static Finding[] NoFault => [];

    // What is not shown can be neither reviewed nor kept in a journal.
    private static Finding? FaultOf(string device) =>
        string.IsNullOrWhiteSpace(device)
            ? Fault("A blank word names no device.", "Give a PCI address, a location path or an instance path.")
        : device.Length > LongestWord || !HostText.IsShown(device) || !IsDevice(device)
            ? Fault(
                $"'{HostText.ForDisplay(device, ShownLength)}' names no device.",
                "Give a PCI address, such as 0000:01:00.0, a location path or an instance path."
            )
        : null;

    private static IEnumerable<Finding> Range(int? value, int least, int most, string side) =>
        value is { } number && (number < least || number > most)
            ?
            [
                Fault(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"A virtual machine cannot have {number} MiB for memory of devices {side} 4 GiB."
                    ),
                    string.Create(CultureInfo.InvariantCulture, $"Give a number of MiB from {least} to {most}.")
                ),
            ]
            : [];

    private static Finding Fault(string sentence, string remedy) =>
        new(FindingCodes.SettingInvalid, Severity.Error, sentence) { Remedy = remedy };

    private static (CommandArgument Name, string Value)[] Argument(CommandArgument name, int? value) =>
        value is { } number ? [(name, number.ToString(CultureInfo.InvariantCulture))] : [];
}
