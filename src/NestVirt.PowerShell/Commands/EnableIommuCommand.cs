using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.PowerShell.Pipeline;

namespace NestVirt.PowerShell.Commands;

/// <summary>Turns the IOMMU of one or more hosts on at the next boot, with what each host needs and no more.</summary>
[Cmdlet(VerbsLifecycle.Enable, "Iommu", DefaultParameterSetName = HostSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChangeResult), typeof(ChangePlan))]
public sealed class EnableIommuCommand : HostChangeCommand
{
    /// <summary>Gets or sets whether the host's own devices bypass translation; it is left as it is when not given.</summary>
    [Parameter]
    public bool? Passthrough { get; set; }

    /// <inheritdoc/>
    protected override ChangeRequest CreateRequest() => new IommuRequest(Enable: true) { Passthrough = Passthrough };
}
