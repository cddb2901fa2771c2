using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Cli.Hosting;

/// <summary>The file after --inventory.</summary>
internal static class InventoryFile
{
    private const string Remedy = "'nestvirt --help' shows what an inventory looks like.";

    /// <summary>Reads the file.</summary>
    /// <param name="path">The file. Its name ends in .json for JSON; anything else is YAML.</param>
    /// <param name="isTrusted">Whether it may set every option of the ssh client.</param>
    /// <param name="idle">How long nothing may arrive from a pipe; null for the usual time.</param>
    /// <returns>The inventory.</returns>
    /// <exception cref="UsageException">The file cannot be read, or says what cannot be understood.</exception>
    internal static HostInventory Load(string path, bool isTrusted, TimeSpan? idle = null)
    {
        try
        {
            byte[] content = InputFile.Read(path, idle: idle);
            bool isJson = Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase);
            return isJson
                ? HostInventory.Read(content, path, isTrusted)
                : HostInventory.Read(InventoryYaml.Parse(content, path), path, isTrusted);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(
                $"The inventory '{path}' cannot be read: {FileFault.Of(path, error)}.",
                "Name a YAML or JSON file after --inventory."
            );
        }
        catch (NestVirtException error)
        {
            throw new UsageException(error.Message, error.Remedy ?? Remedy);
        }
    }
}
