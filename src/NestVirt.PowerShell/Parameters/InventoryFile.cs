using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.PowerShell.Parameters;

/// <summary>The file after -InventoryPath.</summary>
internal static class InventoryFile
{
    /// <summary>Reads the file.</summary>
    /// <param name="path">The full path of a JSON file or a PowerShell data file.</param>
    /// <param name="isTrusted">Whether it may set every option of the ssh client.</param>
    /// <param name="idle">How long nothing may arrive from a pipe; null for the usual time.</param>
    /// <param name="cancellationToken">Stops waiting for it.</param>
    /// <returns>The inventory.</returns>
    /// <exception cref="NestVirtException">The file cannot be read, or says what cannot be understood.</exception>
    internal static HostInventory Load(string path, bool isTrusted, TimeSpan? idle, CancellationToken cancellationToken)
    {
        try
        {
            byte[] content = InputFile.Read(path, idle: idle, cancellationToken: cancellationToken);
            return Path.GetExtension(path).ToUpperInvariant() switch
            {
                ".PSD1" => HostInventory.Read(DataFile.Parse(content, path), path, isTrusted),
                ".YML" or ".YAML" => throw new NestVirtException(
                    NestVirtErrorKind.FeatureNotSupported,
                    $"The inventory '{path}' is YAML, which only the nestvirt program reads."
                )
                {
                    Remedy = "Write the same names as JSON or as a .psd1 file.",
                },
                _ => HostInventory.Read(content, path, isTrusted),
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
}
