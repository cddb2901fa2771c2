using System.Globalization;
using System.Security;
using System.Text;
using NestVirt.Linux.Guests;
using NestVirt.Model;

namespace NestVirt.Linux.GuestDevices;

/// <summary>Writes the element that gives a guest a PCI device of the host, in libvirt's own layout.</summary>
/// <remarks>The elements, and their order: libvirt's formatdomain page, and virDomainHostdevDefFormat() and virDomainNetDefFormat() in src/conf/domain_conf.c.</remarks>
internal static class GuestDeviceElement
{
    private const string Indentation = "    ";

    /// <summary>Writes it.</summary>
    /// <param name="device">The device, which is whole.</param>
    /// <returns>Its lines, without the last line end.</returns>
    internal static string Write(GuestDevice device)
    {
        bool isAdapter = device.Kind == VmPciKind.NetworkAdapter;
        StringBuilder lines = new();
        string managed = device.IsManaged == true ? "yes" : "no";
        void Add(int depth, string line) => lines.Append(Indentation).Append(' ', 2 * depth).Append(line).Append('\n');

        Add(
            0,
            isAdapter
                ? $"<interface type='hostdev' managed='{managed}'>"
                : $"<hostdev mode='subsystem' type='pci' managed='{managed}'>"
        );
        if (isAdapter && device.MacAddress is { } mac)
        {
            Add(1, $"<mac address='{SecurityElement.Escape(mac)}'/>");
        }

        if (!isAdapter)
        {
            Add(1, "<driver name='vfio'/>");
        }

        Add(1, "<source>");
        Add(2, $"<address {(isAdapter ? "type='pci' " : string.Empty)}{Words(device.Address!.Value)}/>");
        Add(1, "</source>");
        if (device.Vlans.Count > 0)
        {
            Add(1, "<vlan>");
            foreach (int vlan in device.Vlans)
            {
                Add(2, string.Create(CultureInfo.InvariantCulture, $"<tag id='{vlan}'/>"));
            }

            Add(1, "</vlan>");
        }

        if (isAdapter)
        {
            Add(1, "<driver name='vfio'/>");
        }

        if (device.RomFile is { } file)
        {
            Add(1, $"<rom file='{SecurityElement.Escape(file)}'/>");
        }
        else if (device.IsRomShown == false)
        {
            Add(1, "<rom bar='off'/>");
        }

        if (device.GuestAddress is { } address)
        {
            string multifunction = device.IsMultifunction == true ? " multifunction='on'" : string.Empty;
            Add(1, $"<address type='pci' {Words(address)}{multifunction}/>");
        }

        Add(0, isAdapter ? "</interface>" : "</hostdev>");
        return lines.ToString().TrimEnd('\n');
    }

    private static string Words(PciAddress address) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"domain='0x{address.Domain:x4}' bus='0x{address.Bus:x2}' slot='0x{address.Device:x2}' function='0x{address.Function:x}'"
        );
}
