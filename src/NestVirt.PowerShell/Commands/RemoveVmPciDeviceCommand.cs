using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.PowerShell.Pipeline;

namespace NestVirt.PowerShell.Commands;

/// <summary>Takes PCI devices back from a virtual machine, for its host to use.</summary>
[Cmdlet(VerbsCommon.Remove, "VmPciDevice", DefaultParameterSetName = HostSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChangeResult), typeof(ChangePlan))]
public sealed class RemoveVmPciDeviceCommand : VmPciChangeCommand
{
    /// <inheritdoc/>
    private protected override bool TakesVMOfRecord => true;

    /// <inheritdoc/>
    protected override ChangeRequest CreateRequest() => RequestOf(add: false);
}
