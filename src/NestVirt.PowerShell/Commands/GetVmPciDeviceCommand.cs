using System.Management.Automation;
using NestVirt.Client;
using NestVirt.Filters;
using NestVirt.Model;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Questions;

namespace NestVirt.PowerShell.Commands;

/// <summary>Gets the PCI devices of hosts that virtual machines own, be they running or off.</summary>
[Cmdlet(VerbsCommon.Get, "VmPciDevice", DefaultParameterSetName = HostSet)]
[OutputType(typeof(VmPciDevice))]
public sealed class GetVmPciDeviceCommand : HostReadCommand<VmPciDevice>
{
    /// <summary>Gets or sets the virtual machines whose devices to keep, by name or id.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public string[]? VMName { get; set; }

    /// <inheritdoc/>
    protected override IHostQuery<VmPciDevice> CreateQuery() => HostQueries.Ask(HostQuestions.VmPciDevices);

    /// <inheritdoc/>
    protected override ResultFilter<VmPciDevice> CreateFilter() => new VmPciDeviceFilter(VMName);
}
