using System.Collections;
using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Parameters;

namespace NestVirt.PowerShell.Pipeline;

/// <summary>Turns nesting on or off.</summary>
public abstract class NestingCommand : ModuleChangeCommand
{
    private readonly bool _enable;
    private IReadOnlyDictionary<string, string> _parameters = null!;

    private protected NestingCommand(bool enable) => _enable = enable;

    /// <summary>Gets or sets other parameters of the module that decides on nesting, by name.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(ModuleParameterCompleter))]
    public Hashtable? Parameter { get; set; }

    /// <inheritdoc/>
    protected sealed override void BeginProcessing()
    {
        _parameters = ModuleParameters.From(Parameter, out string? invalid);
        if (invalid is not null)
        {
            ThrowTerminatingError(ErrorRecords.ModuleParameterInvalid(invalid));
        }

        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected sealed override ChangeRequest CreateRequest() => new NestingRequest(_enable) { Parameters = _parameters };
}
