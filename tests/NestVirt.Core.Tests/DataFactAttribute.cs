namespace NestVirt.Core.Tests;

/// <summary>A test that runs only where a set of captures is there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DataFactAttribute : FactAttribute
{
    /// <summary>Initializes a new instance of the <see cref="DataFactAttribute"/> class.</summary>
    /// <param name="folder">The name of the set's folder.</param>
    public DataFactAttribute(string folder)
    {
        if (TestData.Folder(folder) is null)
        {
            Skip = $"no captures: ../shared/data/{folder} is absent";
        }
    }
}
