using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace NestVirt.Core.Tests.Linux.Machine;

/// <summary>A PCI function as hwloc's own expected output has it.</summary>
/// <param name="Address">The address.</param>
/// <param name="ClassCode">Base class and subclass.</param>
/// <param name="VendorId">The vendor id.</param>
/// <param name="DeviceId">The device id.</param>
/// <param name="Parent">The bridge above, or null.</param>
/// <param name="Names">The network interfaces and disks below it, ordered, joined by blanks.</param>
internal sealed partial record HwlocExpectation(
    string Address,
    int ClassCode,
    int VendorId,
    int DeviceId,
    string? Parent,
    string Names
)
{
    private const string Network = "16";
    private const string Storage = "1";

    /// <summary>Reads an expected output of either form.</summary>
    public static IReadOnlyList<HwlocExpectation> Load(string file) =>
        [
            .. (
                file.EndsWith(".xml", StringComparison.Ordinal)
                    ? ReadXml(XDocument.Load(file))
                    : ReadConsole(File.ReadLines(file))
            ).OrderBy(static function => function.Address, StringComparer.Ordinal),
        ];

    private static IEnumerable<HwlocExpectation> ReadXml(XDocument document) =>
        from element in document.Descendants("object")
        let address = (string?)element.Attribute("pci_busid")
        where address is not null
        let type = XmlType().Match((string)element.Attribute("pci_type")!)
        let names = element
            .Elements("object")
            .Where(static child =>
                (string?)child.Attribute("type") == "OSDev"
                && (string?)child.Attribute("osdev_type") is Network or Storage
            )
            .Select(static child => (string)child.Attribute("name")!)
        select new HwlocExpectation(
            address,
            Hex(type.Groups[1].Value),
            Hex(type.Groups[2].Value),
            Hex(type.Groups[3].Value),
            (string?)element.Parent!.Attribute("pci_busid"),
            string.Join(' ', names.Order(StringComparer.Ordinal))
        );

    private static List<HwlocExpectation> ReadConsole(IEnumerable<string> lines)
    {
        Stack<(int Indent, string? Address)> above = new();
        List<HwlocExpectation> functions = [];
        foreach (string line in lines)
        {
            int indent = line.Length - line.TrimStart().Length;
            while (above.TryPeek(out (int Indent, string? Address) top) && top.Indent >= indent)
            {
                above.Pop();
            }

            if (ConsoleFunction().Match(line) is { Success: true } function)
            {
                above.TryPeek(out (int Indent, string? Address) parent);
                functions.Add(
                    new HwlocExpectation(
                        function.Groups[1].Value,
                        Hex(function.Groups[4].Value),
                        Hex(function.Groups[2].Value),
                        Hex(function.Groups[3].Value),
                        parent.Address,
                        string.Empty
                    )
                );
                above.Push((indent, function.Groups[1].Value));
            }
            else if (ConsoleName().Match(line) is { Success: true } name && functions.Count > 0)
            {
                functions[^1] = functions[^1] with { Names = $"{functions[^1].Names} {name.Groups[1].Value}".Trim() };
            }
            else
            {
                above.Push((indent, null));
            }
        }

        return functions;
    }

    private static int Hex(string digits) =>
        int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^([0-9a-f]{4}) \[([0-9a-f]{4}):([0-9a-f]{4})\]")]
    private static partial Regex XmlType();

    [GeneratedRegex(@"busid=([0-9a-f:.]+) id=([0-9a-f]{4}):([0-9a-f]{4}) class=([0-9a-f]{4})")]
    private static partial Regex ConsoleFunction();

    [GeneratedRegex(@"OSDev\[(?:Network|Storage)\] .*""([^""]+)""$")]
    private static partial Regex ConsoleName();
}
