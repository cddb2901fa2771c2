using NestVirt.Core.Tests;

namespace NestVirt.Cli.Tests;

/// <summary>A theory that runs only where some programs are installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolTheoryAttribute : TheoryAttribute
{
    /// <summary>Initializes a new instance of the <see cref="ToolTheoryAttribute"/> class.</summary>
    /// <param name="tools">The names of the programs.</param>
    public ToolTheoryAttribute(params string[] tools)
    {
        string[] missing = [.. tools.Where(static tool => !ToolFactAttribute.IsOnPath(tool))];
        if (missing.Length > 0)
        {
            Skip = $"not installed: {string.Join(", ", missing)}";
        }
    }
}
