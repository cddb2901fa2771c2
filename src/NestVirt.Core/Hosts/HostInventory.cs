using NestVirt.Text;

namespace NestVirt.Hosts;

/// <summary>
/// A file of hosts. At its top, and in each of its <c>groups</c>, are settings (user, port, identity, sshOptions, sudo, useSsl, authentication, certificateThumbprint, authorityFile)
/// and <c>hosts</c>: a list of names or of objects with a name, or a map from names to settings. A host may have an
/// <c>address</c>, when its name is not what is connected to. A Hyper-V host's name or address begins with <c>wsman:</c>.
/// The nearer setting wins; who asks fills the rest.
/// </summary>
public sealed class HostInventory
{
    private readonly Dictionary<string, List<HostTarget>> _groups = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, HostTarget> _hosts = new(StringComparer.OrdinalIgnoreCase);

    // One may be called as a host over SSH is.
    private readonly Dictionary<string, HostTarget> _hyperV = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<HostTarget> _all = [];

    private HostInventory(InventoryNode root, string path, bool isTrusted)
    {
        Path = path;
        InventoryReader reader = new(path, isTrusted);
        InventoryMap top = reader.TopOf(root);
        HostSettings general = reader.SettingsOf(top, "the file");
        foreach (HostTarget host in reader.HostsOf(top, general, "the file"))
        {
            Add(host);
        }

        foreach ((string name, InventoryMap group) in reader.GroupsOf(top))
        {
            string where = $"the group '{name}'";
            HostSettings settings = reader.SettingsOf(group, where).Over(general);
            List<HostTarget> members = [.. reader.HostsOf(group, settings, where).Select(Known)];
            _groups.Add(name, members);
            members.ForEach(Add);
        }
    }

    /// <summary>Gets the file, for messages.</summary>
    public string Path { get; }

    /// <summary>Gets every host, each once, in the order of the file.</summary>
    public IReadOnlyCollection<HostTarget> Hosts => _all;

    /// <summary>Gets the names of the groups, in the order of the file.</summary>
    public IReadOnlyCollection<string> GroupNames => _groups.Keys;

    /// <summary>Reads an inventory of JSON.</summary>
    /// <param name="json">Its text, which may have comments and commas at ends of lists.</param>
    /// <param name="path">The file, for messages, and in whose folder relative paths of keys start.</param>
    /// <param name="isTrusted">Whether it may set every option of the ssh client, also those that run programs or believe any host.</param>
    /// <returns>The inventory.</returns>
    /// <exception cref="NestVirtException">It is not JSON, or says what cannot be understood.</exception>
    public static HostInventory Read(ReadOnlyMemory<byte> json, string path, bool isTrusted) =>
        Read(InventoryJson.Parse(json, path), path, isTrusted);

    /// <summary>Reads an inventory of another language.</summary>
    /// <param name="content">Its content.</param>
    /// <param name="path">The file, for messages, and in whose folder relative paths of keys start.</param>
    /// <param name="isTrusted">Whether it may set every option of the ssh client, also those that run programs or believe any host.</param>
    /// <returns>The inventory.</returns>
    /// <exception cref="NestVirtException">It says what cannot be understood.</exception>
    public static HostInventory Read(InventoryNode content, string path, bool isTrusted) =>
        new(content, path, isTrusted);

    /// <summary>Fills what a plan does not tell of its host: a plan names it, and the inventory says how it is reached.</summary>
    /// <param name="target">The host of the plan.</param>
    /// <returns>The host of the inventory with its name, or the same where there is none.</returns>
    internal HostTarget Complete(HostTarget target) =>
        KindOf(target).TryGetValue(target.Name, out HostTarget? known) && known.Transport == target.Transport
            ? known
                .WithSsh(ssh => ssh with { UserName = target.UserName ?? ssh.UserName, Port = target.Port ?? ssh.Port })
                .WithWsMan(wsMan =>
                    wsMan with
                    {
                        UserName = target.UserName ?? wsMan.UserName,
                        Port = target.Port ?? wsMan.Port,
                        UseSsl = (target.Address as WsManAddress)?.UseSsl ?? wsMan.UseSsl,
                        Authentication = target.Authentication ?? wsMan.Authentication,
                        CertificateThumbprint = target.CertificateThumbprint ?? wsMan.CertificateThumbprint,
                        AuthorityFilePath =
                            (target.Address as WsManAddress)?.AuthorityFilePath ?? wsMan.AuthorityFilePath,
                    }
                )
            : target;

    /// <summary>Finds a host or a group.</summary>
    /// <param name="word">A name; <c>@name</c> is a group, even when a host has the name too.</param>
    /// <returns>The hosts, or null when nothing has the name.</returns>
    internal IReadOnlyList<HostTarget>? Find(string word)
    {
        if (word.StartsWith('@'))
        {
            return _groups.GetValueOrDefault(word[1..]);
        }

        return _hosts.TryGetValue(word, out HostTarget? host) ? [host] : _groups.GetValueOrDefault(word);
    }

    /// <summary>Finds a Hyper-V host, or the hosts of a group.</summary>
    /// <param name="word">A name; <c>@name</c> is a group.</param>
    /// <returns>The hosts of either kind, or null when nothing has the name.</returns>
    internal IReadOnlyList<HostTarget>? FindHyperV(string word) =>
        _hyperV.TryGetValue(word, out HostTarget? host) ? [host] : _groups.GetValueOrDefault(word.TrimStart('@'));

    /// <summary>Finds the hosts that a pattern fits, or, when it fits none, those of the groups that it fits.</summary>
    /// <param name="pattern">The pattern, of <c>*</c>, <c>?</c> and <c>[…]</c> in any case; <c>@pattern</c> is for groups only.</param>
    /// <returns>The hosts, each once, or null when nothing fits.</returns>
    internal IReadOnlyList<HostTarget>? FindPattern(string pattern)
    {
        bool isGroup = pattern.StartsWith('@');
        HostTarget[] hosts = isGroup ? [] : [.. Hosts.Where(host => Fits(pattern, host.Name))];
        if (hosts.Length > 0)
        {
            return hosts;
        }

        List<HostTarget>[] groups =
        [
            .. _groups
                .Where(group => Fits(isGroup ? pattern[1..] : pattern, group.Key))
                .Select(static group => group.Value),
        ];
        return groups.Length == 0 ? null : [.. groups.SelectMany(static group => group).Distinct()];
    }

    private void Add(HostTarget host)
    {
        if (
            !_all.Exists(known =>
                (known.Transport, known.Name, known.UserName, known.Port)
                == (host.Transport, host.Name, host.UserName, host.Port)
            )
        )
        {
            _all.Add(host);
        }

        if (host.Transport == HostTransport.WsMan)
        {
            _hyperV.TryAdd(host.Name, host);
            _hosts.TryAdd(host.Name, host);
        }
        else if (_hosts.GetValueOrDefault(host.Name) is not { Transport: HostTransport.Ssh })
        {
            _hosts[host.Name] = host;
        }
    }

    private Dictionary<string, HostTarget> KindOf(HostTarget host) =>
        host.Transport == HostTransport.WsMan ? _hyperV : _hosts;

    private static bool Fits(string pattern, string name) =>
        ShellPattern.IsMatch(pattern.ToLowerInvariant(), name.ToLowerInvariant());

    // A group may name a host that is described at the top; the description stands.
    // What is called after its kind is no other kind's host.
    private HostTarget Known(HostTarget host) =>
        KindOf(host).TryGetValue(host.Name, out HostTarget? known)
        && (known.Transport == host.Transport || known.Address is WsManAddress address && address.Host != known.Name)
            ? known
            : host;
}
