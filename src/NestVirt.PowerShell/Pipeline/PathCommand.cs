using System.Management.Automation;
using NestVirt.PowerShell.Errors;

namespace NestVirt.PowerShell.Pipeline;

/// <summary>Gives a cmdlet what cmdlets do alike with files.</summary>
public abstract class PathCommand : PSCmdlet
{
    private const string FileSystemProvider = "FileSystem";

    /// <summary>Says whether a provider is that of files.</summary>
    private protected static bool IsFileSystem(ProviderInfo provider) => provider.Name == FileSystemProvider;

    /// <summary>Makes a path of the file system of what the user typed, wildcards taken as they stand; else ends the cmdlet.</summary>
    private protected string FilePath(string path)
    {
        string result = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
        if (!IsFileSystem(provider))
        {
            ThrowTerminatingError(ErrorRecords.PathNotFileSystem(path));
        }

        return result;
    }

    /// <summary>Writes a file to the pipeline as Get-Item does.</summary>
    private protected void WriteFile(string path) =>
        WriteObject(
            InvokeProvider.Item.Get([$"{FileSystemProvider}::{path}"], force: true, literalPath: true),
            enumerateCollection: true
        );
}
