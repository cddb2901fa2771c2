using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.Hosts;

namespace NestVirt.PowerShell.Pipeline;

/// <summary>Changes many hosts at once, each by a plan that the user agrees to.</summary>
public abstract class HostChangeCommand : HostCommand
{
    private ChangeRun _run = null!;

    /// <summary>Gets or sets a value indicating whether to write what became of the changes.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Gets or sets a value indicating whether what is in use may be interrupted, without another question.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Says how to go about the changes.</summary>
    private protected abstract ChangeManner Manner { get; }

    /// <summary>Makes what plans the change that the present pipeline record asks for; null when it asks for none.</summary>
    private protected abstract Func<HostTarget, CancellationToken, Task<PreparedChange>>? PrepareRecord();

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _run = new ChangeRun(this, Manner, StopToken);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (PrepareRecord() is { } prepare)
        {
            foreach (HostTarget target in Targets())
            {
                Add(target, prepare);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => _run.Execute();

    /// <summary>Adds the change of one host.</summary>
    private protected virtual void Add(
        HostTarget target,
        Func<HostTarget, CancellationToken, Task<PreparedChange>> prepare
    )
    {
        WriteVerbose($"Planning for {target.Name} over {target.Transport}.");
        _run.Add(target, prepare);
    }
}
