using System.Collections;
using System.Management.Automation;
using System.Security;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.PowerShell.Cim;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Parameters;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Sessions;
using NestVirt.Text;

namespace NestVirt.PowerShell.Commands;

/// <summary>Makes reviewed plans so; refuses where the host has changed since.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "NestPlan", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChangeResult))]
public sealed class InvokeNestPlanCommand : ConnectingCommand, IConnectionParameters, IChangeParameters
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private const string InputObjectSet = "InputObject";

    private readonly HashSet<string> _files = new(StringComparer.Ordinal);
    private readonly List<ReviewedPlan> _plans = [];
    private Connection _connection = null!;
    private HostChanger _changer = null!;
    private HostChanging _changes = null!;
    private PipedPlans _piped = null!;

    /// <summary>Gets or sets the files that Export-NestPlan or nestvirt --plan wrote.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Gets or sets the files, by paths in which no character is a wildcard.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet)]
    [ValidateNotNullOrEmpty]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Gets or sets the plans: those that -AsPlan wrote, plan files, or the text of one.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputObjectSet)]
    [ValidateNotNull]
    public PSObject? InputObject { get; set; }

    /// <summary>Gets or sets the Linux hosts to apply the plans to: the live host of a recorded one, or where it is reached in another way.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(HostNameCompleter))]
    public string[] HostName { get; set; } = [];

    /// <summary>Gets or sets the Hyper-V hosts to apply the plans to: the live host of a recorded one, or where it is reached in another way.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [Alias("Cn")]
    [ArgumentCompleter(typeof(ComputerNameCompleter))]
    public string[] ComputerName { get; set; } = [];

    /// <summary>Gets or sets the sessions in which to apply the plans.</summary>
    [Parameter]
    [NestSessions]
    public NestSession[] Session { get; set; } = [];

    /// <summary>Gets or sets a JSON or .psd1 file of hosts, which says how those of the plans are reached.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? InventoryPath { get; set; }

    /// <summary>Gets or sets a value indicating whether the inventory may set every ssh option, also those that run programs on this machine or believe any host.</summary>
    [Parameter]
    public SwitchParameter TrustInventory { get; set; }

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

    /// <summary>Gets or sets the account and its password.</summary>
    [Parameter]
    [Credential]
    [ValidateNotNull]
    public PSCredential? Credential { get; set; }

    /// <summary>Gets or sets what speaks CIM with Hyper-V hosts.</summary>
    [Parameter]
    public CimClient? CimClient { get; set; }

    /// <summary>Gets or sets sessions of New-CimSession in which to apply the plans.</summary>
    [Parameter]
    [CimSessions]
    public object[] CimSession { get; set; } = [];

    /// <summary>Gets or sets how to log in to Hyper-V hosts.</summary>
    [Parameter]
    public WsManAuthentication? Authentication { get; set; }

    /// <summary>Gets or sets a value indicating whether Hyper-V hosts are reached over HTTPS.</summary>
    [Parameter]
    public SwitchParameter UseSSL { get; set; }

    /// <summary>Gets or sets the thumbprint of the one certificate that Hyper-V hosts over HTTPS may have.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CertificateThumbprint { get; set; }

    /// <summary>Gets or sets the file of the authorities that vouch for Hyper-V hosts over HTTPS.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? AuthorityFilePath { get; set; }

    /// <summary>Gets or sets what protects the private key.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? KeyPassphrase { get; set; }

    /// <summary>Gets or sets the password that sudo asks for.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? SudoPassword { get; set; }

    /// <summary>Gets or sets what speaks SSH.</summary>
    [Parameter]
    public SshClient? SshClient { get; set; }

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

    /// <summary>Gets or sets a value indicating whether nobody is asked about what the plans interrupt, or may interrupt.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Gets or sets a value indicating whether a host may be restarted when the change waits for that.</summary>
    [Parameter]
    public SwitchParameter Restart { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _connection = new Connection(this, this);
        _changer = Keep(HostChangers.Open(Restart));
        _changes = new HostChanging(this, this, isReviewed: true);
        _piped = new PipedPlans(this, takesFiles: true);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (InputObject is not null)
        {
            _piped.Add(InputObject);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        ReadPlans();
        foreach (
            ReviewedPlan reviewed in HostName.Length + ComputerName.Length + Session.Length + CimSession.Length > 0
                ? Addressed()
                : AsTheySay()
        )
        {
            _changes.Add(
                reviewed.Plan.Target,
                (host, token) => _changer.PrepareAsync(reviewed.For(host).Plan, reviewed.Fingerprint, token)
            );
        }

        _changes.Finish();
    }

    private void ReadPlans()
    {
        _plans.AddRange(_piped.Plans.Select(static plan => new ReviewedPlan(plan, plan.Fingerprint)));
        IEnumerable<string> files = Path.SelectMany(Resolve).Concat(LiteralPath.Select(this.FilePath));
        _plans.AddRange(
            files
                .Concat(_piped.Files)
                .Where(_files.Add)
                .SelectMany(file => Read(file, () => InputFile.ReadText(file, StopToken)))
        );
        _plans.AddRange(_piped.Texts.SelectMany(piped => Read(piped.Source, () => piped.Text)));
    }

    private IReadOnlyList<ReviewedPlan> Addressed()
    {
        try
        {
            return ReviewedPlan.Address(
                _plans,
                [
                    .. Session.Select(session => _connection.WithLimits(session.Target)),
                    .. CimSession.Select(session => _connection.WithLimits(MiClient.TargetOf(session))),
                    .. HostName.SelectMany(_connection.HostsOf),
                    .. ComputerName.SelectMany(word => _connection.HostsOf(HostWords.HyperV(word))),
                ]
            );
        }
        catch (NestVirtException error)
        {
            ThrowTerminatingError(
                ErrorRecords.PlanNotRead(
                    error,
                    string.Join(
                        ", ",
                        Session
                            .Select(static session => session.Name)
                            .Concat(CimSession.Select(static session => MiClient.TargetOf(session).Name))
                            .Concat(HostName)
                            .Concat(ComputerName)
                    )
                )
            );
            throw;
        }
    }

    private IEnumerable<ReviewedPlan> AsTheySay()
    {
        foreach (ReviewedPlan recorded in _plans.Where(static plan => plan.Plan.IsRecorded))
        {
            WriteError(ErrorRecords.PlanRecorded(recorded.Plan));
        }

        return _plans.Where(static plan => !plan.Plan.IsRecorded).SelectMany(AsItSays);
    }

    private IReadOnlyList<ReviewedPlan> AsItSays(ReviewedPlan reviewed)
    {
        HostTarget target = reviewed.Plan.Target;
        try
        {
            return [reviewed.For(_connection.WithLimits(_connection.Words.CompleteKnown(target)))];
        }
        catch (HostWordException error)
        {
            WriteError(ErrorRecords.FromHostWord(error, target.Name));
            return [];
        }
    }

    private IReadOnlyList<ReviewedPlan> Read(string source, Func<string> read)
    {
        try
        {
            return PlanDocument.ReadAll(read(), source);
        }
        catch (Exception error) when (error is NestVirtException or IOException or UnauthorizedAccessException)
        {
            WriteError(ErrorRecords.PlanNotRead(error, source));
            return [];
        }
    }

    private IReadOnlyList<string> Resolve(string path) =>
        this.FilesOf(
            path,
            error =>
                ErrorRecords.PlanNotRead(
                    error
                        ?? (Exception)
                            new FileNotFoundException($"There is no plan '{HostText.ForDisplay(path)}'.", path),
                    path
                )
        );
}
