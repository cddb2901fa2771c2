namespace NestVirt.Core.Tests;

/// <summary>A test over an emulated host, named by an environment variable that tests/lab/lab.sh sets.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LabFactAttribute : FactAttribute
{
    /// <summary>Initializes a new instance of the <see cref="LabFactAttribute"/> class.</summary>
    /// <param name="variables">The variables of the hosts that the test needs.</param>
    public LabFactAttribute(params string[] variables)
    {
        string[] missing =
        [
            .. variables.Where(static name => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))),
        ];
        string? reason = Environment.GetEnvironmentVariable("NESTVIRT_LAB_REASON");
        if (missing.Length > 0)
        {
            Skip = string.IsNullOrEmpty(reason) ? $"no lab host: {string.Join(", ", missing)} is not set" : reason;
        }
    }
}
