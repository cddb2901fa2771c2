using System.Management.Automation;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Parameters;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Questions;

namespace NestVirt.PowerShell.Commands;

/// <summary>Gets the PCI functions of one or more hosts.</summary>
[Cmdlet(VerbsCommon.Get, "NestPciDevice", DefaultParameterSetName = LocalSet)]
[OutputType(typeof(PciDevice))]
public sealed class GetNestPciDeviceCommand : HostReadCommand<PciDevice>
{
    private WildcardFilter _addresses = null!;
    private WildcardFilter _classes = null!;
    private WildcardFilter _drivers = null!;
    private WildcardFilter _vendors = null!;

    /// <summary>Gets or sets the addresses to keep, such as 0000:03:00.*.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PciAddressCompleter))]
    public string[]? Address { get; set; }

    /// <summary>Gets or sets the classes to keep, by name or by code, such as *Ethernet* or 0200*.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PciClassCompleter))]
    public string[]? Class { get; set; }

    /// <summary>Gets or sets the bound drivers to keep, such as vfio-pci.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PciDriverCompleter))]
    public string[]? Driver { get; set; }

    /// <summary>Gets or sets the vendors to keep, by name or by id, such as *NVIDIA* or 10de.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PciVendorCompleter))]
    public string[]? Vendor { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _addresses = new WildcardFilter(Address);
        _classes = new WildcardFilter(Class);
        _drivers = new WildcardFilter(Driver);
        _vendors = new WildcardFilter(Vendor);
        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override IHostQuery<PciDevice> CreateQuery() => HostQueries.Ask(HostQuestions.PciDevices);

    /// <inheritdoc/>
    private protected override void OnAnswered(IReadOnlyList<HostTarget> hosts) =>
        WriteNotFound("the address", _addresses.Unmatched);

    /// <inheritdoc/>
    protected override bool IsWanted(PciDevice value) =>
        _addresses.FitsAddress(value.Address)
        && _classes.FitsClass(value)
        && _drivers.Fits(value.Driver)
        && _vendors.FitsVendor(value);
}
