using System.Globalization;
using System.Management.Automation;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Parameters;
using NestVirt.Sessions;

namespace NestVirt.PowerShell.Commands;

/// <summary>Ends sessions, what runs in them, and their log-ins.</summary>
[Cmdlet(VerbsCommon.Remove, "NestSession", DefaultParameterSetName = SessionSet, SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveNestSessionCommand : PSCmdlet
{
    private const string SessionSet = "Session";
    private const string NameSet = "Name";
    private const string IdSet = "Id";

    private readonly List<NestSession> _sessions = [];

    /// <summary>Gets or sets the sessions.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = SessionSet, ValueFromPipeline = true)]
    [NestSessions]
    public NestSession[] Session { get; set; } = [];

    /// <summary>Gets or sets the names of the sessions.</summary>
    [Parameter(Mandatory = true, ParameterSetName = NameSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Gets or sets the numbers of the sessions.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public int[] Id { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SessionChoice? choice = ParameterSetName == SessionSet ? null : new SessionChoice(Name, Id);
        foreach (object missing in choice?.Missing ?? [])
        {
            WriteError(ErrorRecords.SessionNotFound(missing));
        }

        foreach (NestSession session in choice?.Sessions ?? Session)
        {
            string title = string.Create(CultureInfo.InvariantCulture, $"session {session.Id} ({session.HostName})");
            if (ShouldProcess(title, "Remove"))
            {
                _sessions.Add(session);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => OpenSessions.Remove(_sessions);
}
