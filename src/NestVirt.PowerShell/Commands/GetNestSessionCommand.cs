using System.Management.Automation;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Parameters;
using NestVirt.Sessions;

namespace NestVirt.PowerShell.Commands;

/// <summary>Lists the sessions of this process.</summary>
[Cmdlet(VerbsCommon.Get, "NestSession", DefaultParameterSetName = NameSet)]
[OutputType(typeof(NestSession))]
public sealed class GetNestSessionCommand : PSCmdlet
{
    private const string NameSet = "Name";
    private const string IdSet = "Id";

    /// <summary>Gets or sets the names of the sessions.</summary>
    [Parameter(Position = 0, ParameterSetName = NameSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Gets or sets the numbers of the sessions.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public int[] Id { get; set; } = [];

    /// <summary>Gets or sets the hosts of the sessions.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] HostName { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SessionChoice choice = new(Name, Id);
        foreach (object missing in choice.Missing)
        {
            WriteError(ErrorRecords.SessionNotFound(missing));
        }

        WildcardPattern[] hosts = [.. HostName.Select(SessionChoice.Pattern)];
        foreach (NestSession session in choice.Sessions)
        {
            if (hosts.Length == 0 || Array.Exists(hosts, host => host.IsMatch(session.HostName)))
            {
                WriteObject(session);
            }
        }
    }
}
