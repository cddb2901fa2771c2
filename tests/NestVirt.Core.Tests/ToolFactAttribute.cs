namespace NestVirt.Core.Tests;

/// <summary>A test that runs only where some programs are installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolFactAttribute : FactAttribute
{
    /// <summary>Initializes a new instance of the <see cref="ToolFactAttribute"/> class.</summary>
    /// <param name="tools">The names of the programs.</param>
    public ToolFactAttribute(params string[] tools)
    {
        string[] missing = [.. tools.Where(static tool => !IsOnPath(tool))];
        if (missing.Length > 0)
        {
            Skip = $"not installed: {string.Join(", ", missing)}";
        }
    }

    /// <summary>Tells whether a program can be found, also in the folders that only root has on PATH.</summary>
    /// <param name="tool">The name.</param>
    /// <returns>True if it is there.</returns>
    public static bool IsOnPath(string tool) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/local/sbin:/usr/sbin:/sbin"
            .Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, tool)));
}
