using System.Collections.ObjectModel;
using System.Management.Automation;
using NestVirt.PowerShell.Errors;

namespace NestVirt.PowerShell.Parameters;

/// <summary>What the cmdlets do alike with paths.</summary>
internal static class FilePaths
{
    private const string FileSystemProvider = "FileSystem";

    /// <summary>Makes a path of the file system of what the user typed, wildcards taken as they stand; else ends the cmdlet.</summary>
    internal static string FilePath(this PSCmdlet cmdlet, string path)
    {
        string result = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(
            path,
            out ProviderInfo provider,
            out _
        );
        if (provider.Name != FileSystemProvider)
        {
            cmdlet.ThrowTerminatingError(ErrorRecords.PathNotFileSystem(path));
        }

        return result;
    }

    /// <summary>Finds the file that a word names; null where there is none, as of host:22, which looks like a path on a drive.</summary>
    internal static string? FindFile(this PSCmdlet cmdlet, string word)
    {
        try
        {
            return cmdlet.FilePath(word) is { } file && File.Exists(file) ? file : null;
        }
        catch (SessionStateException)
        {
            return null;
        }
    }

    /// <summary>Lists the files of a path with wildcards, or writes an error.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="path">The path.</param>
    /// <param name="notFound">Makes the error where there is no such file.</param>
    internal static IReadOnlyList<string> FilesOf(
        this PSCmdlet cmdlet,
        string path,
        Func<SessionStateException?, ErrorRecord> notFound
    )
    {
        try
        {
            Collection<string> files = cmdlet.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider);
            if (provider.Name == FileSystemProvider && files.Count > 0)
            {
                return files;
            }

            cmdlet.WriteError(files.Count == 0 ? notFound(null) : ErrorRecords.PathNotFileSystem(path));
        }
        catch (SessionStateException error)
        {
            cmdlet.WriteError(notFound(error));
        }

        return [];
    }

    /// <summary>Writes a file to the pipeline as Get-Item does.</summary>
    internal static void WriteFile(this PSCmdlet cmdlet, string path) =>
        cmdlet.WriteObject(
            cmdlet.InvokeProvider.Item.Get([$"{FileSystemProvider}::{path}"], force: true, literalPath: true),
            enumerateCollection: true
        );
}
