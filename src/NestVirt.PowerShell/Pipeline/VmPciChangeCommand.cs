using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Parameters;

namespace NestVirt.PowerShell.Pipeline;

/// <summary>A change of PCI devices of a Hyper-V host and one of its virtual machines: of the devices that are named, or of the one that comes down the pipeline.</summary>
public abstract class VmPciChangeCommand : HostChangeCommand
{
    // A device's own name is none of these: where it is plugged in tells it from its like.
    private static readonly string[] s_deviceColumns = ["LocationPath", "Address", "InstancePath"];
    private static readonly string[] s_vmColumns = ["VMId", "VMName", "OwnerVmId", "OwnerVm"];

    private string[]? _named;
    private string? _vm;

    /// <summary>Gets or sets the virtual machine, by name or id.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public string? VMName { get; set; }

    /// <summary>Gets or sets the devices, by address, location path or instance path.</summary>
    [Parameter(Position = 2)]
    [Alias("Address", "LocationPath", "InstancePath")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PciAddressCompleter))]
    public string[]? Device { get; set; }

    /// <summary>Gets or sets a value indicating whether the virtual machine is shut down where that is needed, and started again.</summary>
    [Parameter]
    [Alias("StopGuest")]
    public override SwitchParameter Restart { get; set; }

    /// <summary>Gets or sets how long the virtual machine may take to shut down, in seconds.</summary>
    [Parameter]
    [ValidateRange(1, ChangeScope.MaximumGuestTimeoutSeconds)]
    public int GuestTimeout { get; set; } = ChangeScope.DefaultGuestTimeoutSeconds;

    /// <inheritdoc/>
    protected override bool RestartsGuests => true;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        (_named, _vm) = (Device, VMName);
        base.BeginProcessing();
    }

    /// <summary>Makes the request of the present pipeline record. What neither a parameter nor the record names is blank, and is refused.</summary>
    /// <param name="add">Whether the virtual machine gets the devices.</param>
    /// <returns>The request.</returns>
    private protected VmPciDeviceRequest RequestOf(bool add) =>
        new(
            _vm ?? (add ? null : TextOf(s_vmColumns)) ?? string.Empty,
            _named ?? (TextOf(s_deviceColumns) is { } device ? [device] : []),
            add
        )
        {
            StopGuests = Restart,
            GuestTimeoutSeconds = GuestTimeout,
        };

    private string? TextOf(string[] columns) =>
        Record is null
            ? null
            : columns.Select(name => PipedHost.Text(Record, name)).FirstOrDefault(static text => text is not null);
}
