using System.Text.Json;
using NestVirt.Model;

namespace NestVirt.Cli.Hosting;

/// <summary>
/// A file of hosts. At its top, and in each of its <c>groups</c>, are settings (user, port, identity, sshOptions, sudo)
/// and <c>hosts</c>: a list of names or of objects with a name, or a map from names to settings. A host may have an
/// <c>address</c>, when its name is not what ssh connects to. The nearer setting wins; the command line fills the rest.
/// </summary>
internal sealed class Inventory
{
    private readonly Dictionary<string, List<HostTarget>> _groups = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, HostTarget> _hosts = new(StringComparer.OrdinalIgnoreCase);

    private Inventory(InventoryReader reader, JsonElement root)
    {
        HostSettings general = reader.SettingsOf(root, "the file");
        foreach (HostTarget host in reader.HostsOf(root, general, "the file"))
        {
            _hosts.TryAdd(host.Name, host);
        }

        foreach ((string name, JsonElement group) in reader.GroupsOf(root))
        {
            List<HostTarget> members = [.. reader.HostsOf(group, reader.SettingsOf(group, name).Over(general), name).Select(Known)];
            _groups[name] = members;
            members.ForEach(host => _hosts.TryAdd(host.Name, host));
        }
    }

    /// <summary>Gets every host, each once.</summary>
    internal IEnumerable<HostTarget> All => _hosts.Values;

    /// <summary>Gets the names of the groups, for people.</summary>
    internal string GroupNames => _groups.Count == 0 ? "none" : string.Join(", ", _groups.Keys);

    /// <summary>Reads an inventory file.</summary>
    /// <param name="path">The file. Its name ends in .json for JSON; anything else is YAML.</param>
    /// <returns>The inventory.</returns>
    /// <exception cref="UsageException">The file cannot be read, or says what cannot be understood.</exception>
    internal static Inventory Load(string path)
    {
        try
        {
            byte[] content = File.ReadAllBytes(path);
            bool isJson = Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase);
            JsonDocumentOptions options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
            using JsonDocument document = JsonDocument.Parse(isJson ? content : InventoryYaml.ToJson(content, path), options);
            return new Inventory(new InventoryReader(path), document.RootElement);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The inventory '{path}' cannot be read: {error.Message}", "Name a YAML or JSON file after --inventory.");
        }
        catch (JsonException error)
        {
            throw new UsageException($"The inventory '{path}' is not JSON: {error.Message}", "Correct the file, or name it .yml if it is YAML.");
        }
    }

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

    // A group may name a host that is described at the top; the description stands.
    private HostTarget Known(HostTarget host) => _hosts.GetValueOrDefault(host.Name, host);
}
