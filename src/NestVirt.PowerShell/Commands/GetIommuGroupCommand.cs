using System.Management.Automation;
using NestVirt.Client;
using NestVirt.Model;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Hosting;
using NestVirt.Questions;

namespace NestVirt.PowerShell.Commands;

/// <summary>Gets the IOMMU groups of one or more hosts.</summary>
[Cmdlet(VerbsCommon.Get, "IommuGroup", DefaultParameterSetName = LocalSet)]
[OutputType(typeof(IommuGroup))]
public sealed class GetIommuGroupCommand : HostReadCommand<IommuGroup>
{
    private WildcardFilter _addresses = null!;

    /// <summary>Gets or sets the group numbers to keep; all when it is not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ValidateRange(0, int.MaxValue)]
    [ArgumentCompleter(typeof(IommuGroupNumberCompleter))]
    public int[]? Number { get; set; }

    /// <summary>Gets or sets the PCI addresses of which a group must hold one, such as 0000:03:00.*.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PciAddressCompleter))]
    public string[]? Address { get; set; }

    /// <summary>Gets or sets a value indicating whether to leave out groups that hold more than one device.</summary>
    [Parameter]
    public SwitchParameter Isolated { get; set; }

    /// <summary>Gets or sets a value indicating whether to leave out groups that no guest could be given now.</summary>
    [Parameter]
    public SwitchParameter Viable { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _addresses = new WildcardFilter(Address);
        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override IHostQuery<IommuGroup> CreateQuery() => HostQueries.Ask(HostQuestions.IommuGroups);

    /// <inheritdoc/>
    protected override bool IsWanted(IommuGroup value) =>
        (Number is null || Number.Contains(value.Number))
        && (!Isolated || value.IsIsolated)
        && (!Viable || value.IsViable)
        && (Address is null || value.Devices.Any(device => _addresses.FitsAddress(device.Address)));
}
