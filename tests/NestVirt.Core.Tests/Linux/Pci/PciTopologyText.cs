using System.Globalization;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Pci;

/// <summary>Reads a topology that a test writes down, one function a line.</summary>
/// <remarks>
/// A line has the address without its domain, its kind, and words: <c>&lt;parent</c>, <c>acs</c> (all on), <c>acs-off</c>,
/// <c>acs-none</c> (the capability without any service), <c>acs-egress</c>, <c>mf</c>, <c>unread</c>, <c>broken</c> (its list of capabilities), <c>id=vendor:device</c>,
/// <c>driver=name</c>, <c>pf=address</c>, <c>group=number</c>. Without <c>group</c> each function has one of its own.
/// </remarks>
internal static class PciTopologyText
{
    private static readonly string[] s_services = ["SrcValid", "TransBlk", "ReqRedir", "CmpltRedir", "UpstreamFwd"];

    public static PciDevice[] Read(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(ReadLine)];

    private static PciDevice ReadLine(string line, int number)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string? Value(string name) =>
            words.FirstOrDefault(word => word.StartsWith($"{name}=", StringComparison.Ordinal))?[(name.Length + 1)..];
        string[] id = (Value("id") ?? "1af4:0001").Split(':');
        bool isBroken = words.Contains("broken");
        bool isUnread = isBroken || words.Contains("unread");
        (int classCode, PciePortType? type) = Kind(words[1]);
        return new PciDevice(Full(words[0]), classCode, Hex(id[0]), Hex(id[1]))
        {
            Parent = words.FirstOrDefault(static word => word[0] == '<') is { } parent ? Full(parent[1..]) : null,
            PortType = isUnread && !isBroken ? null : type,
            Acs = isUnread ? null : Acs(words),
            AcsUnknownReason =
                isBroken ? "its list of extended capabilities is broken at 0x148"
                : isUnread ? "it needs root"
                : null,
            IsMultifunction = words.Contains("mf"),
            Driver = Value("driver"),
            PhysicalFunction = Value("pf") is { } physical ? Full(physical) : null,
            IommuGroup = int.Parse(
                Value("group") ?? (1000 + number).ToString(CultureInfo.InvariantCulture),
                CultureInfo.InvariantCulture
            ),
        };
    }

    private static (int ClassCode, PciePortType? Type) Kind(string word) =>
        word switch
        {
            "rp" => (0x060400, PciePortType.RootPort),
            "up" => (0x060400, PciePortType.UpstreamPort),
            "dp" => (0x060400, PciePortType.DownstreamPort),
            "pcie-pci" => (0x060400, PciePortType.PcieToPciBridge),
            "pci-pci" => (0x060400, null),
            "ep" => (0x020000, PciePortType.Endpoint),
            "rciep" => (0x020000, PciePortType.RootComplexEndpoint),
            "pci" => (0x020000, null),
            _ => throw new ArgumentException(word, nameof(word)),
        };

    private static AcsCapability Acs(string[] words) =>
        words switch
        {
            _ when words.Contains("acs") => new AcsCapability(IsPresent: true, s_services, s_services),
            _ when words.Contains("acs-off") => new AcsCapability(IsPresent: true, s_services, []),
            _ when words.Contains("acs-none") => new AcsCapability(IsPresent: true, [], []),
            _ when words.Contains("acs-egress") => new AcsCapability(
                IsPresent: true,
                [.. s_services, "EgressCtrl"],
                s_services
            ),
            _ => new AcsCapability(IsPresent: false, [], []),
        };

    private static string Full(string address) => address.Length == "00:00.0".Length ? $"0000:{address}" : address;

    private static ushort Hex(string digits) =>
        ushort.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
