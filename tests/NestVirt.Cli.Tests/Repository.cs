namespace NestVirt.Cli.Tests;

/// <summary>Finds the files of the repository that the tests run in.</summary>
internal static class Repository
{
    private const string SolutionName = "NestVirt.PowerShell.sln";

    /// <summary>Gets the folder of the repository.</summary>
    internal static string Folder { get; } = Find();

    /// <summary>Names a recorded host.</summary>
    /// <param name="name">The name of the recording.</param>
    /// <returns>The path of its file.</returns>
    internal static string Recording(string name) => Path.Combine(Folder, "tests", "recordings", $"{name}.json");

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, SolutionName)))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }
}
