using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.PowerShell.Pipeline;

namespace NestVirt.PowerShell.Commands;

/// <summary>Turns the IOMMU of one or more hosts off at the next boot.</summary>
[Cmdlet(VerbsLifecycle.Disable, "Iommu", DefaultParameterSetName = HostSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChangeResult), typeof(ChangePlan))]
public sealed class DisableIommuCommand : HostChangeCommand
{
    /// <summary>Gets or sets a value indicating whether lines of other files that conflict are commented out.</summary>
    [Parameter]
    public SwitchParameter ReplaceConflict { get; set; }

    /// <inheritdoc/>
    protected override ChangeRequest CreateRequest() =>
        new IommuRequest(Enable: false) { ReplaceConflict = ReplaceConflict };
}
