namespace NestVirt.Core.Tests;

/// <summary>Finds the repository that the tests run in.</summary>
internal static class Repository
{
    /// <summary>Gets the folder of the repository.</summary>
    internal static string Folder { get; } = Find();

    private static string Find()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NestVirt.PowerShell.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }
}
