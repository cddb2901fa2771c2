using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;

namespace NestVirt.PowerShell.Hosting;

/// <summary>Asks hosts for one change, or for one change a pipeline record.</summary>
public abstract class HostRequestCommand : HostChangeCommand
{
    // A host that comes down the pipeline with each of its devices is asked for the same change once.
    private readonly HashSet<(HostTarget Target, ChangeRequest Request)> _asked = [];
    private HostChanger _changer = null!;
    private ChangeRequest _request = null!;

    /// <summary>Gets or sets a value indicating whether to write the plans, and to change nothing.</summary>
    [Parameter]
    public SwitchParameter AsPlan { get; set; }

    /// <summary>Gets or sets a value indicating whether a host may be restarted when the change waits for that.</summary>
    [Parameter]
    public SwitchParameter Restart { get; set; }

    /// <inheritdoc/>
    private protected sealed override ChangeManner Manner =>
        new(ThrottleLimit, PassThru)
        {
            AsPlan = AsPlan,
            Force = Force,
            Restart = Restart,
            ApplyPart = _changer.ApplyAsync,
        };

    /// <summary>Makes the request of the present pipeline record.</summary>
    /// <returns>The request; null when an error was written instead.</returns>
    protected abstract ChangeRequest? CreateRequest();

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _changer = HostChangers.Create(Restart);
        base.BeginProcessing();
    }

    /// <summary>Adds to a request what the user allows.</summary>
    private protected virtual ChangeRequest WithScope(ChangeRequest request) => request with { Force = Force };

    /// <inheritdoc/>
    private protected sealed override Func<HostTarget, CancellationToken, Task<PreparedChange>>? PrepareRecord()
    {
        if (CreateRequest() is not { } asked)
        {
            return null;
        }

        if (asked.FindFaults() is [{ } fault, ..])
        {
            Reject(ErrorRecords.RequestInvalid(fault));
            return null;
        }

        ChangeRequest request = _request = WithScope(asked);
        return (host, token) => _changer.PrepareAsync(host, request, token);
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

    /// <inheritdoc/>
    private protected sealed override void Add(
        HostTarget target,
        Func<HostTarget, CancellationToken, Task<PreparedChange>> prepare
    )
    {
        if (_asked.Add((target, _request)))
        {
            base.Add(target, prepare);
        }
    }
}
