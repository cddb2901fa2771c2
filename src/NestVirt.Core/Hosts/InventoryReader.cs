using System.Text.Json;

namespace NestVirt.Hosts;

/// <summary>Reads the parts of an inventory, and says where it cannot.</summary>
/// <param name="path">The file, for messages.</param>
internal sealed class InventoryReader(string path)
{
    private const int MaximumPort = 65_535;

    /// <summary>Lists the groups.</summary>
    /// <param name="root">The top of the file.</param>
    /// <returns>Names and contents. A group that is a plain list holds just hosts.</returns>
    internal IEnumerable<(string Name, JsonElement Group)> GroupsOf(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !TryFind(root, "groups", out JsonElement groups))
        {
            yield break;
        }

        if (groups.ValueKind != JsonValueKind.Object)
        {
            throw Bad("'groups'", "is not a map from names to groups");
        }

        foreach (JsonProperty group in groups.EnumerateObject())
        {
            yield return (group.Name, group.Value);
        }
    }

    /// <summary>Lists the hosts of a group or of the file.</summary>
    /// <param name="group">The group.</param>
    /// <param name="settings">What holds for all of its hosts.</param>
    /// <param name="where">The name of the group, for messages.</param>
    /// <returns>The hosts.</returns>
    internal IEnumerable<HostTarget> HostsOf(JsonElement group, HostSettings settings, string where)
    {
        JsonElement hosts = group;
        if (group.ValueKind == JsonValueKind.Object && !TryFind(group, "hosts", out hosts))
        {
            return [];
        }

        return hosts.ValueKind switch
        {
            JsonValueKind.Null => [],
            JsonValueKind.Array => [.. hosts.EnumerateArray().Select(host => ListedHost(host, settings, where))],
            JsonValueKind.Object =>
            [
                .. hosts.EnumerateObject().Select(host => Host(host.Name, host.Value, settings, where)),
            ],
            _ => throw Bad(where, "has hosts that are neither a list nor a map"),
        };
    }

    /// <summary>Reads the settings that a file, a group or a host makes.</summary>
    /// <param name="element">The file, group or host.</param>
    /// <param name="where">Its name, for messages.</param>
    /// <returns>The settings.</returns>
    internal HostSettings SettingsOf(JsonElement element, string where)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return new HostSettings();
        }

        return new HostSettings
        {
            UserName = Text(element, "user", where),
            Port = Port(element, where),
            KeyFilePath = Expand(Text(element, "identity", where)),
            SshOptions = SshOptions(element, where),
            AllowSudo = Sudo(element, where),
        };
    }

    // The file's own folder is where a relative path starts, so that it can be used from anywhere.
    private string? Expand(string? file) =>
        file switch
        {
            null => null,
            ['~', '/', .. string rest] => Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
                rest
            ),
            _ => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".", file),
        };

    private HostTarget ListedHost(JsonElement host, HostSettings settings, string where) =>
        host.ValueKind switch
        {
            JsonValueKind.String => Host(host.GetString()!, default, settings, where),
            JsonValueKind.Object when Text(host, "name", where) is { } name => Host(name, host, settings, where),
            _ => throw Bad(where, "has a host that is neither a name nor an object with a name"),
        };

    private HostTarget Host(string name, JsonElement own, HostSettings general, string where)
    {
        if (own.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.Object))
        {
            throw Bad($"host '{name}' in {where}", "has settings that are not a map");
        }

        HostSettings settings = SettingsOf(own, name).Over(general);
        string? address = own.ValueKind == JsonValueKind.Object ? Text(own, "address", name) : null;
        if (!HostTarget.TryParseSsh(name, out HostTarget? target))
        {
            throw Bad(where, $"has a host '{name}', which is not of the form [user@]host[:port]");
        }

        if (address is null)
        {
            return settings.ApplyTo(target);
        }

        return HostTarget.TryParseSsh(address, out HostTarget? real) && real.UserName is null
            ? settings.ApplyTo(target with { Port = target.Port ?? real.Port, SshOptions = [$"HostName={real.Name}"] })
            : throw Bad($"host '{name}' in {where}", $"has an address '{address}', which is none");
    }

    private int? Port(JsonElement element, string where)
    {
        if (!TryFind(element, "port", out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return
            value.ValueKind == JsonValueKind.Number
            && value.TryGetInt32(out int port)
            && port is >= 1 and <= MaximumPort
            ? port
            : throw Bad(where, $"has a port '{value}', which is no number from 1 to {MaximumPort}");
    }

    private bool? Sudo(JsonElement element, string where)
    {
        if (!TryFind(element, "sudo", out JsonElement value))
        {
            return null;
        }

        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw Bad(where, "has a 'sudo' that is neither true nor false");
    }

    private string[] SshOptions(JsonElement element, string where)
    {
        if (!TryFind(element, "sshOptions", out JsonElement options))
        {
            return [];
        }

        return options.ValueKind == JsonValueKind.Object
            ? [.. options.EnumerateObject().Select(static option => $"{option.Name}={option.Value}")]
            : throw Bad(where, "has 'sshOptions' that are not a map");
    }

    private string? Text(JsonElement element, string name, string where)
    {
        if (!TryFind(element, name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : throw Bad(where, $"has a '{name}' that is not text");
    }

    // PowerShell data files are written with capitals, and a setting must not be passed over for one.
    private static bool TryFind(JsonElement element, string name, out JsonElement value)
    {
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                value = property.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    private NestVirtException Bad(string where, string what) =>
        new(NestVirtErrorKind.InventoryInvalid, $"The inventory '{path}' cannot be understood: {where} {what}.");
}
