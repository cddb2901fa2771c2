using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.PowerShell.Hosting;

namespace NestVirt.PowerShell.Commands;

/// <summary>Takes changes back: every byte that they wrote.</summary>
[Cmdlet(VerbsCommon.Undo, "NestChange", DefaultParameterSetName = LocalSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChangeResult))]
public sealed class UndoNestChangeCommand : HostChangeCommand
{
    private const int DefaultGuestTimeout = 120;
    private const int MaximumSeconds = 86_400;

    private HostChanger _changer = null!;

    /// <summary>Gets or sets the number of the change in the host's journal; the newest that is not taken back yet when it is not given.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public int? Id { get; set; }

    /// <summary>Gets or sets a value indicating whether guests are shut down where the way back needs it, and started again.</summary>
    [Parameter]
    public SwitchParameter StopGuest { get; set; }

    /// <summary>Gets or sets how long a guest may take to shut down, in seconds.</summary>
    [Parameter]
    [ValidateRange(1, MaximumSeconds)]
    public int GuestTimeout { get; set; } = DefaultGuestTimeout;

    /// <summary>Gets or sets a value indicating whether a host may be restarted when a boot since the change made it take effect.</summary>
    [Parameter]
    public SwitchParameter Restart { get; set; }

    /// <inheritdoc/>
    private protected override ChangeManner Manner => new(ThrottleLimit, PassThru) { Force = Force, Restart = Restart };

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _changer = HostChangers.Create(Restart);
        base.BeginProcessing();
    }

    /// <inheritdoc/>
    private protected override Func<HostTarget, CancellationToken, Task<PreparedChange>>? PrepareRecord()
    {
        if (Id is null && InputObject?.Properties["Target"] is not null)
        {
            // What changed nothing has no number. To take back another change instead would surprise.
            WriteVerbose($"{InputObject}: the object names no change, and none is taken back.");
            return null;
        }

        int? id = Id;
        ChangeScope scope = new(StopGuest, GuestTimeout, Force);
        return (host, token) => _changer.PrepareUndoAsync(host, id, scope, token);
    }
}
