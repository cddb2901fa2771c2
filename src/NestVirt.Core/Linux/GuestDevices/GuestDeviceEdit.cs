using NestVirt.Linux.DomainXml;
using NestVirt.Model;

namespace NestVirt.Linux.GuestDevices;

/// <summary>What is taken out of the devices of a definition, and put into them.</summary>
/// <param name="Removed">The elements that go, each with all its lines, as they stand in the definition.</param>
/// <param name="Added">The elements that come, in the order in which libvirt has them: interfaces first.</param>
internal sealed record GuestDeviceEdit(IReadOnlyList<string> Removed, IReadOnlyList<string> Added)
{
    /// <summary>Gets the addresses of the devices that come or go.</summary>
    internal IReadOnlyList<PciAddress> Addresses { get; init; } = [];

    /// <summary>Gets the file of the host that a guest sees in the place of a ROM, or null.</summary>
    internal string? RomFile { get; init; }

    /// <summary>Gets a value indicating whether nothing is changed.</summary>
    internal bool IsEmpty => Removed.Count + Added.Count == 0;

    /// <summary>Edits a definition.</summary>
    /// <param name="document">The definition, as libvirt lays it out.</param>
    /// <returns>The new one, in which all else stands as it did; null where the elements do not have lines for themselves.</returns>
    internal DomainDocument? Apply(DomainDocument document)
    {
        if (document.Root.Find("devices") is not { IsOneTag: false } devices)
        {
            return null;
        }

        string text = document.Text;
        foreach (string lines in Removed)
        {
            int at = text.IndexOf($"\n{lines}\n", devices.Start, StringComparison.Ordinal);
            if (at < 0)
            {
                return null;
            }

            text = text.Remove(at, lines.Length + 1);
        }

        int end = devices.ContentEnd - (document.Text.Length - text.Length);
        int line = text.LastIndexOf('\n', end - 1) + 1;
        return string.IsNullOrWhiteSpace(text[line..end])
            ? DomainDocument.Parse(text.Insert(line, string.Concat(Added.Select(static added => $"{added}\n"))))
            : null;
    }
}
