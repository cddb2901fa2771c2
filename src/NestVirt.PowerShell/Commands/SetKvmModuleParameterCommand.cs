using System.Collections;
using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Parameters;
using NestVirt.PowerShell.Pipeline;

namespace NestVirt.PowerShell.Commands;

/// <summary>Sets parameters of one of KVM's modules, for now and for every load to come.</summary>
[Cmdlet(VerbsCommon.Set, "KvmModuleParameter", DefaultParameterSetName = HostSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChangeResult), typeof(ChangePlan))]
public sealed class SetKvmModuleParameterCommand : HostChangeCommand, IModuleReloadParameters
{
    /// <summary>Gets or sets the module, such as kvm_intel.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [Alias("Name")]
    [ArgumentCompleter(typeof(KvmModuleNameCompleter))]
    public string Module { get; set; } = string.Empty;

    /// <summary>Gets or sets the parameters, by name.</summary>
    [Parameter(Mandatory = true, Position = 2)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(ModuleParameterCompleter))]
    public Hashtable Parameter { get; set; } = [];

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
        if (Parameter.Count == 0)
        {
            ThrowTerminatingError(
                ErrorRecords.RequestInvalid("-Parameter names no parameter, such as @{ enable_shadow_vmcs = $true }.")
            );
        }

        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override ChangeRequest CreateRequest() =>
        new ModuleParameterRequest(Module, ModuleParameters.From(Parameter, out _));
}
