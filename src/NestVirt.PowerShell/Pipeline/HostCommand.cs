using System.Collections;
using System.Management.Automation;
using NestVirt.Hosts;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Parameters;

namespace NestVirt.PowerShell.Pipeline;

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

    /// <summary>Hosts that the pipeline names.</summary>
    protected const string InputObjectSet = "InputObject";

    private HostWords _words = null!;
    private bool _isHostNamed;
    private bool _takesName;

    /// <summary>Gets or sets the Linux hosts: host, user@host or user@host:port, or hosts and groups of the inventory.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = HostNameSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(HostNameCompleter))]
    public string[] HostName { get; set; } = [];

    /// <summary>Gets or sets the file of hosts and groups, as JSON or as a PowerShell data file.</summary>
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(Mandatory = true, ParameterSetName = InventorySet)]
    [Parameter(ParameterSetName = InputObjectSet)]
    [ValidateNotNullOrEmpty]
    public string? InventoryPath { get; set; }

    /// <summary>Gets or sets the account for hosts that do not name one.</summary>
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(ParameterSetName = InventorySet)]
    [Parameter(ParameterSetName = TargetSet)]
    [Parameter(ParameterSetName = InputObjectSet)]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>Gets or sets the private key file.</summary>
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(ParameterSetName = InventorySet)]
    [Parameter(ParameterSetName = TargetSet)]
    [Parameter(ParameterSetName = InputObjectSet)]
    [ValidateNotNullOrEmpty]
    [Alias("IdentityFilePath")]
    public string? KeyFilePath { get; set; }

    /// <summary>Gets or sets the port for hosts that do not name one.</summary>
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(ParameterSetName = InventorySet)]
    [Parameter(ParameterSetName = TargetSet)]
    [Parameter(ParameterSetName = InputObjectSet)]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>Gets or sets how long connecting may take, in milliseconds.</summary>
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(ParameterSetName = InventorySet)]
    [Parameter(ParameterSetName = TargetSet)]
    [Parameter(ParameterSetName = InputObjectSet)]
    [ValidateRange(1, int.MaxValue)]
    public int? ConnectingTimeout { get; set; }

    /// <summary>Gets or sets options for the ssh client, by name.</summary>
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(ParameterSetName = InventorySet)]
    [Parameter(ParameterSetName = TargetSet)]
    [Parameter(ParameterSetName = InputObjectSet)]
    [ValidateNotNull]
    public Hashtable? Options { get; set; }

    /// <summary>Gets or sets hosts as objects of this module bear them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = TargetSet)]
    [HostTargets]
    public HostTarget[] Target { get; set; } = [];

    /// <summary>Gets or sets what names hosts in the pipeline: words, objects that this module wrote, and rows of a table.</summary>
    /// <remarks>
    /// One parameter that takes everything, in every set that can have a pipeline: between two parameters that wait for
    /// the pipeline PowerShell may take neither, but the default set, and that is this machine.
    /// </remarks>
    [Parameter(ValueFromPipeline = true, ParameterSetName = HostNameSet)]
    [Parameter(ValueFromPipeline = true, ParameterSetName = TargetSet)]
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputObjectSet)]
    public PSObject? InputObject { get; set; }

    /// <summary>Gets or sets a value indicating whether sudo is left alone, so that what needs root stays unknown.</summary>
    [Parameter(ParameterSetName = LocalSet)]
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(ParameterSetName = InventorySet)]
    [Parameter(ParameterSetName = TargetSet)]
    [Parameter(ParameterSetName = InputObjectSet)]
    public SwitchParameter NoSudo { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        HostSettings ssh = ReadSettings(Options, UserName, KeyFilePath, Port, ConnectingTimeout);
        _words = new HostWords(InventoryPath is null ? null : ReadInventory(FilePath(InventoryPath)), ssh);

        // What the pipeline binds comes later.
        _isHostNamed =
            MyInvocation.BoundParameters.ContainsKey(nameof(HostName))
            || MyInvocation.BoundParameters.ContainsKey(nameof(Target));
        _takesName = !MyInvocation.MyCommand.Parameters.Values.Any(IsPipedName);
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

    /// <summary>Makes a host of a file that the pipeline names; null where none can be made of it.</summary>
    private protected virtual HostTarget? TargetOfFile(string path) => null;

    /// <summary>Looks at what came down the pipeline with a host.</summary>
    private protected virtual void OnPiped(PSObject item, HostTarget target) { }

    /// <summary>Lists the hosts that the parameters of the present set name.</summary>
    private protected virtual IEnumerable<HostTarget> NamedTargets() =>
        InputObject is not null ? PipedTargets(InputObject) : TargetsOfSet();

    private static bool IsPipedName(ParameterMetadata parameter) =>
        (parameter.Name == "Name" || parameter.Aliases.Contains("Name"))
        && parameter.ParameterSets.Values.Any(static set => set.ValueFromPipelineByPropertyName);

    private IEnumerable<HostTarget> TargetsOfSet() =>
        ParameterSetName switch
        {
            _ when Target.Length > 0 => Target.Select(_words.CompleteKnown),
            LocalSet => _words.Resolve([]),
            TargetSet => NoTargets(),
            _ when HostName.Length > 0 => HostName.SelectMany(word => TargetsOf(word, new HostSettings())).Distinct(),
            _ => TargetsOf(word: null, new HostSettings()),
        };

    private HostTarget[] NoTargets()
    {
        WriteError(ErrorRecords.TargetsEmpty());
        return [];
    }

    private IEnumerable<HostTarget> PipedTargets(PSObject input) =>
        input.BaseObject is IEnumerable many and not string and not IDictionary
            ? many.Cast<object>().SelectMany(item => TargetsOf(PSObject.AsPSObject(item)))
            : TargetsOf(input);

    private IEnumerable<HostTarget> TargetsOf(PSObject item)
    {
        PipedHost host = PipedHost.Of(item, _takesName);
        if (host.IsNone && (_isHostNamed || InventoryPath is not null))
        {
            return TargetsOfSet();
        }

        if (_isHostNamed)
        {
            ThrowTerminatingError(
                ErrorRecords.RequestInvalid(
                    "-HostName or -Target names a host, and so does the object from the pipeline: give one of the two."
                )
            );
        }

        HostTarget[] targets = [.. TargetsOf(host, item)];
        foreach (HostTarget target in targets)
        {
            OnPiped(item, target);
        }

        return targets;
    }

    private IEnumerable<HostTarget> TargetsOf(PipedHost host, PSObject item)
    {
        if (host.Target is not null)
        {
            return [_words.CompleteKnown(host.Target)];
        }

        if (host.Word is not null)
        {
            return TargetsOf(host.Word, host.Columns);
        }

        if (host.Path is not null && TargetOfFile(FilePath(host.Path)) is { } recorded)
        {
            return [recorded];
        }

        WriteError(
            ErrorRecords.InputNotHost(
                item,
                host.Path is null ? host.Fault : "a file is no live host; this cmdlet takes live hosts"
            )
        );
        return [];
    }

    private IReadOnlyList<HostTarget> TargetsOf(string? word, HostSettings nearer)
    {
        try
        {
            return word is null ? _words.All() : _words.HostsOf(word, nearer);
        }
        catch (HostWordException error)
        {
            WriteError(ErrorRecords.FromHostWord(error, word ?? InventoryPath));
            return [];
        }
    }
}
