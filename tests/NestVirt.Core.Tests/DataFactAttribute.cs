namespace NestVirt.Core.Tests;

/// <summary>A test that runs only where a set of captures is there, and the programs that it needs.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DataFactAttribute : FactAttribute
{
    /// <summary>Initializes a new instance of the <see cref="DataFactAttribute"/> class.</summary>
    /// <param name="folder">The name of the set's folder.</param>
    /// <param name="tools">The names of the programs.</param>
    public DataFactAttribute(string folder, params string[] tools)
    {
        string[] missing = [.. tools.Where(static tool => !ToolFactAttribute.IsOnPath(tool))];
        Skip =
            TestData.Folder(folder) is null ? $"no captures: ../shared/data/{folder} is absent"
            : missing.Length > 0 ? $"not installed: {string.Join(", ", missing)}"
            : null;
    }
}
