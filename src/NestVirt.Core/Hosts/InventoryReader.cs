using System.Globalization;
using NestVirt.Guidance;
using NestVirt.Text;

namespace NestVirt.Hosts;

/// <summary>Reads the parts of an inventory, and says where it cannot.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="isTrusted">Whether it may set every option of the ssh client.</param>
internal sealed class InventoryReader(string path, bool isTrusted)
{
    /// <summary>The settings that a file, a group or a host may make.</summary>
    internal static readonly string[] SettingWords =
    [
        "user",
        "port",
        "identity",
        "sshOptions",
        "sudo",
        "useSsl",
        "authentication",
        "certificateThumbprint",
        "authorityFile",
        "cimClient",
    ];

    /// <summary>What a file may say. The schema is for editors.</summary>
    internal static readonly string[] FileWords = [.. SettingWords, "hosts", "groups", "$schema"];

    /// <summary>What a group may say.</summary>
    internal static readonly string[] GroupWords = [.. SettingWords, "hosts"];

    /// <summary>What a host of a list may say; in a map its name stands before it.</summary>
    internal static readonly string[] ListedHostWords = ["name", "address", .. SettingWords];

    /// <summary>What a host of a map may say.</summary>
    internal static readonly string[] MappedHostWords = ["address", .. SettingWords];

    private const int MaximumPort = 65_535;

    private readonly Dictionary<string, HostTransport> _kindsOfPorts = new(StringComparer.OrdinalIgnoreCase);

    // Whose port the hosts that are read have which say none themselves.
    private string _portScope = "the file";

    /// <summary>Reads what the file says at its top: the hosts alone, or settings, hosts and groups.</summary>
    /// <param name="root">The content of the file.</param>
    /// <returns>What it says.</returns>
    internal InventoryMap TopOf(InventoryNode root) =>
        root switch
        {
            InventoryMap top => Checked(top, FileWords, "the file"),
            InventoryList list => new InventoryMap(list.Line, [new InventoryMember("hosts", list.Line, list)]),
            _ => throw Bad(root, "the file", "is neither a list of hosts nor a map"),
        };

    /// <summary>Lists the groups.</summary>
    /// <param name="top">The top of the file.</param>
    /// <returns>Names and contents. A group that is a plain list holds just hosts.</returns>
    internal IEnumerable<(string Name, InventoryMap Group)> GroupsOf(InventoryMap top) =>
        Find(top, "groups") switch
        {
            null or InventoryValue { Value: null } => [],
            InventoryMap groups => Distinct(groups, "'groups'").Members.Select(group => (group.Name, GroupOf(group))),
            { } other => throw Bad(other, "'groups'", "is not a map from names to groups"),
        };

    /// <summary>Lists the hosts of a group or of the file.</summary>
    /// <param name="group">The group.</param>
    /// <param name="settings">What holds for all of its hosts.</param>
    /// <param name="where">The name of the group, for messages.</param>
    /// <returns>The hosts.</returns>
    internal IEnumerable<HostTarget> HostsOf(InventoryMap group, HostSettings settings, string where)
    {
        _portScope = Find(group, "port") is InventoryValue { Value: not null } ? where : "the file";
        IEnumerable<(InventoryNode Node, HostTarget Host)> hosts = Find(group, "hosts") switch
        {
            null or InventoryValue { Value: null } => [],
            InventoryList list => list.Items.Select(host => (host, ListedHost(host, settings, where))),
            InventoryMap map => map.Members.Select(host =>
                ((InventoryNode)(host.Value with { Line = host.Line }), MappedHost(host, settings, where))
            ),
            { } other => throw Bad(other, where, "has hosts that are neither a list nor a map"),
        };

        // Guests of one machine may be reached by its name and ports of their own.
        HashSet<string> named = new(StringComparer.OrdinalIgnoreCase);
        foreach ((InventoryNode node, HostTarget host) in hosts)
        {
            yield return named.Add($"{host.Transport} {host.UserName}@{host.Name}:{host.Port}")
                ? host
                : throw Bad(node, where, $"has the host '{host.Name}' twice");
        }
    }

    /// <summary>Reads the settings that a file, a group or a host makes.</summary>
    /// <param name="map">The file, group or host.</param>
    /// <param name="where">Its name, for messages.</param>
    /// <returns>The settings.</returns>
    internal HostSettings SettingsOf(InventoryMap map, string where) =>
        new()
        {
            UserName = User(map, where),
            Port = Port(map, where),
            KeyFilePath = Expand(LocalFile(map, "identity", where)),
            SshOptions = SshOptions(map, where),
            AllowSudo = Flag(map, "sudo", where),
            UseSsl = Flag(map, "useSsl", where),
            Authentication = Authentication(map, where),
            CertificateThumbprint = Thumbprint(map, where),
            AuthorityFilePath = Expand(Authorities(map, where)),
            CimClient = Choice<CimClient>(map, "cimClient", "a client of CIM", where),
        };

    // The file's own folder is where a relative path starts, so that it can be used from anywhere.
    private string? Expand(string? file) =>
        file is null ? null : Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".", HomePath.Expand(file));

    private InventoryMap GroupOf(InventoryMember group) =>
        group.Value switch
        {
            InventoryMap map => Checked(map, GroupWords, $"the group '{group.Name}'"),
            InventoryList or InventoryValue { Value: null } => new InventoryMap(
                group.Line,
                [new InventoryMember("hosts", group.Line, group.Value)]
            ),
            _ => throw Bad(group.Value, $"the group '{group.Name}'", "is neither a list of hosts nor a map"),
        };

    private HostTarget ListedHost(InventoryNode host, HostSettings settings, string where)
    {
        switch (host)
        {
            case InventoryValue { Value: string name }:
                return Host(name, new InventoryMap(host.Line, []), settings, where);
            case InventoryMap map:
                string called = Text(map, "name", where) is { } own ? $"the host '{own}'" : $"a host of {where}";
                return Text(Checked(map, ListedHostWords, called), "name", where) is { } known
                    ? Host(known, map, settings, where)
                    : throw Bad(host, where, "has a host without a name");
            default:
                throw Bad(host, where, "has a host that is neither a name nor a map with a name");
        }
    }

    private HostTarget MappedHost(InventoryMember host, HostSettings settings, string where) =>
        host.Value switch
        {
            InventoryMap map => Host(
                host.Name,
                Checked(map with { Line = host.Line }, MappedHostWords, $"the host '{host.Name}'"),
                settings,
                where
            ),
            InventoryValue { Value: null } => Host(host.Name, new InventoryMap(host.Line, []), settings, where),
            _ => throw Bad(host.Value, $"the host '{host.Name}'", "has settings that are not a map"),
        };

    private HostTarget Host(string name, InventoryMap own, HostSettings general, string where)
    {
        HostSettings settings = SettingsOf(own, $"the host '{name}'");
        if (!HostTarget.TryParseLive(name, out HostTarget? target))
        {
            throw Bad(own, where, $"has a host '{name}', which is not of the form [user@]host[:port]");
        }

        HostTarget place =
            Find(own, "address") is not { } address ? target
            : address is InventoryValue { Value: string text } && Moved(target, text) is { } moved ? moved
            : throw Bad(address, $"the host '{name}'", $"has an address {Shown(address)}, which is none");

        if (place.Port is null && settings.Port is null && general.Port is not null)
        {
            RefusePortOfBoth(own, where, place.Transport);
        }

        return settings.Over(general).ApplyTo(place);
    }

    // One number can hardly be the port of both kinds of server.
    private void RefusePortOfBoth(InventoryMap own, string where, HostTransport kind)
    {
        if (_kindsOfPorts.TryGetValue(_portScope, out HostTransport other) && other != kind)
        {
            throw Bad(
                own,
                where,
                $"has a host over {kind} with the port of {_portScope}, which is that of hosts over {other}"
            );
        }

        _kindsOfPorts[_portScope] = kind;
    }

    // The name may already say of which kind the host is.
    private static HostTarget? Moved(HostTarget target, string address) =>
        (
            target.Transport == HostTransport.WsMan
            && !address.StartsWith(WsManAddress.Prefix, StringComparison.Ordinal)
                ? HostTarget.TryParseWsMan(address, out HostTarget? real)
                : HostTarget.TryParseLive(address, out real)
        ) && real.UserName is null
            ? real.Address switch
            {
                SshAddress ssh => target with
                {
                    Address = ssh with { UserName = target.UserName, Port = target.Port ?? ssh.Port },
                },
                WsManAddress wsMan => target with
                {
                    Address = wsMan with
                    {
                        UserName = target.UserName,
                        IsAccountNamed = target.UserName is not null,
                        Port = target.Port ?? wsMan.Port,
                        UseSsl = wsMan.UseSsl ?? (target.Address as WsManAddress)?.UseSsl,
                    },
                },
                _ => null,
            }
            : null;

    private int? Port(InventoryMap map, string where) =>
        Find(map, "port") switch
        {
            null or InventoryValue { Value: null } => null,
            InventoryValue { Value: int port } when port is >= 1 and <= MaximumPort => port,
            { } other => throw Bad(
                other,
                where,
                $"has a port {Shown(other)}, which is no number from 1 to {MaximumPort}"
            ),
        };

    private bool? Flag(InventoryMap map, string name, string where) =>
        Find(map, name) switch
        {
            null or InventoryValue { Value: null } => null,
            InventoryValue { Value: bool flag } => flag,
            { } other => throw Bad(other, where, $"has a '{name}' that is neither true nor false"),
        };

    // It shows a password to whoever is there, so that a file may not choose it, as it may not choose whom we believe.
    private WsManAuthentication? Authentication(InventoryMap map, string where) =>
        Choice<WsManAuthentication>(map, "authentication", "an authentication", where) is not { } way ? null
        : way != WsManAuthentication.Basic || isTrusted ? way
        : throw Untrusted(
            Find(map, "authentication")!,
            where,
            "the authentication Basic, which shows the password to the host",
            HostSetting.Authentication
        );

    private T? Choice<T>(InventoryMap map, string name, string what, string where)
        where T : struct, Enum =>
        Text(map, name, where) is not { } text ? null
        : Enum.TryParse(text, ignoreCase: true, out T choice) && Enum.IsDefined(choice) && !char.IsAsciiDigit(text[0])
            ? choice
        : throw Bad(
            Find(map, name)!,
            where,
            $"has {what} '{HostText.ForDisplay(text)}', which is none of {string.Join(", ", Enum.GetNames<T>())}"
        );

    private string? Thumbprint(InventoryMap map, string where) =>
        Text(map, "certificateThumbprint", where) is not { } text ? null
        : HostSettings.IsThumbprint(text)
            ? isTrusted ? text
                : throw Untrusted(
                    Find(map, "certificateThumbprint")!,
                    where,
                    "a certificate thumbprint, which decides whom we believe",
                    HostSetting.CertificateThumbprint
                )
        : throw Bad(
            Find(map, "certificateThumbprint")!,
            where,
            $"has a certificate thumbprint '{HostText.ForDisplay(text)}', which is neither of SHA-1 nor of SHA-256"
        );

    private string[] SshOptions(InventoryMap map, string where) =>
        Find(map, "sshOptions") switch
        {
            null or InventoryValue { Value: null } => [],
            InventoryMap options =>
            [
                .. Distinct(options, "'sshOptions'").Members.Select(option => SshOptionOf(option, where)),
            ],
            { } other => throw Bad(other, where, "has 'sshOptions' that are not a map"),
        };

    private string SshOptionOf(InventoryMember option, string where)
    {
        string value = OptionValue(option, where);
        if (SshOption.FindFault(option.Name, value) is { } fault)
        {
            throw Bad(option.Line, where, $"has an ssh option '{HostText.ForDisplay(option.Name)}', which {fault}");
        }

        return isTrusted || SshOption.FindFaultInFile(option.Name, value) is not { } danger
            ? $"{option.Name}={value}"
            : throw new NestVirtException(
                NestVirtErrorKind.InventoryInvalid,
                $"{Refused(option.Line)}: {where} has the ssh option '{option.Name}', which {danger}."
            )
            {
                Remedy = Advice.Of(
                    $"Give the option by {HostSetting.SshOption}; or, where nobody else writes to that file, say so by {HostSetting.TrustInventory}."
                ),
            };
    }

    private string? User(InventoryMap map, string where) =>
        Text(map, "user", where) is not { } user ? null
        : SshAddress.IsUser(user) ? user
        : throw Bad(Find(map, "user")!, where, $"has a user '{HostText.ForDisplay(user)}', which is no account");

    private string? LocalFile(InventoryMap map, string name, string where) =>
        Text(map, name, where) is not { } file ? null
        : isTrusted || SshOption.IsFile(file) ? file
        : throw Bad(
            Find(map, name)!,
            where,
            $"has {(name == "identity" ? "an identity" : $"a file '{name}'")} '{HostText.ForDisplay(file)}', which is no file of this machine"
        );

    private string? Authorities(InventoryMap map, string where) =>
        LocalFile(map, "authorityFile", where) is not { } file ? null
        : isTrusted ? file
        : throw Untrusted(
            Find(map, "authorityFile")!,
            where,
            "a file of authorities, which decides whom we believe",
            HostSetting.AuthorityFile
        );

    private NestVirtException Untrusted(InventoryNode node, string where, string what, HostSetting setting) =>
        new(NestVirtErrorKind.InventoryInvalid, $"{Refused(node.Line)}: {where} has {what}.")
        {
            Remedy = Advice.Of(
                $"Give it by {setting}; or, where nobody else writes to that file, say so by {HostSetting.TrustInventory}."
            ),
        };

    // ssh takes yes and no where a file may say true and false.
    private string OptionValue(InventoryMember option, string where) =>
        option.Value switch
        {
            InventoryValue { Value: bool flag } => flag ? "yes" : "no",
            InventoryValue { Value: string or int } value => Convert.ToString(
                value.Value,
                CultureInfo.InvariantCulture
            )!,
            _ => throw Bad(option.Value, where, $"has an ssh option '{option.Name}' that is no single value"),
        };

    private string? Text(InventoryMap map, string name, string where) =>
        Find(map, name) switch
        {
            null or InventoryValue { Value: null } => null,
            InventoryValue { Value: string { Length: > 0 } text } => text,
            InventoryValue { Value: string } value => throw Bad(value, where, $"has a '{name}' that is empty"),
            { } other => throw Bad(other, where, $"has a '{name}' that is not text"),
        };

    // A setting that is passed over because of a slip of a key sends a command to the wrong host, or as the wrong user.
    private InventoryMap Checked(InventoryMap map, string[] words, string where)
    {
        if (
            map.Members.FirstOrDefault(member => !words.Contains(member.Name, StringComparer.OrdinalIgnoreCase)) is
            { } unknown
        )
        {
            string advice = Spelling.Nearest(unknown.Name, words) is { } near
                ? $"did you mean '{near}'?"
                : $"it may say {string.Join(", ", words.Where(static word => word[0] != '$'))}.";
            throw new NestVirtException(
                NestVirtErrorKind.InventoryInvalid,
                $"{Place(unknown.Line)}: {where} has '{HostText.ForDisplay(unknown.Name)}', which is no word of an inventory: {advice}"
            );
        }

        return Distinct(map, where);
    }

    private InventoryMap Distinct(InventoryMap map, string where)
    {
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        return map.Members.FirstOrDefault(member => !names.Add(member.Name)) is { } twice
            ? throw Bad(twice.Line, where, $"has '{twice.Name}' twice")
            : map;
    }

    // PowerShell data files are written with capitals, and a setting must not be passed over for one.
    private static InventoryNode? Find(InventoryMap map, string name) =>
        map.Members.FirstOrDefault(member => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value;

    private static string Shown(InventoryNode node) =>
        node is InventoryValue { Value: { } value }
            ? $"'{Convert.ToString(value, CultureInfo.InvariantCulture)}'"
            : "without a value";

    private NestVirtException Bad(InventoryNode node, string where, string what) => Bad(node.Line, where, what);

    private NestVirtException Bad(int line, string where, string what) =>
        new(NestVirtErrorKind.InventoryInvalid, $"{Place(line)}: {where} {what}.");

    private string Refused(int line) =>
        string.Create(CultureInfo.InvariantCulture, $"The inventory '{path}' is not followed: line {line}");

    private string Place(int line) =>
        string.Create(CultureInfo.InvariantCulture, $"The inventory '{path}' cannot be understood: line {line}");
}
