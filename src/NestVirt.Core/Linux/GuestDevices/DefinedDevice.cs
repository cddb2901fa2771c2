using NestVirt.Linux.DomainXml;
using NestVirt.Linux.Guests;

namespace NestVirt.Linux.GuestDevices;

/// <summary>An element of a definition that gives the guest a PCI device of the host.</summary>
/// <param name="Device">What it gives.</param>
/// <param name="Lines">All its lines, without the last line end; null where it does not have them for itself, as libvirt writes it.</param>
internal sealed record DefinedDevice(GuestDevice Device, string? Lines)
{
    /// <summary>Finds the elements.</summary>
    /// <param name="document">The definition.</param>
    /// <returns>The hostdevs and interfaces of PCI functions, in the order of the definition.</returns>
    internal static IReadOnlyList<DefinedDevice> Of(DomainDocument document) =>
        [
            .. (document.Root.Find("devices")?.Children ?? [])
                .Where(static element => element.Is("hostdev") || element.Is("interface"))
                .SelectMany(element =>
                    GuestDeviceReader
                        .Read(XmlText.Read($"<devices>{document.Text[element.Start..element.End]}</devices>"))
                        .Where(static device => device.IsWhole)
                        .Select(device => new DefinedDevice(device, LinesOf(document.Text, element)))
                ),
        ];

    private static string? LinesOf(string text, DomainElement element)
    {
        string? start = DomainLayout.LineStart(text, element);
        return start is ['\n', .. var indentation] && element.End < text.Length && text[element.End] == '\n'
            ? $"{indentation}{text[element.Start..element.End]}"
            : null;
    }
}
