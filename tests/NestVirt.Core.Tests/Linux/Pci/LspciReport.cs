using System.Globalization;
using System.Text.RegularExpressions;
using NestVirt.Linux.Pci;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Pci;

/// <summary>What <c>lspci -vvv</c> says about one function, as far as we decode it too, and its bytes if they were dumped.</summary>
internal sealed partial class LspciReport
{
    private static readonly Dictionary<string, PciePortType> s_portTypes = new(StringComparer.Ordinal)
    {
        ["Endpoint"] = PciePortType.Endpoint,
        ["Legacy Endpoint"] = PciePortType.LegacyEndpoint,
        ["Root Port"] = PciePortType.RootPort,
        ["Upstream Port"] = PciePortType.UpstreamPort,
        ["Downstream Port"] = PciePortType.DownstreamPort,
        ["PCI-Express to PCI/PCI-X Bridge"] = PciePortType.PcieToPciBridge,
        ["PCI/PCI-X to PCI-Express Bridge"] = PciePortType.PciToPcieBridge,
        ["Root Complex Integrated Endpoint"] = PciePortType.RootComplexEndpoint,
        ["Root Complex Event Collector"] = PciePortType.RootComplexEventCollector,
    };

    private readonly List<byte> _bytes = [];

    private LspciReport(string address) => Address = address;

    public string Address { get; }

    /// <summary>Gets the dumped bytes.</summary>
    public byte[] Bytes => [.. _bytes];

    public PciePortType? PortType { get; private set; }

    public AcsCapability Acs { get; private set; } = new(IsPresent: false, [], []);

    public bool HasAri { get; private set; }

    public PciSriovCapability? Sriov { get; private set; }

    public string? Driver { get; private set; }

    public int? IommuGroup { get; private set; }

    public int? NumaNode { get; private set; }

    public static IReadOnlyList<LspciReport> Parse(string text)
    {
        List<LspciReport> reports = [];
        foreach (string line in text.Split('\n'))
        {
            Match head = Head().Match(line);
            if (head.Success)
            {
                string address = head.Groups[1].Value;
                reports.Add(
                    new LspciReport(
                        address.Count(static character => character == ':') == 1 ? $"0000:{address}" : address
                    )
                );
            }
            else if (reports.Count > 0)
            {
                reports[^1].Read(line);
            }
        }

        return reports;
    }

    /// <summary>Lists where our decoding of a function says something else.</summary>
    public IEnumerable<string> DifferencesFrom(
        PciePortType? portType,
        AcsCapability? acs,
        bool? hasAri,
        PciSriovCapability? sriov
    )
    {
        string[] ours = [$"{portType}", Show(acs), $"ARI {hasAri}", $"{sriov}"];
        string[] theirs = [$"{PortType}", Show(Acs), $"ARI {HasAri}", $"{Sriov}"];
        return ours.Zip(theirs)
            .Where(static pair => pair.First != pair.Second)
            .Select(pair => $"{Address}: we say '{pair.First}', lspci '{pair.Second}'");
    }

    private static string Show(AcsCapability? acs) =>
        acs is null
            ? "ACS unknown"
            : $"ACS {acs.IsPresent} {string.Join(' ', acs.Capable)} / {string.Join(' ', acs.Enabled)}";

    private static string[] Set(string flags) =>
        [
            .. flags
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Where(static flag => flag.EndsWith('+'))
                .Select(static flag => flag[..^1]),
        ];

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    private void Read(string line)
    {
        if (Hex().Match(line) is { Success: true } hex)
        {
            _bytes.AddRange(
                hex.Groups[1]
                    .Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(static text => Convert.ToByte(text, 16))
            );
        }
        else if (Express().Match(line) is { Success: true } express)
        {
            PortType = s_portTypes[express.Groups[1].Value];
        }
        else if (line.Contains("] Access Control Services", StringComparison.Ordinal))
        {
            Acs = Acs with { IsPresent = true };
        }
        else if (Flags().Match(line) is { Success: true } flags)
        {
            Acs =
                flags.Groups[1].Value == "Cap"
                    ? Acs with
                    {
                        Capable = Set(flags.Groups[2].Value),
                    }
                    : Acs with
                    {
                        Enabled = Set(flags.Groups[2].Value),
                    };
        }
        else if (Counts().Match(line) is { Success: true } counts)
        {
            Sriov = Sriov! with { TotalCount = Number(counts.Groups[1]), Count = Number(counts.Groups[2]) };
        }
        else if (Places().Match(line) is { Success: true } places)
        {
            ushort id = ushort.Parse(
                places.Groups[3].Value,
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture
            );
            Sriov = Sriov! with
            {
                Offset = Number(places.Groups[1]),
                Stride = Number(places.Groups[2]),
                VirtualDeviceId = id,
            };
        }
        else
        {
            HasAri |= line.Contains("] Alternative Routing-ID Interpretation", StringComparison.Ordinal);
            ReadKernelLine(line);
            Sriov = line.Contains("] Single Root I/O Virtualization", StringComparison.Ordinal)
                ? new PciSriovCapability(0, 0, false, 0, 0, 0)
                : Sriov;
            Sriov = line.Contains("IOVCtl:\tEnable+", StringComparison.Ordinal)
                ? Sriov! with
                {
                    IsEnabled = true,
                }
                : Sriov;
        }
    }

    private void ReadKernelLine(string line)
    {
        if (Kernel().Match(line) is { Success: true } match)
        {
            string value = match.Groups[2].Value;
            Driver = match.Groups[1].Value == "Kernel driver in use" ? value : Driver;
            IommuGroup = match.Groups[1].Value == "IOMMU group" ? Number(match.Groups[2]) : IommuGroup;
            NumaNode = match.Groups[1].Value == "NUMA node" ? Number(match.Groups[2]) : NumaNode;
        }
    }

    [GeneratedRegex(@"^\t(Kernel driver in use|IOMMU group|NUMA node): (.*)$")]
    private static partial Regex Kernel();

    [GeneratedRegex(@"^((?:[0-9a-f]+:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) ")]
    private static partial Regex Head();

    [GeneratedRegex(@"^[0-9a-f]+0:((?: [0-9a-f]{2})+)\s*$")]
    private static partial Regex Hex();

    [GeneratedRegex(@"Capabilities: \[[0-9a-f]+(?: v\d)?\] Express(?: \(v\d\))? ([^,(]*[^,( ])")]
    private static partial Regex Express();

    [GeneratedRegex(@"^\s*ACS(Cap|Ctl):\s*(.*)$")]
    private static partial Regex Flags();

    [GeneratedRegex(@"Total VFs: (\d+), Number of VFs: (\d+)")]
    private static partial Regex Counts();

    [GeneratedRegex(@"VF offset: (\d+), stride: (\d+), Device ID: ([0-9a-f]{4})")]
    private static partial Regex Places();
}
