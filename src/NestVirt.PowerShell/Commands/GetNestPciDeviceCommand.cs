using System.Management.Automation;
using NestVirt.Client;
using NestVirt.Filters;
using NestVirt.Model;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Questions;

namespace NestVirt.PowerShell.Commands;

/// <summary>Gets the PCI functions of one or more hosts.</summary>
[Cmdlet(VerbsCommon.Get, "NestPciDevice", DefaultParameterSetName = HostSet)]
[OutputType(typeof(PciDevice))]
public sealed class GetNestPciDeviceCommand : HostReadCommand<PciDevice>
{
    /// <summary>Gets or sets the addresses to keep, such as 0000:03:00.*.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PciAddressCompleter))]
    public string[]? Address { get; set; }

    /// <summary>Gets or sets the classes to keep, by name, part of a name or the first digits of the code, such as Ethernet or 02.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PciClassCompleter))]
    public string[]? Class { get; set; }

    /// <summary>Gets or sets the bound drivers to keep, such as vfio-pci; none keeps functions without one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PciDriverCompleter))]
    public string[]? Driver { get; set; }

    /// <summary>Gets or sets the vendors to keep, by name, part of a name or id, such as NVIDIA or 10de.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PciVendorCompleter))]
    public string[]? Vendor { get; set; }

    /// <summary>Gets or sets a value indicating whether to leave out functions that are not alone in their IOMMU group, bridges aside.</summary>
    [Parameter]
    public SwitchParameter Isolated { get; set; }

    /// <inheritdoc/>
    protected override IHostQuery<PciDevice> CreateQuery() => HostQueries.Ask(HostQuestions.PciDevices);

    /// <inheritdoc/>
    protected override ResultFilter<PciDevice> CreateFilter() =>
        new PciDeviceFilter(Address, Class, Driver, Vendor, Isolated);
}
