namespace NestVirt.Core.Tests;

/// <summary>A test that needs a POSIX shell on this machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PosixFactAttribute : FactAttribute
{
    /// <summary>The reason why it is skipped elsewhere.</summary>
    internal const string Reason = "this machine has no /bin/sh";

    /// <summary>Initializes a new instance of the <see cref="PosixFactAttribute"/> class.</summary>
    public PosixFactAttribute() => Skip = File.Exists("/bin/sh") ? null : Reason;
}

/// <summary>A theory that needs a POSIX shell on this machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PosixTheoryAttribute : TheoryAttribute
{
    /// <summary>Initializes a new instance of the <see cref="PosixTheoryAttribute"/> class.</summary>
    public PosixTheoryAttribute() => Skip = File.Exists("/bin/sh") ? null : PosixFactAttribute.Reason;
}
