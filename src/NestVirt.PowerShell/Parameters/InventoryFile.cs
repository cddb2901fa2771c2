using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.PowerShell.Parameters;

/// <summary>The file after -InventoryPath.</summary>
internal static class InventoryFile
{
    /// <summary>Reads the file.</summary>
    /// <param name="path">The full path of a JSON file or a PowerShell data file.</param>
    /// <param name="isTrusted">Whether it may set every option of the ssh client.</param>
    /// <returns>The inventory.</returns>
    /// <exception cref="NestVirtException">The file cannot be read, or says what cannot be understood.</exception>
    internal static HostInventory Load(string path, bool isTrusted)
    {
        try
        {
            return Path.GetExtension(path).ToUpperInvariant() switch
            {
                ".PSD1" => HostInventory.Read(DataFile.Parse(Existing(path)), path, isTrusted),
                ".YML" or ".YAML" => throw new NestVirtException(
                    NestVirtErrorKind.FeatureNotSupported,
                    $"The inventory '{path}' is YAML, which only the nestvirt program reads."
                )
                {
                    Remedy = "Write the same names as JSON or as a .psd1 file.",
                },
                _ => HostInventory.Read(File.ReadAllBytes(path), path, isTrusted),
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NestVirtException(
                NestVirtErrorKind.SourceNotFound,
                $"The inventory '{path}' cannot be read: {FileFault.Of(path, error)}.",
                error
            );
        }
    }

    // The parser of scripts reports a missing file in words of its own.
    private static string Existing(string path) =>
        File.Exists(path)
            ? path
            : throw new FileNotFoundException($"Could not find file '{HostText.ForDisplay(path)}'.", path);
}
