namespace NestVirt.Guidance;

/// <summary>A setting of the connection to a host that advice may name.</summary>
public enum HostSetting : long
{
    /// <summary>The private key file.</summary>
    KeyFile,

    /// <summary>The port.</summary>
    Port,

    /// <summary>An option for the ssh client.</summary>
    SshOption,

    /// <summary>That a file of hosts may set every option of the ssh client.</summary>
    TrustInventory,

    /// <summary>How long connecting may take.</summary>
    ConnectTimeout,

    /// <summary>How long an answer may take.</summary>
    CommandTimeout,

    /// <summary>How many hosts are asked at once.</summary>
    Throttle,

    /// <summary>What speaks SSH with the host.</summary>
    SshClient,

    /// <summary>A password.</summary>
    Credential,

    /// <summary>What protects the private key.</summary>
    KeyPassphrase,

    /// <summary>The password that sudo asks for.</summary>
    SudoPassword,

    /// <summary>That TLS carries the messages to a host over WS-Management.</summary>
    UseSsl,

    /// <summary>How to log in over WS-Management.</summary>
    Authentication,

    /// <summary>The thumbprint of the one certificate that is accepted.</summary>
    CertificateThumbprint,

    /// <summary>The file of the authorities that are trusted.</summary>
    AuthorityFile,

    /// <summary>What speaks CIM with the host.</summary>
    CimClient,
}
