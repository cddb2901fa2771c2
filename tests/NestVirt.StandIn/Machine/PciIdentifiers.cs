using System.Globalization;

namespace NestVirt.StandIn.Machine;

/// <summary>The identifiers of a device, most exact first (Microsoft, "Identifiers for PCI Devices").</summary>
internal static class PciIdentifiers
{
    internal static string[] Hardware(HostDevice device)
    {
        string all = Identity(device);
        if (!device.IsPci)
        {
            return [all];
        }

        string card = Until(all, "&REV_");
        string kind = Until(card, "&SUBSYS_");
        return [all, .. card == all ? [] : new[] { card }, .. Classes(device).Select(code => $"{kind}&{code}")];
    }

    internal static string[] Compatible(HostDevice device)
    {
        if (!device.IsPci)
        {
            return [];
        }

        string kind = Until(Until(Identity(device), "&REV_"), "&SUBSYS_");
        string vendor = Until(kind, "&DEV_");
        string[] classes = [.. Classes(device)];
        return
        [
            kind,
            .. classes.Select(code => $"{vendor}&{code}"),
            vendor,
            .. classes.Select(static code => $@"PCI\{code}"),
        ];
    }

    private static string Identity(HostDevice device) =>
        device
            .InstancePath[..device.InstancePath.LastIndexOf('\\')]
            .Replace(@"PCIP\", @"PCI\", StringComparison.Ordinal);

    private static IEnumerable<string> Classes(HostDevice device) =>
        device.ClassCode is { } code
            ?
            [
                string.Create(CultureInfo.InvariantCulture, $"CC_{code:X6}"),
                string.Create(CultureInfo.InvariantCulture, $"CC_{code >> 8:X4}"),
            ]
            : [];

    private static string Until(string text, string part) =>
        text.IndexOf(part, StringComparison.Ordinal) is >= 0 and var at ? text[..at] : text;
}
