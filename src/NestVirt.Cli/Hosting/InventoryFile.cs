using System.IO.Enumeration;
using NestVirt.Hosts;

namespace NestVirt.Cli.Hosting;

/// <summary>The file after --inventory.</summary>
internal static class InventoryFile
{
    private const string Remedy = "'nestvirt --help' shows what an inventory looks like.";

    /// <summary>Reads the file.</summary>
    /// <param name="path">The file. Its name ends in .json for JSON; anything else is YAML.</param>
    /// <returns>The inventory.</returns>
    /// <exception cref="UsageException">The file cannot be read, or says what cannot be understood.</exception>
    internal static HostInventory Load(string path)
    {
        try
        {
            byte[] content = File.ReadAllBytes(path);
            bool isJson = Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase);
            return HostInventory.Read(isJson ? content : InventoryYaml.ToJson(content, path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(
                $"The inventory '{path}' cannot be read: {error.Message}",
                "Name a YAML or JSON file after --inventory."
            );
        }
        catch (NestVirtException error)
        {
            throw new UsageException(error.Message, Remedy);
        }
    }

    /// <summary>Finds what a word names.</summary>
    /// <param name="inventory">The inventory.</param>
    /// <param name="word">A host, a group, <c>@group</c>, or a pattern of either.</param>
    /// <returns>The hosts, or null when the word may be a host that is not in the file.</returns>
    /// <exception cref="UsageException">It is a group or a pattern that the file has nothing for.</exception>
    internal static IReadOnlyList<HostTarget>? Find(HostInventory inventory, string word)
    {
        bool isPattern = word.AsSpan().ContainsAny('*', '?');
        if ((isPattern ? inventory.Find(word, Matches) : inventory.Find(word)) is { } found)
        {
            return found;
        }

        string groups = inventory.GroupNames.Count == 0 ? "none" : string.Join(", ", inventory.GroupNames);
        return (isPattern, word.StartsWith('@')) switch
        {
            (_, true) => throw new UsageException(
                $"The inventory has no group '{word[1..]}'.",
                $"Its groups are: {groups}."
            ),
            (true, _) => throw new UsageException(
                $"The inventory has no host or group like '{word}'.",
                $"Its groups are: {groups}."
            ),
            _ => null,
        };
    }

    private static bool Matches(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name);
}
