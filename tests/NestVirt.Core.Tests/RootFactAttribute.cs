namespace NestVirt.Core.Tests;

/// <summary>A test that changes its root directory, which root alone may.</summary>
public sealed class RootFactAttribute : FactAttribute
{
    /// <summary>Initializes a new instance of the <see cref="RootFactAttribute"/> class.</summary>
    public RootFactAttribute() =>
        Skip = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess ? null : "runs as root on Linux";
}
