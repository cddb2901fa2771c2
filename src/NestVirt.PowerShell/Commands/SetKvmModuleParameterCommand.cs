using System.Collections;
using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Parameters;
using NestVirt.PowerShell.Pipeline;

namespace NestVirt.PowerShell.Commands;

/// <summary>Sets parameters of one of KVM's modules, for now and for every load to come.</summary>
[Cmdlet(VerbsCommon.Set, "KvmModuleParameter", DefaultParameterSetName = LocalSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChangeResult), typeof(ChangePlan))]
public sealed class SetKvmModuleParameterCommand : ModuleChangeCommand
{
    private IReadOnlyDictionary<string, string> _parameters = null!;

    /// <summary>Gets or sets the module, such as kvm_intel.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [Alias("Name")]
    [ArgumentCompleter(typeof(KvmModuleNameCompleter))]
    public string Module { get; set; } = string.Empty;

    /// <summary>Gets or sets the parameters, by name.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(ModuleParameterCompleter))]
    public Hashtable Parameter { get; set; } = [];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _parameters = ModuleParameters.From(Parameter, out string? invalid);
        if (invalid is not null)
        {
            ThrowTerminatingError(ErrorRecords.ModuleParameterInvalid(invalid));
        }

        if (_parameters.Count == 0)
        {
            ThrowTerminatingError(
                ErrorRecords.RequestInvalid("-Parameter names no parameter, such as @{ enable_shadow_vmcs = $true }.")
            );
        }

        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override ChangeRequest CreateRequest() => new ModuleParameterRequest(Module, _parameters);
}
