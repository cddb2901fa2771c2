namespace NestVirt.Guidance;

/// <summary>A setting of the connection to a host that advice may name.</summary>
public enum HostSetting : long
{
    /// <summary>The private key file.</summary>
    KeyFile,
}
