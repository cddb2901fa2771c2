namespace NestVirt.Core.Tests;

/// <summary>Finds captures of real hosts, which lie beside the repository and not in it.</summary>
public static class TestData
{
    private const string Variable = "NESTVIRT_TEST_DATA";
    private const string SolutionName = "NestVirt.PowerShell.sln";

    /// <summary>Finds a set of captures.</summary>
    /// <param name="name">The name of its folder.</param>
    /// <returns>The path, or null where the set is absent.</returns>
    public static string? Folder(string name)
    {
        string? data = Environment.GetEnvironmentVariable(Variable) ?? BesideRepository();
        string? folder = data is null ? null : Path.Combine(data, name);
        return Directory.Exists(folder) ? folder : null;
    }

    private static string? BesideRepository()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, SolutionName)))
            {
                return Path.Combine(folder.FullName, "..", "shared", "data");
            }
        }

        return null;
    }
}
