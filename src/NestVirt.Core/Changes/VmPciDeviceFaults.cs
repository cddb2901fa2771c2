using System.Globalization;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Changes;

/// <summary>Tells which PCI devices virtual machines can be asked to get, and how, whatever the host.</summary>
internal static class VmPciDeviceFaults
{
    private const int LongestWord = 400;
    private const int ShownLength = 60;
    private const int LeastLow = 128;

    // 802.1Q reserves 4095, though libvirt takes it.
    private const int HighestVlan = 4094;

    /// <summary>Finds what is wrong with a request.</summary>
    /// <param name="request">The request.</param>
    /// <returns>The faults.</returns>
    internal static IEnumerable<Finding> Of(VmPciDeviceRequest request) =>
        [
            .. VmNameFaults.Of([request.VmName]),
            .. request.Devices.Count == 0 ? [Fault("No device is named.", "Name one, or several.")] : NoFault,
            .. request.Devices.Select(OfDevice).OfType<Finding>().Take(1),
            .. request.Add || (request.LowMmioMebibytes ?? request.HighMmioMebibytes) is null
                ? NoFault
                :
                [
                    Fault(
                        "Space for memory of devices is set where devices are added alone.",
                        "Leave it out: what the virtual machine has is left as it is."
                    ),
                ],
            .. OfRange(request.LowMmioMebibytes, LeastLow, VmPciDeviceRequest.MostLowMmio, "below"),
            .. OfRange(request.HighMmioMebibytes, 1, VmPciDeviceRequest.MostHighMmio, "above"),
            .. OfValues(request),
            .. OfCombination(request).Take(1),
        ];

    private static Finding[] NoFault => [];

    // What is not shown can be neither reviewed nor kept in a journal.
    private static Finding? OfDevice(string device) =>
        string.IsNullOrWhiteSpace(device)
            ? Fault("A blank word names no device.", "Give a PCI address, a location path or an instance path.")
        : device.Length > LongestWord || !HostText.IsShown(device) || !VmPciDeviceRequest.IsDevice(device)
            ? Fault(
                $"'{HostText.ForDisplay(device, ShownLength)}' names no device.",
                "Give a PCI address, such as 0000:01:00.0, a location path or an instance path."
            )
        : null;

    private static IEnumerable<Finding> OfRange(int? value, int least, int most, string side) =>
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

    private static IEnumerable<Finding> OfValues(VmPciDeviceRequest request)
    {
        if (
            request.MacAddress is { } mac
            && (!VirtualFunctionFaults.IsMac(mac) || mac.All(static character => character is '0' or ':'))
        )
        {
            yield return Fault(
                $"'{HostText.ForDisplay(mac, ShownLength)}' is no MAC address of one device.",
                "Write it as 52:54:00:12:34:56."
            );
        }

        if (request.VlanId is { } vlan and (< 1 or > HighestVlan))
        {
            yield return Fault(
                string.Create(CultureInfo.InvariantCulture, $"{vlan} is no VLAN."),
                string.Create(CultureInfo.InvariantCulture, $"Give a number from 1 to {HighestVlan}.")
            );
        }

        // For libvirt an address of noughts alone is none.
        if (
            request.GuestAddress is { } address
            && PciFaults.Read(address) is not { Domain: 0 } or { Bus: 0, Device: 0, Function: 0 }
        )
        {
            yield return Fault(
                $"'{HostText.ForDisplay(address, ShownLength)}' is no PCI address in a virtual machine.",
                "Write it as 0000:05:00.0; the domain is 0000 there, and 0000:00:00.0 is the bridge to the bus."
            );
        }

        if (
            request.RomFile is { } file
            && (file is not ['/', _, ..] || file.Length > LongestWord || !HostText.IsShown(file))
        )
        {
            yield return Fault(
                $"'{HostText.ForDisplay(file, ShownLength)}' is no whole path of a file of the host.",
                "Write it as /usr/share/NAME.rom."
            );
        }
    }

    private static IEnumerable<Finding> OfCombination(VmPciDeviceRequest request)
    {
        bool isOnNetwork = request.MacAddress is not null || request.VlanId is not null;
        bool isRomTold = request.NoRom || request.RomFile is not null;
        bool isPlaced = request.GuestAddress is not null;
        if (!request.Add && (isOnNetwork || isRomTold || isPlaced || request.Unmanaged || request.Multifunction))
        {
            yield return Fault(
                "How a virtual machine has a device is set where devices are added alone.",
                "Leave it out: the device is taken away as it is."
            );
        }

        if (request is { NoRom: true, RomFile: not null })
        {
            yield return Fault("A device has no ROM, or that of a file, and not both.", "Leave one of the two out.");
        }

        if (request.Multifunction && !isPlaced)
        {
            yield return Fault(
                "Functions of one device need an address in the virtual machine.",
                "Name that of the first, such as 0000:05:00.0: the others come beside it, by the numbers that they have."
            );
        }

        if (request.Multifunction && !AreOfOneSlot(request.Devices))
        {
            yield return Fault(
                "Functions of one device in the virtual machine are functions of one device of the host, too.",
                "Name functions whose addresses differ in the last digit alone."
            );
        }

        if (request.Devices.Count > 1 && (isOnNetwork || isRomTold || (isPlaced && !request.Multifunction)))
        {
            yield return Fault(
                "A MAC address, a VLAN, a ROM and an address in the virtual machine are of one device, and several are named.",
                "Ask for that device alone, and for the others apart."
            );
        }
    }

    private static bool AreOfOneSlot(IReadOnlyList<string> devices) =>
        devices
            .Select(PciFaults.Read)
            .Select(static address => address is { } one ? (one.Domain, one.Bus, one.Device) : default)
            .Distinct()
            .Count() == 1;

    private static Finding Fault(string sentence, string remedy) =>
        new(FindingCodes.SettingInvalid, Severity.Error, sentence) { Remedy = remedy };
}
