using System.Collections;
using System.Management.Automation;
using NestVirt.Hosts;
using NestVirt.PowerShell.Completion;

namespace NestVirt.PowerShell.Hosting;

/// <summary>Gives a cmdlet the parameters that name live hosts.</summary>
public abstract class HostCommand : ConnectingCommand
{
    /// <summary>No host named: this machine.</summary>
    protected const string LocalSet = "Local";

    /// <summary>Linux hosts, over SSH, as in Enter-PSSession -HostName.</summary>
    protected const string HostNameSet = "HostName";

    /// <summary>Linux hosts of a file, over SSH.</summary>
    protected const string InventorySet = "Inventory";

    /// <summary>Hosts taken from objects that this module wrote.</summary>
    protected const string TargetSet = "Target";

    private HostWords _words = null!;
    private bool _isHostNamed;

    /// <summary>Gets or sets the Linux hosts: host, user@host or user@host:port, or hosts and groups of the inventory.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = HostNameSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(HostNameCompleter))]
    public string[] HostName { get; set; } = [];

    /// <summary>Gets or sets the file of hosts and groups, as JSON or as a PowerShell data file.</summary>
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(Mandatory = true, ParameterSetName = InventorySet)]
    [ValidateNotNullOrEmpty]
    public string? InventoryPath { get; set; }

    /// <summary>Gets or sets the account for hosts that do not name one.</summary>
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(ParameterSetName = InventorySet)]
    [Parameter(ParameterSetName = TargetSet)]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>Gets or sets the private key file.</summary>
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(ParameterSetName = InventorySet)]
    [Parameter(ParameterSetName = TargetSet)]
    [ValidateNotNullOrEmpty]
    [Alias("IdentityFilePath")]
    public string? KeyFilePath { get; set; }

    /// <summary>Gets or sets the port for hosts that do not name one.</summary>
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(ParameterSetName = InventorySet)]
    [Parameter(ParameterSetName = TargetSet)]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>Gets or sets how long connecting may take, in milliseconds.</summary>
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(ParameterSetName = InventorySet)]
    [Parameter(ParameterSetName = TargetSet)]
    [ValidateRange(1, int.MaxValue)]
    public int? ConnectingTimeout { get; set; }

    /// <summary>Gets or sets options for the ssh client, by name.</summary>
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(ParameterSetName = InventorySet)]
    [Parameter(ParameterSetName = TargetSet)]
    [ValidateNotNull]
    public Hashtable? Options { get; set; }

    /// <summary>Gets or sets hosts taken from piped objects.</summary>
    /// <remarks>
    /// What this module writes has a HostName for people, too, and only the Target knows the account and the port. Both are
    /// taken from the pipeline in one set: between two sets that wait for the pipeline PowerShell takes neither, but the
    /// default one, and that is this machine.
    /// </remarks>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = HostNameSet)]
    [Parameter(Mandatory = true, ParameterSetName = TargetSet)]
    public HostTarget[] Target { get; set; } = [];

    /// <summary>Gets or sets a value indicating whether sudo is left alone, so that what needs root stays unknown.</summary>
    [Parameter(ParameterSetName = LocalSet)]
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(ParameterSetName = InventorySet)]
    [Parameter(ParameterSetName = TargetSet)]
    public SwitchParameter NoSudo { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        HostSettings ssh = ReadSettings(Options, UserName, KeyFilePath, Port, ConnectingTimeout);
        _words = new HostWords(InventoryPath is null ? null : ReadInventory(FilePath(InventoryPath)), ssh);

        // What the pipeline binds comes later.
        _isHostNamed = MyInvocation.BoundParameters.ContainsKey(nameof(HostName));
        OnHostsNamed();
    }

    /// <summary>Names further hosts, when how to reach them is known and before any is asked.</summary>
    private protected virtual void OnHostsNamed() { }

    /// <summary>Makes a host of a name, as -HostName does, or ends the cmdlet when the name is of none or of several.</summary>
    private protected HostTarget OneHost(string name)
    {
        try
        {
            return _words.HostOf(name);
        }
        catch (HostWordException error)
        {
            ThrowTerminatingError(ErrorRecords.FromHostWord(error, name));
            throw;
        }
    }

    /// <summary>Gives a host the limits that hold for all.</summary>
    private protected HostTarget WithLimits(HostTarget target) =>
        target with
        {
            CommandTimeout = ToTimeSpan(CommandTimeout) ?? target.CommandTimeout,
            AllowSudo = target.AllowSudo && !NoSudo,
        };

    /// <summary>Lists the hosts of the present pipeline record, and writes an error for each name that is none.</summary>
    private protected IEnumerable<HostTarget> Targets() => NamedTargets().Select(WithLimits);

    /// <summary>Lists the hosts that the parameters of the present set name.</summary>
    private protected virtual IEnumerable<HostTarget> NamedTargets() =>
        ParameterSetName switch
        {
            HostNameSet when Target.Length == 0 => HostName.SelectMany(TargetsOf).Distinct(),
            InventorySet => TargetsOf(word: null),
            LocalSet => _words.Resolve([]),
            _ => TargetsAlone(),
        };

    private IEnumerable<HostTarget> TargetsAlone()
    {
        if (_isHostNamed)
        {
            ThrowTerminatingError(
                ErrorRecords.RequestInvalid(
                    "-HostName names a host, and so does the Target of the object: give one of the two."
                )
            );
        }

        if (Target.Length == 0)
        {
            WriteError(ErrorRecords.TargetsEmpty());
        }

        return Target.Select(_words.CompleteKnown);
    }

    private IReadOnlyList<HostTarget> TargetsOf(string? word)
    {
        try
        {
            return word is null ? _words.All() : _words.HostsOf(word);
        }
        catch (HostWordException error)
        {
            WriteError(ErrorRecords.FromHostWord(error, word ?? InventoryPath));
            return [];
        }
    }
}
