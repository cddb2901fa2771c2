using System.Text.Json;

namespace NestVirt.Hosts;

/// <summary>
/// A file of hosts. At its top, and in each of its <c>groups</c>, are settings (user, port, identity, sshOptions, sudo)
/// and <c>hosts</c>: a list of names or of objects with a name, or a map from names to settings. A host may have an
/// <c>address</c>, when its name is not what ssh connects to. The nearer setting wins; who asks fills the rest.
/// </summary>
public sealed class HostInventory
{
    private readonly Dictionary<string, List<HostTarget>> _groups = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, HostTarget> _hosts = new(StringComparer.OrdinalIgnoreCase);

    private HostInventory(InventoryReader reader, JsonElement root)
    {
        HostSettings general = reader.SettingsOf(root, "the file");
        foreach (HostTarget host in reader.HostsOf(root, general, "the file"))
        {
            _hosts.TryAdd(host.Name, host);
        }

        foreach ((string name, JsonElement group) in reader.GroupsOf(root))
        {
            List<HostTarget> members =
            [
                .. reader.HostsOf(group, reader.SettingsOf(group, name).Over(general), name).Select(Known),
            ];
            _groups[name] = members;
            members.ForEach(host => _hosts.TryAdd(host.Name, host));
        }
    }

    /// <summary>Gets every host, each once, in the order of the file.</summary>
    public IReadOnlyCollection<HostTarget> Hosts => _hosts.Values;

    /// <summary>Gets the names of the groups, in the order of the file.</summary>
    public IReadOnlyCollection<string> GroupNames => _groups.Keys;

    /// <summary>Reads an inventory.</summary>
    /// <param name="json">Its text as JSON, which may have comments and commas at ends of lists.</param>
    /// <param name="path">The file, for messages, and in whose folder relative paths of keys start.</param>
    /// <returns>The inventory.</returns>
    /// <exception cref="NestVirtException">It is not JSON, or says what cannot be understood.</exception>
    public static HostInventory Read(ReadOnlyMemory<byte> json, string path)
    {
        JsonDocumentOptions options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        try
        {
            using JsonDocument document = JsonDocument.Parse(WithoutMark(json), options);
            return new HostInventory(new InventoryReader(path), document.RootElement);
        }
        catch (JsonException error)
        {
            throw new NestVirtException(
                NestVirtErrorKind.InventoryInvalid,
                $"The inventory '{path}' is not JSON: {error.Message}",
                error
            );
        }
    }

    /// <summary>Fills what a plan does not tell of its host: a plan names it, and the inventory says how it is reached.</summary>
    /// <param name="target">The host of the plan.</param>
    /// <returns>The host of the inventory with its name, or the same where there is none.</returns>
    public HostTarget Complete(HostTarget target) =>
        !_hosts.TryGetValue(target.Name, out HostTarget? known)
            ? target
            : known with
            {
                UserName = target.UserName ?? known.UserName,
                Port = target.Port ?? known.Port,
            };

    /// <summary>Finds a host or a group.</summary>
    /// <param name="word">A name; <c>@name</c> is a group, even when a host has the name too.</param>
    /// <returns>The hosts, or null when nothing has the name.</returns>
    public IReadOnlyList<HostTarget>? Find(string word)
    {
        if (word.StartsWith('@'))
        {
            return _groups.GetValueOrDefault(word[1..]);
        }

        return _hosts.TryGetValue(word, out HostTarget? host) ? [host] : _groups.GetValueOrDefault(word);
    }

    /// <summary>Finds the hosts that match a pattern, or, when none does, those of the groups that match.</summary>
    /// <param name="pattern">The pattern; <c>@pattern</c> is for groups only.</param>
    /// <param name="matches">Tells whether a pattern fits a name: each front end has its own pattern language.</param>
    /// <returns>The hosts, each once, or null when nothing matches.</returns>
    public IReadOnlyList<HostTarget>? Find(string pattern, Func<string, string, bool> matches)
    {
        bool isGroup = pattern.StartsWith('@');
        HostTarget[] hosts = isGroup ? [] : [.. Hosts.Where(host => matches(pattern, host.Name))];
        if (hosts.Length > 0)
        {
            return hosts;
        }

        List<HostTarget>[] groups =
        [
            .. _groups
                .Where(group => matches(isGroup ? pattern[1..] : pattern, group.Key))
                .Select(static group => group.Value),
        ];
        return groups.Length == 0 ? null : [.. groups.SelectMany(static group => group).Distinct()];
    }

    // Editors on Windows put a byte order mark before UTF-8.
    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> json) =>
        json.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? json[3..] : json;

    // A group may name a host that is described at the top; the description stands.
    private HostTarget Known(HostTarget host) => _hosts.GetValueOrDefault(host.Name, host);
}
