namespace NestVirt.Cli.Tests;

/// <summary>A test that runs only where the program was published.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PublishedFactAttribute : FactAttribute
{
    /// <summary>Initializes a new instance of the <see cref="PublishedFactAttribute"/> class.</summary>
    public PublishedFactAttribute()
    {
        if (!File.Exists(ProgramPath))
        {
            Skip = "not published: run tools/publish-cli.sh";
        }
    }

    /// <summary>Gets the published program.</summary>
    internal static string ProgramPath { get; } =
        Path.Combine(Repository.Folder, "artifacts", "bin", OperatingSystem.IsWindows() ? "nestvirt.exe" : "nestvirt");
}
