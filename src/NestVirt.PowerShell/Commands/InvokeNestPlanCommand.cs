using System.Collections;
using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Parameters;
using NestVirt.PowerShell.Pipeline;

namespace NestVirt.PowerShell.Commands;

/// <summary>Makes reviewed plans so; refuses where the host has changed since.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "NestPlan", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChangeResult))]
public sealed class InvokeNestPlanCommand : ConnectingCommand, IConnectionParameters
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private const string InputObjectSet = "InputObject";

    // The lines that Get-Content reads have the path of their file each, and are one plan.
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);
    private Connection _connection = null!;
    private HostChanger _changer = null!;
    private ChangeRun _run = null!;

    /// <summary>Gets or sets the files that Export-NestPlan or nestvirt --plan wrote.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Gets or sets the files, by paths in which no character is a wildcard.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [ValidateNotNullOrEmpty]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Gets or sets the plans that -AsPlan wrote.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputObjectSet)]
    [ValidateNotNullOrEmpty]
    public ChangePlan[] InputObject { get; set; } = [];

    /// <summary>Gets or sets a JSON or .psd1 file of hosts, which says how those of the plans are reached.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? InventoryPath { get; set; }

    /// <summary>Gets or sets the account for hosts that do not name one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>Gets or sets the private key file.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [Alias("IdentityFilePath")]
    public string? KeyFilePath { get; set; }

    /// <summary>Gets or sets the port for hosts that do not name one.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>Gets or sets how long connecting may take, in milliseconds.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? ConnectingTimeout { get; set; }

    /// <summary>Gets or sets options for the ssh client, by name.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? Options { get; set; }

    /// <summary>Gets or sets a value indicating whether sudo is left alone, so that only root can change a host.</summary>
    [Parameter]
    public SwitchParameter NoSudo { get; set; }

    /// <summary>Gets or sets a value indicating whether to write what became of the changes.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Gets or sets a value indicating whether nobody is asked about what the plans interrupt.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Gets or sets a value indicating whether a host may be restarted when the change waits for that.</summary>
    [Parameter]
    public SwitchParameter Restart { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _connection = new Connection(this, this);
        _changer = HostChangers.Create(Restart);
        ChangeManner manner = new(ThrottleLimit, PassThru)
        {
            Force = Force,
            Restart = Restart,
            ApplyPart = _changer.ApplyAsync,
        };
        _run = new ChangeRun(this, manner, StopToken);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (ChangePlan plan in InputObject)
        {
            Add(plan, plan.Fingerprint);
        }

        foreach (string file in Path.SelectMany(Resolve).Concat(LiteralPath.Select(this.FilePath)).Where(_files.Add))
        {
            foreach ((ChangePlan plan, string fingerprint) in Read(file))
            {
                Add(plan, fingerprint);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => _run.Execute();

    private void Add(ChangePlan plan, string fingerprint)
    {
        HostTarget target = _connection.WithLimits(_connection.Words.CompleteKnown(plan.Target));
        _run.Add(target, (host, token) => _changer.PrepareAsync(plan with { Target = host }, fingerprint, token));
    }

    private IReadOnlyList<(ChangePlan Plan, string Fingerprint)> Read(string file)
    {
        try
        {
            return PlanDocument.ReadAll(File.ReadAllText(file), file);
        }
        catch (Exception error) when (error is NestVirtException or IOException or UnauthorizedAccessException)
        {
            WriteError(ErrorRecords.PlanNotRead(error, file));
            return [];
        }
    }

    private IReadOnlyList<string> Resolve(string path) =>
        this.FilesOf(
            path,
            error =>
                ErrorRecords.PlanNotRead(
                    error ?? (Exception)new FileNotFoundException($"There is no plan '{path}'.", path),
                    path
                )
        );
}
