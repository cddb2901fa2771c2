using System.Management.Automation;
using NestVirt.Hosts;

namespace NestVirt.PowerShell.Hosting;

/// <summary>The file after -InventoryPath.</summary>
internal static class InventoryFile
{
    /// <summary>Reads the file.</summary>
    /// <param name="path">The full path of a JSON file or a PowerShell data file.</param>
    /// <returns>The inventory.</returns>
    /// <exception cref="NestVirtException">The file cannot be read, or says what cannot be understood.</exception>
    internal static HostInventory Load(string path)
    {
        try
        {
            return Path.GetExtension(path).ToUpperInvariant() switch
            {
                ".PSD1" => HostInventory.Read(DataFile.ToJson(Existing(path)), path),
                ".YML" or ".YAML" => throw new NestVirtException(
                    NestVirtErrorKind.FeatureNotSupported,
                    $"The inventory '{path}' is YAML, which only the nestvirt program reads."
                )
                {
                    Remedy = "Write the same names as JSON or as a .psd1 file.",
                },
                _ => HostInventory.Read(File.ReadAllBytes(path), path),
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NestVirtException(
                NestVirtErrorKind.SourceNotFound,
                $"The inventory '{path}' cannot be read: {error.Message}",
                error
            );
        }
    }

    /// <summary>Finds what a word names.</summary>
    /// <param name="inventory">The inventory.</param>
    /// <param name="word">A host, a group, <c>@group</c>, or a wildcard of either.</param>
    /// <returns>The hosts; null when the file has nothing of the name.</returns>
    internal static IReadOnlyList<HostTarget>? Find(HostInventory inventory, string word) =>
        inventory.Find(word)
        ?? (WildcardPattern.ContainsWildcardCharacters(word) ? inventory.Find(word, Matches) : null);

    private static bool Matches(string pattern, string name) =>
        new WildcardPattern(pattern, WildcardOptions.IgnoreCase).IsMatch(name);

    // The parser of scripts reports a missing file in words of its own.
    private static string Existing(string path) =>
        File.Exists(path) ? path : throw new FileNotFoundException($"Could not find file '{path}'.", path);
}
