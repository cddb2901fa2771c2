namespace NestVirt.Core.Tests.Kvm;

/// <summary>A test that runs only where a lab host is up: a host with an IOMMU and SR-IOV, reached over SSH.</summary>
/// <remarks>NESTVIRT_LAB_AMD names it as root@127.0.0.1:2222, and NESTVIRT_LAB_KEY the private key file.</remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LabFactAttribute : FactAttribute
{
    internal const string HostVariable = "NESTVIRT_LAB_AMD";
    internal const string KeyVariable = "NESTVIRT_LAB_KEY";

    /// <summary>Initializes a new instance of the <see cref="LabFactAttribute"/> class.</summary>
    public LabFactAttribute()
    {
        string?[] values = [Environment.GetEnvironmentVariable(HostVariable), Environment.GetEnvironmentVariable(KeyVariable)];
        Skip = values.Any(string.IsNullOrEmpty) ? $"no lab host: {HostVariable} and {KeyVariable} are not set" : null;
    }
}
