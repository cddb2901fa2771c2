using System.Collections;
using System.Management.Automation;
using System.Security;
using NestVirt.Hosts;
using NestVirt.PowerShell.Completion;
using NestVirt.Sessions;

namespace NestVirt.PowerShell.Parameters;

/// <summary>Gives a cmdlet the parameters that name live hosts; what they name is in <see cref="Hosts"/>.</summary>
public abstract class LiveHostCommand : ConnectingCommand, IConnectionParameters
{
    /// <summary>Live hosts: those that are named in any way, or else this machine.</summary>
    protected internal const string HostSet = "Host";

    /// <summary>Gets or sets the Linux hosts: host, user@host or user@host:port, or hosts and groups of the inventory.</summary>
    [Parameter(Position = 0, ParameterSetName = HostSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(HostNameCompleter))]
    public virtual string[] HostName { get; set; } = [];

    /// <summary>Gets or sets the Hyper-V hosts: host or host:port, https://host:port, or hosts and groups of the inventory.</summary>
    [Parameter(ParameterSetName = HostSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [Alias("Cn")]
    [ArgumentCompleter(typeof(ComputerNameCompleter))]
    public string[] ComputerName { get; set; } = [];

    /// <summary>Gets or sets the file of hosts and groups, as JSON or as a PowerShell data file.</summary>
    [Parameter(ParameterSetName = HostSet)]
    [ValidateNotNullOrEmpty]
    public string? InventoryPath { get; set; }

    /// <summary>Gets or sets a value indicating whether the inventory may set every ssh option, also those that run programs on this machine or believe any host.</summary>
    [Parameter(ParameterSetName = HostSet)]
    public SwitchParameter TrustInventory { get; set; }

    /// <summary>Gets or sets the account for hosts that do not name one.</summary>
    [Parameter(ParameterSetName = HostSet)]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>Gets or sets the private key file.</summary>
    [Parameter(ParameterSetName = HostSet)]
    [ValidateNotNullOrEmpty]
    [Alias("IdentityFilePath")]
    public string? KeyFilePath { get; set; }

    /// <summary>Gets or sets the port for hosts that do not name one.</summary>
    [Parameter(ParameterSetName = HostSet)]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>Gets or sets how long connecting may take, in milliseconds.</summary>
    [Parameter(ParameterSetName = HostSet)]
    [ValidateRange(1, int.MaxValue)]
    public int? ConnectingTimeout { get; set; }

    /// <summary>Gets or sets the account and its password.</summary>
    [Parameter(ParameterSetName = HostSet)]
    [Credential]
    [ValidateNotNull]
    public PSCredential? Credential { get; set; }

    /// <summary>Gets or sets what speaks CIM with Hyper-V hosts.</summary>
    [Parameter(ParameterSetName = HostSet)]
    public CimClient? CimClient { get; set; }

    /// <summary>Gets or sets sessions of New-CimSession, which stand for their hosts.</summary>
    [Parameter(ParameterSetName = HostSet)]
    [CimSessions]
    public object[] CimSession { get; set; } = [];

    /// <summary>Gets or sets how to log in to Hyper-V hosts.</summary>
    [Parameter(ParameterSetName = HostSet)]
    public WsManAuthentication? Authentication { get; set; }

    /// <summary>Gets or sets a value indicating whether Hyper-V hosts are reached over HTTPS.</summary>
    [Parameter(ParameterSetName = HostSet)]
    public SwitchParameter UseSSL { get; set; }

    /// <summary>Gets or sets the thumbprint of the one certificate that Hyper-V hosts over HTTPS may have.</summary>
    [Parameter(ParameterSetName = HostSet)]
    [ValidateNotNullOrEmpty]
    public string? CertificateThumbprint { get; set; }

    /// <summary>Gets or sets the file of the authorities that vouch for Hyper-V hosts over HTTPS.</summary>
    [Parameter(ParameterSetName = HostSet)]
    [ValidateNotNullOrEmpty]
    public string? AuthorityFilePath { get; set; }

    /// <summary>Gets or sets what protects the private key.</summary>
    [Parameter(ParameterSetName = HostSet)]
    [ValidateNotNull]
    public SecureString? KeyPassphrase { get; set; }

    /// <summary>Gets or sets the password that sudo asks for.</summary>
    [Parameter(ParameterSetName = HostSet)]
    [ValidateNotNull]
    public SecureString? SudoPassword { get; set; }

    /// <summary>Gets or sets what speaks SSH.</summary>
    [Parameter(ParameterSetName = HostSet)]
    public SshClient? SshClient { get; set; }

    /// <summary>Gets or sets options for the ssh client, by name.</summary>
    [Parameter(ParameterSetName = HostSet)]
    [ValidateNotNull]
    public Hashtable? Options { get; set; }

    /// <summary>Gets or sets hosts as objects of this module bear them.</summary>
    [Parameter(ParameterSetName = HostSet)]
    [HostTargets]
    public HostTarget[] Target { get; set; } = [];

    /// <summary>Gets or sets what names hosts in the pipeline: words, objects that this module wrote, and rows of a table.</summary>
    /// <remarks>One parameter that takes everything: between two that wait for the pipeline PowerShell may take neither.</remarks>
    [Parameter(ValueFromPipeline = true, ParameterSetName = HostSet)]
    public PSObject? InputObject { get; set; }

    /// <summary>Gets or sets a value indicating whether sudo is left alone, so that what needs root stays unknown.</summary>
    [Parameter(ParameterSetName = HostSet)]
    public SwitchParameter NoSudo { get; set; }

    /// <summary>Gets or sets sessions that New-NestSession opened, which stand for their hosts.</summary>
    [Parameter(ParameterSetName = HostSet)]
    [NestSessions]
    public NestSession[] Session { get; set; } = [];

    /// <summary>Gets a value indicating whether a word that is the name of a file names the host that is recorded there.</summary>
    internal virtual bool TakesFilesForHosts => false;

    /// <summary>Gets the hosts that the parameters name.</summary>
    private protected HostNames Hosts { get; private set; } = null!;

    /// <inheritdoc/>
    protected override void BeginProcessing() => Hosts = new HostNames(this);
}
