using System.Collections;
using System.Management.Automation;
using System.Security;
using NestVirt.Hosts;

namespace NestVirt.PowerShell.Parameters;

/// <summary>The parameters that say how hosts are reached which say nothing else.</summary>
internal interface IConnectionParameters
{
    /// <summary>Gets the file of hosts, or null.</summary>
    string? InventoryPath { get; }

    /// <summary>Gets a value indicating whether the file of hosts may set every option of the ssh client.</summary>
    SwitchParameter TrustInventory { get; }

    /// <summary>Gets the account, or null.</summary>
    string? UserName { get; }

    /// <summary>Gets the private key file, or null.</summary>
    string? KeyFilePath { get; }

    /// <summary>Gets the port, or null.</summary>
    int? Port { get; }

    /// <summary>Gets how long connecting may take, in milliseconds, or null.</summary>
    int? ConnectingTimeout { get; }

    /// <summary>Gets the account and its password, or null.</summary>
    PSCredential? Credential { get; }

    /// <summary>Gets what protects the private key, or null.</summary>
    SecureString? KeyPassphrase { get; }

    /// <summary>Gets the password that sudo asks for, or null.</summary>
    SecureString? SudoPassword { get; }

    /// <summary>Gets what speaks SSH, or null for what fits.</summary>
    SshClient? SshClient { get; }

    /// <summary>Gets what speaks CIM, or null for what fits.</summary>
    CimClient? CimClient => null;

    /// <summary>Gets how to log in to Hyper-V hosts, or null.</summary>
    WsManAuthentication? Authentication => null;

    /// <summary>Gets a value indicating whether Hyper-V hosts are reached over HTTPS.</summary>
    SwitchParameter UseSSL => default;

    /// <summary>Gets the thumbprint of the one certificate that Hyper-V hosts may have, or null.</summary>
    string? CertificateThumbprint => null;

    /// <summary>Gets the file of the authorities that vouch for Hyper-V hosts, or null.</summary>
    string? AuthorityFilePath => null;

    /// <summary>Gets options for the ssh client, by name, or null.</summary>
    Hashtable? Options { get; }

    /// <summary>Gets a value indicating whether sudo is left alone.</summary>
    SwitchParameter NoSudo { get; }
}
