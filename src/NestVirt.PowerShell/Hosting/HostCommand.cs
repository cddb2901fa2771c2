using System.Collections;
using System.Collections.ObjectModel;
using System.Management.Automation;
using NestVirt.Inventories;
using NestVirt.Model;
using NestVirt.PowerShell.Completion;

namespace NestVirt.PowerShell.Hosting;

/// <summary>Gives a cmdlet the parameters that name hosts, and a token that Ctrl+C signals.</summary>
public abstract class HostCommand : PSCmdlet, IDisposable
{
    /// <summary>No host named: this machine.</summary>
    protected const string LocalSet = "Local";

    /// <summary>Linux hosts, over SSH, as in Enter-PSSession -HostName.</summary>
    protected const string HostNameSet = "HostName";

    /// <summary>Linux hosts of a file, over SSH.</summary>
    protected const string InventorySet = "Inventory";

    /// <summary>Recorded hosts.</summary>
    protected const string SnapshotPathSet = "SnapshotPath";

    /// <summary>Directory trees that hold a host's proc and sys.</summary>
    protected const string RootSet = "Root";

    /// <summary>Hosts taken from objects that this module wrote.</summary>
    protected const string TargetSet = "Target";

    private const int DefaultThrottleLimit = 32;
    private const string FileSystemProvider = "FileSystem";

    private readonly CancellationTokenSource _stop = new();
    private HostSettings _ssh = null!;
    private HostInventory? _inventory;
    private bool _isDisposed;

    /// <summary>Gets or sets the Linux hosts: host, user@host or user@host:port, or hosts and groups of the inventory.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = HostNameSet)]
    [Parameter(Position = 0, ParameterSetName = InventorySet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(HostNameCompleter))]
    public string[] HostName { get; set; } = [];

    /// <summary>Gets or sets the file of hosts and groups, as JSON or as a PowerShell data file.</summary>
    [Parameter(Mandatory = true, ParameterSetName = InventorySet)]
    [ValidateNotNullOrEmpty]
    public string? InventoryPath { get; set; }

    /// <summary>Gets or sets the account for hosts that do not name one.</summary>
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(ParameterSetName = InventorySet)]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>Gets or sets the private key file.</summary>
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(ParameterSetName = InventorySet)]
    [ValidateNotNullOrEmpty]
    [Alias("IdentityFilePath")]
    public string? KeyFilePath { get; set; }

    /// <summary>Gets or sets the port for hosts that do not name one.</summary>
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(ParameterSetName = InventorySet)]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>Gets or sets how long connecting may take, in milliseconds.</summary>
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(ParameterSetName = InventorySet)]
    [ValidateRange(1, int.MaxValue)]
    public int? ConnectingTimeout { get; set; }

    /// <summary>Gets or sets options for the ssh client, by name.</summary>
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(ParameterSetName = InventorySet)]
    [ValidateNotNull]
    public Hashtable? Options { get; set; }

    /// <summary>Gets or sets the recorded hosts.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SnapshotPathSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] SnapshotPath { get; set; } = [];

    /// <summary>Gets or sets the directories that hold a host's proc and sys.</summary>
    [Parameter(Mandatory = true, ParameterSetName = RootSet)]
    [ValidateNotNullOrEmpty]
    public string[] Root { get; set; } = [];

    /// <summary>Gets or sets hosts taken from piped objects.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = TargetSet)]
    public HostTarget[] Target { get; set; } = [];

    /// <summary>Gets or sets how long a host may take to answer, log-in included, in milliseconds.</summary>
    [Parameter(ParameterSetName = LocalSet)]
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(ParameterSetName = InventorySet)]
    [Parameter(ParameterSetName = RootSet)]
    [Parameter(ParameterSetName = TargetSet)]
    [ValidateRange(1, int.MaxValue)]
    public int? CommandTimeout { get; set; }

    /// <summary>Gets or sets a value indicating whether sudo is left alone, so that what needs root stays unknown.</summary>
    [Parameter(ParameterSetName = LocalSet)]
    [Parameter(ParameterSetName = HostNameSet)]
    [Parameter(ParameterSetName = InventorySet)]
    [Parameter(ParameterSetName = TargetSet)]
    public SwitchParameter NoSudo { get; set; }

    /// <summary>Gets or sets how many hosts are asked at once.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = DefaultThrottleLimit;

    /// <summary>Gets the token that ends when the pipeline stops, or a downstream cmdlet wants no more.</summary>
    protected CancellationToken StopToken => _stop.Token;

    /// <summary>Abandons whatever still runs: Select-Object -First skips EndProcessing, but not this.</summary>
    public void Dispose()
    {
        Dispose(isDisposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Abandons whatever still runs.</summary>
    /// <param name="isDisposing">Whether this is a call of <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool isDisposing)
    {
        // The source itself is not disposed: hosts that are being left behind still look at its token.
        if (isDisposing && !_isDisposed)
        {
            _isDisposed = true;
            _stop.Cancel();
        }
    }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _ssh = new HostSettings
        {
            SshOptions = SshOptions.From(Options, out string? invalid),
            UserName = UserName,
            KeyFilePath = KeyFilePath is null ? null : FilePath(KeyFilePath),
            Port = Port,
            ConnectTimeout = ToTimeSpan(ConnectingTimeout),
        };
        if (invalid is not null)
        {
            ThrowTerminatingError(ErrorRecords.OptionInvalid(invalid));
        }

        if (_ssh.KeyFilePath is not null && !File.Exists(_ssh.KeyFilePath))
        {
            ThrowTerminatingError(ErrorRecords.KeyFileNotFound(_ssh.KeyFilePath));
        }

        if (InventoryPath is not null)
        {
            _inventory = ReadInventory(FilePath(InventoryPath));
        }

        OnHostsNamed();
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stop.Cancel();

    /// <summary>Names further hosts, when how to reach them is known and before any is asked.</summary>
    private protected virtual void OnHostsNamed()
    {
    }

    /// <summary>Makes a host of a name, as -HostName does, or ends the cmdlet when the name is of none or of several.</summary>
    private protected HostTarget OneHost(string name)
    {
        IReadOnlyList<HostTarget>? listed = _inventory is null ? null : InventoryFile.Find(_inventory, name);
        if (listed is null && HostTarget.TryParseSsh(name, out HostTarget? target))
        {
            return _ssh.ApplyTo(target);
        }

        if (listed is not [HostTarget only])
        {
            ThrowTerminatingError(listed is null ? ErrorRecords.HostNameInvalid(name) : ErrorRecords.HostNameAmbiguous(name, listed.Count));
            throw new PipelineStoppedException();
        }

        return _ssh.ApplyTo(only);
    }

    /// <summary>Gives a host the limits that hold for all.</summary>
    private protected HostTarget WithLimits(HostTarget target) => target with
    {
        CommandTimeout = ToTimeSpan(CommandTimeout) ?? target.CommandTimeout,
        AllowSudo = target.AllowSudo && !NoSudo,
    };

    /// <summary>Lists the hosts of the present pipeline record, and writes an error for each name that is none.</summary>
    private protected IEnumerable<HostTarget> Targets() => NamedTargets().Select(WithLimits);

    /// <summary>Lists the hosts that the parameters of the present set name.</summary>
    private protected virtual IEnumerable<HostTarget> NamedTargets() => ParameterSetName switch
    {
        HostNameSet => HostName.SelectMany(SshTargets).Select(_ssh.ApplyTo),
        InventorySet => InventoryTargets(_inventory!).Select(_ssh.ApplyTo),
        SnapshotPathSet => SnapshotPath.SelectMany(SnapshotTargets),
        RootSet => Root.Select(RootTarget),
        TargetSet => Target,
        _ => [HostTarget.Local],
    };

    /// <summary>Makes the target of a recorded host, which is shown by the name of its file.</summary>
    private protected static HostTarget SnapshotTarget(string providerPath) =>
        new(Path.GetFileNameWithoutExtension(providerPath), HostTransport.Snapshot) { Path = providerPath };

    /// <summary>Makes a path of the file system of what the user typed, wildcards taken as they stand; else ends the cmdlet.</summary>
    private protected string FilePath(string path)
    {
        string result = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
        if (provider.Name != FileSystemProvider)
        {
            ThrowTerminatingError(ErrorRecords.PathNotFileSystem(path));
        }

        return result;
    }

    /// <summary>Writes a file to the pipeline as Get-Item does.</summary>
    private protected void WriteFile(string path) =>
        WriteObject(InvokeProvider.Item.Get([$"{FileSystemProvider}::{path}"], force: true, literalPath: true), enumerateCollection: true);

    private static TimeSpan? ToTimeSpan(int? milliseconds) =>
        milliseconds is int value ? TimeSpan.FromMilliseconds(value) : null;

    private HostTarget RootTarget(string path)
    {
        string folder = FilePath(path);
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        return new HostTarget(name.Length == 0 ? folder : name, HostTransport.Root) { Path = folder };
    }

    private HostInventory? ReadInventory(string path)
    {
        try
        {
            return InventoryFile.Load(path);
        }
        catch (NestVirtException error)
        {
            ThrowTerminatingError(ErrorRecords.InventoryNotRead(error, path));
            return null;
        }
    }

    // As in the program: every host when none is named; what the file does not have is a host of its own.
    private IEnumerable<HostTarget> InventoryTargets(HostInventory inventory) => HostName.Length == 0
        ? inventory.Hosts
        : HostName.SelectMany(word => InventoryFile.Find(inventory, word) ?? UnlistedTargets(word)).Distinct();

    private IEnumerable<HostTarget> UnlistedTargets(string word)
    {
        if (!word.StartsWith('@') && !WildcardPattern.ContainsWildcardCharacters(word))
        {
            return SshTargets(word);
        }

        WriteError(ErrorRecords.InventoryNameNotFound(word, _inventory!.GroupNames));
        return [];
    }

    private IEnumerable<HostTarget> SshTargets(string name)
    {
        if (HostTarget.TryParseSsh(name, out HostTarget? target))
        {
            return [target];
        }

        WriteError(ErrorRecords.HostNameInvalid(name));
        return [];
    }

    private IEnumerable<HostTarget> SnapshotTargets(string path)
    {
        Collection<string> files;
        ProviderInfo provider;
        try
        {
            files = GetResolvedProviderPathFromPSPath(path, out provider);
        }
        catch (SessionStateException error)
        {
            WriteError(ErrorRecords.SourceNotFound(path, error));
            return [];
        }

        if (provider.Name != FileSystemProvider)
        {
            WriteError(ErrorRecords.PathNotFileSystem(path));
            return [];
        }

        string[] snapshots = [.. files.SelectMany(FilesIn)];

        // An audit of no files must not look like one that went well.
        if (snapshots.Length == 0)
        {
            WriteError(ErrorRecords.SourceNotFound(path));
        }

        return snapshots.Select(SnapshotTarget);
    }

    private static IEnumerable<string> FilesIn(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path, "*.json").Order(StringComparer.Ordinal)
        : [path];
}
