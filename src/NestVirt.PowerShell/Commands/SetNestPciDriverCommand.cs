using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Pipeline;

namespace NestVirt.PowerShell.Commands;

/// <summary>Binds PCI devices to a driver, such as vfio-pci, or gives them back to the host.</summary>
[Cmdlet(VerbsCommon.Set, "NestPciDriver", DefaultParameterSetName = HostSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChangeResult), typeof(ChangePlan))]
public sealed class SetNestPciDriverCommand : HostChangeCommand
{
    // The word of nestvirt set driver.
    private const string HostWord = "host";

    /// <summary>Gets or sets the address of the device, such as 0000:01:00.0.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PciAddressCompleter))]
    public string Address { get; set; } = string.Empty;

    /// <summary>Gets or sets the driver, such as vfio-pci; host is the one that the host chooses by itself.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PciDriverChoiceCompleter))]
    public string? Driver { get; set; }

    /// <summary>Gets or sets a value indicating whether the device gets the driver that the host chooses by itself.</summary>
    [Parameter]
    public SwitchParameter HostDriver { get; set; }

    /// <summary>Gets or sets a value indicating whether the other devices of its IOMMU group are bound, too.</summary>
    [Parameter]
    public SwitchParameter WholeGroup { get; set; }

    /// <summary>Gets or sets a value indicating whether the driver holds only until the next boot.</summary>
    [Parameter]
    public SwitchParameter Temporary { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if ((Driver is not null) == HostDriver)
        {
            ThrowTerminatingError(ErrorRecords.RequestInvalid("Give one of -Driver and -HostDriver."));
        }

        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override ChangeRequest CreateRequest() =>
        new PciDriverRequest(Address, HostWord.Equals(Driver, StringComparison.OrdinalIgnoreCase) ? null : Driver)
        {
            WholeGroup = WholeGroup,
            IsTemporary = Temporary,
        };
}
