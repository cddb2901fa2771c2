using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace NestVirt.Transport.Recorded;

/// <summary>Replaces what identifies a machine in the text of answers.</summary>
internal sealed partial class TextRedaction
{
    // A host that is named by a word which answers are full of is not identified by it.
    private static readonly HashSet<string> s_commonNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "localhost",
        "redacted",
        "kvm",
        "amd",
        "intel",
        "iommu",
        "vfio",
        "linux",
        "debian",
        "ubuntu",
        "fedora",
        "centos",
        "host",
        "node",
        "server",
        "root",
        "data",
        "boot",
        "home",
        "swap",
        "qemu",
        "libvirt",
        "nested",
        "guest",
        "test",
        "virtual",
        "console",
        "quiet",
        "dev",
        "vga",
        "pci",
        "net",
        "usb",
        "lab",
        "local",
        "snapshot",
    };

    private readonly AddressRedaction _addresses = new();
    private readonly RouteRedaction _routes;
    private readonly StandIns _macs = new(static number => MacOf(number, ':'));
    private readonly StandIns _ids = new(static number =>
        string.Create(CultureInfo.InvariantCulture, $"00000000-0000-4000-8000-{number:x12}")
    );
    private readonly StandIns _shortIds = new(static number =>
        string.Create(CultureInfo.InvariantCulture, $"0000-{number:X4}")
    );
    private readonly StandIns _hexNames = new(static number =>
        string.Create(CultureInfo.InvariantCulture, $"{number:x32}")
    );
    private readonly StandIns _serials = StandIns.Named("serial-");
    private readonly StandIns _disks = StandIns.Named("disk-");
    private readonly StandIns _users = StandIns.Named("user");
    private readonly StandIns _hosts = StandIns.Named("host");
    private readonly Regex? _hostName;

    /// <summary>Initializes a new instance of the <see cref="TextRedaction"/> class.</summary>
    /// <param name="hostName">The name the host was asked by.</param>
    public TextRedaction(string hostName)
    {
        _routes = new RouteRedaction(_addresses);
        string[] names = IPAddress.TryParse(hostName, out _)
            ? []
            :
            [
                .. new[] { hostName, hostName.Split('.')[0] }
                    .Where(static name => name.Length > 2 && !s_commonNames.Contains(name))
                    .Distinct()
                    .Select(Regex.Escape),
            ];
        _hostName =
            names.Length == 0
                ? null
                : new Regex(
                    $"(?<![A-Za-z0-9])(?:{string.Join('|', names)})(?![A-Za-z0-9])",
                    RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
                );
    }

    /// <summary>Tells whether a name is a word that answers are full of, by which nothing is identified.</summary>
    /// <param name="name">The name.</param>
    /// <returns>True if so.</returns>
    internal static bool IsCommon(string name) => s_commonNames.Contains(name);

    /// <summary>Replaces what identifies a machine.</summary>
    /// <param name="text">An answer.</param>
    /// <param name="isFreeText">Whether the host's name may stand in it.</param>
    /// <returns>The answer with stand-ins; it has as many lines.</returns>
    public string Redact(string text, bool isFreeText)
    {
        StringBuilder result = new(text.Length);
        string file = string.Empty;
        string[] lines = text.Split('\n');
        for (int number = 0; number < lines.Length; number++)
        {
            string line = lines[number];
            file = line.StartsWith('@') ? line : file;
            result.Append(number == 0 ? string.Empty : "\n");
            result.Append(
                line.StartsWith('|')
                    ? "|" + RedactLine(_routes.Redact(file, line[1..]), file, isFreeText)
                    : RedactLine(line, string.Empty, isFreeText)
            );
        }

        return result.ToString();
    }

    private static string MacOf(int number, char separator) =>
        string.Join(
            separator,
            Convert
                .ToHexStringLower([0x02, 0, 0, (byte)(number >> 16), (byte)(number >> 8), (byte)number])
                .Chunk(2)
                .Select(static pair => new string(pair))
        );

    private string RedactLine(string line, string file, bool isFreeText)
    {
        if (
            file.EndsWith("_serial", StringComparison.Ordinal)
            || file.EndsWith("/asset_tag", StringComparison.Ordinal)
            || file.EndsWith("_asset_tag", StringComparison.Ordinal)
        )
        {
            return string.IsNullOrWhiteSpace(line) ? line : _serials.Of(line);
        }

        bool isTable =
            file.EndsWith("/net/ipv6_route", StringComparison.Ordinal)
            || file.EndsWith("/net/if_inet6", StringComparison.Ordinal);
        line = RedactIds(line, isTable);
        line = IPv4()
            .Replace(
                line,
                match =>
                    IPAddress.TryParse(match.Value, out IPAddress? address)
                        ? _addresses.Redact(address).ToString()
                        : match.Value
            );
        line = isTable ? line : IPv6().Replace(line, RedactIPv6);
        if (isFreeText)
        {
            line = RedactNames(line);
        }

        return line;
    }

    private string RedactIds(string line, bool isTable)
    {
        line = Mac().Replace(line, match => _macs.Of(match.Value));
        line = MacInFileName()
            .Replace(
                line,
                match => match.Groups[1].Value + _macs.Of(match.Groups[2].Value.Replace('-', ':')).Replace(':', '-')
            );
        line = MacInName()
            .Replace(
                line,
                match =>
                    match.Groups[1].Value
                    + _macs.Of(WithColons(match.Groups[2].Value)).Replace(":", string.Empty, StringComparison.Ordinal)
            );
        line = Id().Replace(line, match => _ids.Of(match.Value));
        line = ShortId().Replace(line, match => _shortIds.Of(match.Value));
        line = DiskById().Replace(line, match => match.Groups[1].Value + _disks.Of(match.Groups[2].Value));
        line = StorageName().Replace(line, match => _disks.Of(match.Value));
        line = SerialNumber().Replace(line, match => match.Groups[1].Value + _serials.Of(match.Groups[2].Value));
        return isTable ? line : LongHex().Replace(line, match => _hexNames.Of(match.Value));
    }

    private string RedactNames(string line)
    {
        line = HomeFolder().Replace(line, match => match.Groups[1].Value + _users.Of(match.Groups[2].Value));
        line = UserId().Replace(line, match => $"{match.Groups[1].Value}{_users.Of(match.Groups[2].Value)})");
        line = NetworkSource()
            .Replace(line, match => match.Groups[1].Value + _hosts.Of(match.Groups[2].Value) + match.Groups[3].Value);
        line = NamedHost().Replace(line, match => match.Groups[1].Value + _hosts.Of(match.Groups[2].Value));
        line = IPOption().Replace(line, match => match.Groups[1].Value + _hosts.Of(match.Groups[2].Value));
        line = MountUser().Replace(line, match => match.Groups[1].Value + _users.Of(match.Groups[2].Value));
        return _hostName is null ? line : _hostName.Replace(line, "redacted");
    }

    private string RedactIPv6(Match match)
    {
        string digits = match.Value;
        return
            IPAddress.TryParse(digits, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6
            ? _addresses.Redact(address).ToString()
            : digits;
    }

    private static string WithColons(string digits) =>
        string.Join(':', digits.Chunk(2).Select(static pair => new string(pair)));

    [GeneratedRegex(@"(?<![0-9A-Fa-f:.])(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:])")]
    private static partial Regex Mac();

    // BOOTIF=01-… of PXE.
    [GeneratedRegex(@"(?<![0-9A-Fa-f-])(01-)?((?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2})(?![0-9A-Fa-f-])")]
    private static partial Regex MacInFileName();

    // enx… of systemd's names for interfaces.
    [GeneratedRegex(@"(?<![A-Za-z0-9])((?:en|wl|ww|sl|ib)x)([0-9a-f]{12})(?![A-Za-z0-9])")]
    private static partial Regex MacInName();

    [GeneratedRegex(
        @"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f])"
    )]
    private static partial Regex Id();

    // UUIDs of FAT and NTFS, and of partitions of a DOS table.
    [GeneratedRegex(
        @"(?<=(?:UUID=|uuid/)[""']?)(?:[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}|[0-9A-Fa-f]{8}-[0-9A-Fa-f]{2}|[0-9A-Fa-f]{16})(?![0-9A-Fa-f-])"
    )]
    private static partial Regex ShortId();

    [GeneratedRegex(@"(by-(?:id|path-id)/)([^\s,|;""']+)")]
    private static partial Regex DiskById();

    [GeneratedRegex(
        @"(?:iqn\.[0-9]{4}-[0-9]{2}\.[A-Za-z0-9.:-]+|nqn\.[0-9]{4}-[0-9]{2}\.[A-Za-z0-9.:-]+|(?:eui|naa)\.[0-9A-Fa-f]{8,32}|wwn-0x[0-9A-Fa-f]+)"
    )]
    private static partial Regex StorageName();

    // Taken whole: one letter less at a time, a long word would be looked through once for each of its letters.
    [GeneratedRegex(@"((?:SerialNumber|Serial Number|serial_number|serial)\s*[:=]\s*)((?>[^\s,;:]+))(?![^\s]*/)")]
    private static partial Regex SerialNumber();

    // Machine ids, WWIDs of multipath disks.
    [GeneratedRegex(@"(?<![0-9A-Za-z])[0-9A-Fa-f]{24,64}(?![0-9A-Za-z])")]
    private static partial Regex LongHex();

    [GeneratedRegex(@"(?<![0-9A-Za-z.-])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9A-Za-z-]|\.[0-9])")]
    private static partial Regex IPv4();

    [GeneratedRegex(@"(?<![0-9A-Za-z:.-])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![0-9A-Za-z:.-])")]
    private static partial Regex IPv6();

    [GeneratedRegex(@"(/(?:home|media|run/media)/)([^/\s,|:]+)")]
    private static partial Regex HomeFolder();

    [GeneratedRegex(@"((?:uid|gid)=[0-9]+\()(?!root\)|kvm\)|libvirt\))([^)]+)\)")]
    private static partial Regex UserId();

    // The source of a network file system in mountinfo: server:/path or //server/share.
    [GeneratedRegex(@"( - (?:nfs4?|cifs|smb3|ceph|fuse\.sshfs|fuse\.glusterfs|9p) (?://)?)([^\s:/]+)([:/]?)")]
    private static partial Regex NetworkSource();

    [GeneratedRegex(
        @"((?:Hostname set to <|systemd\.hostname=|(?<![A-Za-z])hostname=|Linux version \S+ \())([^\s>)]+)"
    )]
    private static partial Regex NamedHost();

    // ip=client:server:gateway:mask:HOST:device:…
    [GeneratedRegex(@"((?<!\S)ip=[^\s:]*:[^\s:]*:[^\s:]*:[^\s:]*:)([^\s:]+)")]
    private static partial Regex IPOption();

    [GeneratedRegex(@"((?:,|\s)(?:username|user|domain)=)([^,\s]+)")]
    private static partial Regex MountUser();
}
