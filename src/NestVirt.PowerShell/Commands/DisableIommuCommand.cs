using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.PowerShell.Pipeline;

namespace NestVirt.PowerShell.Commands;

/// <summary>Turns the IOMMU of one or more hosts off at the next boot.</summary>
[Cmdlet(VerbsLifecycle.Disable, "Iommu", DefaultParameterSetName = HostSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChangeResult), typeof(ChangePlan))]
public sealed class DisableIommuCommand : HostChangeCommand
{
    /// <inheritdoc/>
    protected override ChangeRequest CreateRequest() => new IommuRequest(Enable: false);
}
