using System.Collections;
using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Parameters;
using NestVirt.PowerShell.Pipeline;

namespace NestVirt.PowerShell.Commands;

/// <summary>Keeps guests of one or more hosts from running hypervisors of their own.</summary>
[Cmdlet(
    VerbsLifecycle.Disable,
    "NestedVirtualization",
    DefaultParameterSetName = HostSet,
    SupportsShouldProcess = true
)]
[OutputType(typeof(ChangeResult), typeof(ChangePlan))]
public sealed class DisableNestedVirtualizationCommand : VmChangeCommand, IModuleReloadParameters
{
    /// <summary>Gets or sets other parameters of the module that decides on nesting, by name.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(ModuleParameterCompleter))]
    public Hashtable? Parameter { get; set; }

    /// <summary>Gets or sets a value indicating whether guests are shut down where the change needs it, and started again.</summary>
    [Parameter]
    public SwitchParameter StopGuest { get; set; }

    /// <summary>Gets or sets how long a guest may take to shut down, in seconds.</summary>
    [Parameter]
    [ValidateRange(1, ChangeScope.MaximumGuestTimeoutSeconds)]
    public int GuestTimeout { get; set; } = ChangeScope.DefaultGuestTimeoutSeconds;

    /// <summary>Gets or sets a value indicating whether lines of other files that conflict are commented out.</summary>
    [Parameter]
    public SwitchParameter ReplaceConflict { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        ModuleParameters.Require(this, Parameter);
        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override ChangeRequest CreateRequest() =>
        new NestingRequest(Enable: false) { VmNames = VMs, Parameters = ModuleParameters.From(Parameter, out _) };
}
