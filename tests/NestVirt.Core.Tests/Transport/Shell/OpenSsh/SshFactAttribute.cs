namespace NestVirt.Core.Tests.Transport.Shell.OpenSsh;

/// <summary>A test that needs a real sshd, and other programs where it names them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SshFactAttribute : FactAttribute
{
    /// <summary>Initializes a new instance of the <see cref="SshFactAttribute"/> class.</summary>
    /// <param name="tools">The names of more programs.</param>
    public SshFactAttribute(params string[] tools) =>
        Skip = new ToolFactAttribute(["sshd", "ssh", "ssh-keygen", .. tools]).Skip;

    /// <summary>Gets or sets a value indicating whether the test runs only as root.</summary>
    public bool NeedsRoot
    {
        get => false;
        set => Skip ??= value && !Environment.IsPrivilegedProcess ? "needs root" : null;
    }
}

/// <summary>A theory that needs a real sshd.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SshTheoryAttribute : TheoryAttribute
{
    /// <summary>Initializes a new instance of the <see cref="SshTheoryAttribute"/> class.</summary>
    public SshTheoryAttribute() => Skip = new SshFactAttribute().Skip;
}
