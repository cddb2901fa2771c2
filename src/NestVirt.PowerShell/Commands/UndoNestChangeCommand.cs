using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Parameters;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Text;

namespace NestVirt.PowerShell.Commands;

/// <summary>Takes changes back: every byte that they wrote.</summary>
[Cmdlet(VerbsCommon.Undo, "NestChange", DefaultParameterSetName = HostSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChangeResult))]
public sealed class UndoNestChangeCommand : HostCommand, IChangeParameters
{
    private HostChanger _changer = null!;
    private HostChanging _changes = null!;

    /// <summary>Gets or sets the number of the change in the host's journal; the newest that is not taken back yet when it is not given.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    public int? Id { get; set; }

    /// <summary>Gets or sets a value indicating whether guests are shut down where the way back needs it, and started again.</summary>
    [Parameter]
    public SwitchParameter StopGuest { get; set; }

    /// <summary>Gets or sets how long a guest may take to shut down, in seconds.</summary>
    [Parameter]
    [ValidateRange(1, ChangeScope.MaximumGuestTimeoutSeconds)]
    public int GuestTimeout { get; set; } = ChangeScope.DefaultGuestTimeoutSeconds;

    /// <summary>Gets or sets a value indicating whether a host may be restarted when a boot since the change made it take effect.</summary>
    [Parameter]
    public SwitchParameter Restart { get; set; }

    /// <summary>Gets or sets a value indicating whether to write what became of the changes.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Gets or sets a value indicating whether a change is taken back though something was changed since.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // ssh would take it for the address 0.0.0.3.
        if (Array.Find(HostName, static word => word.All(char.IsAsciiDigit)) is { } number)
        {
            ThrowTerminatingError(
                ErrorRecords.RequestInvalid($"'{number}' is the number of a change, and no host: give it with -Id.")
            );
        }

        base.BeginProcessing();
        _changer = Keep(HostChangers.Open(Restart));
        _changes = new HostChanging(this, this);
        _changes.RequireLive(ParameterSetName);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Id is null && InputObject?.Properties["Target"] is not null)
        {
            // What changed nothing has no number. To take back another change instead would surprise.
            WriteVerbose(HostText.ForDisplay($"{InputObject}: the object names no change, and none is taken back."));
            return;
        }

        int? id = Id;
        ChangeScope scope = new(StopGuest, GuestTimeout, Force);
        foreach (NamedHost named in Hosts.OfRecord())
        {
            _changes.Add(named.Target, (host, token) => _changer.PrepareUndoAsync(host, id, scope, token));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => _changes.Finish();
}
