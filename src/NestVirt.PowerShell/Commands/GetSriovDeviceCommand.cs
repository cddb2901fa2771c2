using System.Management.Automation;
using NestVirt.Client;
using NestVirt.Filters;
using NestVirt.Model;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Questions;

namespace NestVirt.PowerShell.Commands;

/// <summary>Gets the physical functions that can have virtual ones, with those that they have.</summary>
[Cmdlet(VerbsCommon.Get, "SriovDevice", DefaultParameterSetName = HostSet)]
[OutputType(typeof(SriovDevice))]
public sealed class GetSriovDeviceCommand : HostReadCommand<SriovDevice>
{
    /// <summary>Gets or sets the addresses of the physical functions to keep, such as 0000:03:00.*.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PciAddressCompleter))]
    public string[]? Address { get; set; }

    /// <inheritdoc/>
    protected override IHostQuery<SriovDevice> CreateQuery() => HostQueries.Ask(HostQuestions.SriovDevices);

    /// <inheritdoc/>
    protected override ResultFilter<SriovDevice> CreateFilter() => new SriovDeviceFilter(Address);
}
