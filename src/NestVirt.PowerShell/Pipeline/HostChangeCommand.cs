using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Parameters;

namespace NestVirt.PowerShell.Pipeline;

/// <summary>Asks hosts for one change, or for one change a pipeline record, each by a plan that the user agrees to.</summary>
public abstract class HostChangeCommand : HostCommand, IChangeParameters
{
    // A host that comes down the pipeline with each of its devices is asked for the same change once.
    private readonly HashSet<(HostTarget Target, ChangeRequest Request)> _asked = [];
    private HostChanger _changer = null!;
    private HostChanging _changes = null!;

    /// <summary>Gets or sets a value indicating whether to write what became of the changes.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Gets or sets a value indicating whether what is in use may be interrupted, without another question.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Gets or sets a value indicating whether to write the plans, and to change nothing.</summary>
    [Parameter]
    public SwitchParameter AsPlan { get; set; }

    /// <summary>Gets or sets a value indicating whether a host may be restarted when the change waits for that.</summary>
    [Parameter]
    public virtual SwitchParameter Restart { get; set; }

    /// <inheritdoc/>
    SwitchParameter IChangeParameters.Restart => Restart && !RestartsGuests;

    /// <summary>Gets a value indicating whether <see cref="Restart"/> is about virtual machines.</summary>
    protected virtual bool RestartsGuests => false;

    /// <summary>Gets the object of the pipeline that the request is made for; null where there is none.</summary>
    private protected PSObject? Record { get; private set; }

    /// <summary>Makes the request of the present pipeline record, of what the parameters say.</summary>
    /// <returns>The request.</returns>
    protected abstract ChangeRequest CreateRequest();

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _changer = Keep(HostChangers.Open(Restart && !RestartsGuests));
        _changes = new HostChanging(this, this, AsPlan);
        _changes.RequireLive(ParameterSetName);
    }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        // Of an array that is one object, each item has hosts and wishes of its own.
        foreach (NamedHost named in Hosts.OfRecord())
        {
            Record = named.Record;
            ChangeRequest asked = CreateRequest();
            if (IsFaultless(asked) && !Gather(named.Target))
            {
                Ask(named.Target, asked);
            }
        }
    }

    /// <inheritdoc/>
    protected sealed override void EndProcessing()
    {
        foreach (HostTarget target in TakeGathered())
        {
            // What each asks for may be in order, and not all of it together.
            ChangeRequest asked = CreateRequest();
            if (IsFaultless(asked))
            {
                Ask(target, asked);
            }
        }

        _changes.Finish();
    }

    /// <summary>Keeps what the present pipeline record asks of a host for the end, where it is asked for together with what others ask.</summary>
    /// <param name="target">The host.</param>
    /// <returns>False where it is asked for by itself.</returns>
    private protected virtual bool Gather(HostTarget target) => false;

    /// <summary>Gets the hosts of which something was kept; while one is handed over, the request is that of all that was kept of it.</summary>
    /// <returns>The hosts.</returns>
    private protected virtual IEnumerable<HostTarget> TakeGathered() => [];

    private void Ask(HostTarget host, ChangeRequest asked)
    {
        ChangeRequest request = WithScope(asked);
        if (_asked.Add((host, request)))
        {
            _changes.Add(host, (target, token) => _changer.PrepareAsync(target, request, token));
        }
    }

    private ChangeRequest WithScope(ChangeRequest request) =>
        this is not IModuleReloadParameters reload
            ? request with
            {
                Force = Force,
            }
            : request with
            {
                Force = Force,
                StopGuests = reload.StopGuest,
                GuestTimeoutSeconds = reload.GuestTimeout,
                ReplaceConflict = reload.ReplaceConflict,
            };

    private bool IsFaultless(ChangeRequest asked)
    {
        if (asked.FindFaults() is not [{ } fault, ..])
        {
            return true;
        }

        Reject(ErrorRecords.RequestInvalid(fault));
        return false;
    }

    // Of what comes down the pipeline, the next record may be in order.
    private void Reject(ErrorRecord error)
    {
        if (!MyInvocation.ExpectingInput)
        {
            ThrowTerminatingError(error);
        }

        WriteError(error);
    }
}
