using System.Globalization;
using NestVirt.Model;
using NestVirt.Text;
using NestVirt.Transport.Recorded;

namespace NestVirt.Linux.Guests;

/// <summary>Reads which PCI devices of the host a definition gives its guest.</summary>
/// <remarks>
/// Of a guest that runs, libvirt writes an adapter of a network that is a pool of functions as what it has come to: an interface of the type
/// hostdev, with the function and without the name of the network (virDomainNetDefFormat() in src/conf/domain_conf.c).
/// </remarks>
internal static class GuestDeviceReader
{
    /// <summary>Reads the elements.</summary>
    /// <param name="devices">The element <c>devices</c>, or null.</param>
    /// <returns>The devices.</returns>
    internal static IEnumerable<GuestDevice> Read(XmlPart? devices) =>
        devices?.Parts.Select(ReadPart).OfType<GuestDevice>() ?? [];

    /// <summary>Reads a word for QEMU's command line.</summary>
    /// <param name="word">The word.</param>
    /// <returns>The device that it gives, or null.</returns>
    internal static GuestDevice? Read(string word) =>
        QemuDeviceWord.Read(word) is { } told
            ? new GuestDevice(VmPciKind.CommandLine)
            {
                Address = PciAddress.TryParse(told.Place, out PciAddress address) ? address : null,
                Part =
                    PciAddress.TryParse(told.Place, out _) ? NamespaceOf(told.Part)
                    : told.Place.Length > 0 ? told.Place
                    : null,
            }
            : null;

    /// <summary>Numbers the devices that nothing names, which are told apart by nothing else.</summary>
    /// <param name="devices">The devices of a definition.</param>
    /// <returns>The same.</returns>
    internal static IReadOnlyList<GuestDevice> Numbered(IEnumerable<GuestDevice> devices)
    {
        int number = 0;
        return [.. devices.Select(device => device.IsNamed ? device : device with { Number = ++number })];
    }

    /// <summary>Reads the adapters of networks.</summary>
    /// <param name="devices">The element <c>devices</c>, or null.</param>
    /// <returns>The adapters.</returns>
    internal static IEnumerable<GuestNetwork> ReadNetworks(XmlPart? devices) =>
        devices
            ?.All("interface")
            .Where(static part => part["type"] == "network")
            .Select(static part => new GuestNetwork(
                ReadMac(part),
                part.Find("source")?["network"],
                part.Find("source")?["portgroup"],
                ReadVlans(part)
            ))
        ?? [];

    /// <summary>Reads which PCI address a device of a guest has there.</summary>
    /// <param name="part">The element of the device, whatever it is.</param>
    /// <returns>The address; null where it has none.</returns>
    internal static PciAddress? ReadPlace(XmlPart part) =>
        part.Find("address") is { } address && address["type"] == "pci" ? ReadAddress(address) : null;

    private static GuestDevice? ReadPart(XmlPart part) =>
        (part.Name, part["type"]) switch
        {
            ("hostdev", "pci") => Function(part, VmPciKind.Device),
            ("interface", "hostdev") => Function(part, VmPciKind.NetworkAdapter) with
            {
                MacAddress = ReadMac(part),
                Vlans = ReadVlans(part),
                // Nothing is written for no; a recording that lacks the MAC address lacks all that it does not need.
                IsManaged =
                    part["managed"] == "yes" ? true
                    : part.Find("mac") is null ? null
                    : false,
            },
            ("disk", "nvme") => Function(part, VmPciKind.Disk) with
            {
                IsManaged = ReadAnswer(part.Find("source")?["managed"]),
                Part = NamespaceOf(part.Find("source")?["namespace"]),
                Driver = null,
            },
            ("hostdev", "mdev") when part["model"] is "vfio-pci" or null => Shown(part, VmPciKind.MediatedDevice) with
            {
                Part = part.Find("source")?.Find("address")?["uuid"],
            },
            ("disk", "vhostvdpa") => Shown(part, VmPciKind.Vdpa) with
            {
                Part = QemuDeviceWord.VdpaNameOf(part.Find("source")?["dev"]),
            },
            ("interface", "vdpa") => Shown(part, VmPciKind.Vdpa) with
            {
                Part = QemuDeviceWord.VdpaNameOf(part.Find("source")?["dev"]),
                MacAddress = ReadMac(part),
            },
            _ => null,
        };

    private static GuestDevice Function(XmlPart part, VmPciKind kind) =>
        Shown(part, kind) with
        {
            Address = ReadAddress(part.Find("source")?.Find("address")),
            IsManaged = ReadAnswer(part["managed"]),
            Driver = ReadDriver(part.Find("driver")),
        };

    // With the name of what is gone the driver does not matter.
    private static string? ReadDriver(XmlPart? driver) =>
        driver?["name"] is "kvm" or "xen" ? driver["name"] : driver?["model"] ?? driver?["name"];

    // What the guest sees.
    private static GuestDevice Shown(XmlPart part, VmPciKind kind)
    {
        XmlPart? address = part.Find("address");
        XmlPart? rom = part.Find("rom");
        return new GuestDevice(kind)
        {
            GuestAddress = ReadPlace(part),
            IsMultifunction = ReadAnswer(address?["multifunction"]),
            BootOrder = (int?)ReadNumber(part.Find("boot")?["order"], int.MaxValue),
            IsRomShown = rom?["enabled"] == "no" ? false : ReadAnswer(rom?["bar"]),
            RomFile = rom?["file"] is { Length: > 0 } file ? file : null,
        };
    }

    private static string? NamespaceOf(string? number) =>
        ReadNumber(number, uint.MaxValue) is { } value
            ? string.Create(CultureInfo.InvariantCulture, $"namespace {value}")
            : null;

    private static string? ReadMac(XmlPart part) =>
        part.Find("mac")?["address"] is { Length: > 0 } mac ? mac.ToLowerInvariant() : null;

    private static int[] ReadVlans(XmlPart part) =>
        [
            .. part.Find("vlan")
                ?.All("tag")
                .Select(static tag => ReadNumber(tag["id"], 4095))
                .OfType<long>()
                .Select(static id => (int)id)
                ?? [],
        ];

    private static bool? ReadAnswer(string? word) =>
        word switch
        {
            "yes" or "on" => true,
            "no" or "off" => false,
            _ => null,
        };

    private static PciAddress? ReadAddress(XmlPart? address) =>
        address is not null
        && address["type"] is null or "pci"
        && ReadNumber(address["domain"] ?? "0", uint.MaxValue) is { } domain
        && ReadNumber(address["bus"] ?? "0", 0xFF) is { } bus
        && ReadNumber(address["slot"] ?? "0", 0x1F) is { } slot
        && ReadNumber(address["function"] ?? "0", 7) is { } function
        && (address["bus"] ?? address["slot"] ?? address["function"]) is not null
            ? new PciAddress((uint)domain, (byte)bus, (byte)slot, (byte)function)
            : null;

    // As strtoul(3) reads numbers whose base is not said, which is what libvirt does (virStrToLong_uip).
    private static long? ReadNumber(string? text, long highest)
    {
        long number = 0;
        if (text is null)
        {
            return null;
        }

        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return HexText.TryParse(text.AsSpan(2), out uint hex) && hex <= highest ? hex : null;
        }

        int radix = text.Length > 1 && text[0] == '0' ? 8 : 10;
        foreach (char c in text)
        {
            if (c < '0' || c >= '0' + radix || (number = (number * radix) + (c - '0')) > highest)
            {
                return null;
            }
        }

        return text.Length == 0 ? null : number;
    }
}
