using System.Text.RegularExpressions;
using NestVirt.Linux.DomainXml;

namespace NestVirt.Linux.GuestTuning;

/// <summary>A device of a definition whose driver can be fitted.</summary>
/// <param name="Part">What the change calls it: <c>disk/vda</c>, <c>interface/52:54:00:00:00:01</c>, <c>controller/scsi0</c>.</param>
/// <param name="Element">The device.</param>
internal sealed partial record TunedDevice(string Part, DomainElement Element)
{
    /// <summary>Gets its driver, or null.</summary>
    internal DomainElement? Driver => Element.Find("driver");

    /// <summary>Finds the devices of a definition: those that a name tells apart from all others, and that have lines for what is in them.</summary>
    /// <param name="root">The definition.</param>
    /// <returns>The devices.</returns>
    internal static IReadOnlyList<TunedDevice> Of(DomainElement root) =>
        [
            .. (root.Find("devices")?.Children ?? [])
                .Select(static element => (Name: NameOf(element), Element: element))
                .Where(static pair => pair.Name is not null && Names().IsMatch(pair.Name))
                .GroupBy(static pair => pair.Name!, StringComparer.Ordinal)
                .Where(static group => group.Count() == 1)
                .Select(static group => new TunedDevice(group.Key, group.First().Element)),
        ];

    private static string? NameOf(DomainElement element) =>
        element.Namespace.Length > 0 || element.IsOneTag
            ? null
            : element.Name switch
            {
                "disk" => $"disk/{element.Find("target")?.Value("dev")}",
                "interface" => $"interface/{element.Find("mac")?.Value("address")}",
                "controller" => $"controller/{element.Value("type")}{element.Value("index")}",
                _ => null,
            };

    // The script reads no other: see DomainAction.
    [GeneratedRegex(@"\A[a-z]+/[a-z0-9:-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Names();
}
