using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.PowerShell.Pipeline;

namespace NestVirt.PowerShell.Commands;

/// <summary>Gives PCI devices of a host to one of its virtual machines.</summary>
[Cmdlet(VerbsCommon.Add, "VmPciDevice", DefaultParameterSetName = HostSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChangeResult), typeof(ChangePlan))]
public sealed class AddVmPciDeviceCommand : VmPciChangeCommand
{
    private const int MebibyteShift = 20;

    /// <summary>Gets or sets a value indicating whether libvirt leaves the drivers of the devices as they are.</summary>
    [Parameter]
    public SwitchParameter Unmanaged { get; set; }

    /// <summary>Gets or sets the MAC address of the device, a virtual function of a network card; libvirt makes one up where it is left out.</summary>
    [Parameter]
    [ValidatePattern("^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$")]
    public string? MacAddress { get; set; }

    /// <summary>Gets or sets the VLAN of the device, a virtual function of a network card.</summary>
    [Parameter]
    [ValidateRange(1, 4094)]
    public int? VlanId { get; set; }

    /// <summary>Gets or sets the PCI address that the virtual machine sees.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? GuestAddress { get; set; }

    /// <summary>Gets or sets a value indicating whether functions of one card are functions of one device in the virtual machine, too.</summary>
    [Parameter]
    public SwitchParameter Multifunction { get; set; }

    /// <summary>Gets or sets a value indicating whether the ROM of the device is hidden.</summary>
    [Parameter]
    public SwitchParameter NoRom { get; set; }

    /// <summary>Gets or sets the file of the host that is shown in the place of the device's ROM.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? RomFile { get; set; }

    /// <summary>Gets or sets the space for memory of devices below 4 GiB, in bytes; what the devices take where it is left out.</summary>
    [Parameter]
    [ValidateRange(128L << MebibyteShift, 3584L << MebibyteShift)]
    public long? LowMemoryMappedIoSpace { get; set; }

    /// <summary>Gets or sets the space for memory of devices above 4 GiB, in bytes; what the devices take where it is left out.</summary>
    [Parameter]
    [ValidateRange(1L << MebibyteShift, 1L << 47)]
    public long? HighMemoryMappedIoSpace { get; set; }

    /// <inheritdoc/>
    /// <remarks>A device of the pipeline may name the virtual machine that has it, and not the one that gets it.</remarks>
    private protected override bool TakesVMOfRecord => false;

    /// <inheritdoc/>
    protected override ChangeRequest CreateRequest() =>
        RequestOf(add: true) with
        {
            Unmanaged = Unmanaged,
            MacAddress = MacAddress,
            VlanId = VlanId,
            GuestAddress = GuestAddress,
            Multifunction = Multifunction,
            NoRom = NoRom,
            RomFile = RomFile,
            LowMmioMebibytes = Mebibytes(LowMemoryMappedIoSpace),
            HighMmioMebibytes = Mebibytes(HighMemoryMappedIoSpace),
        };

    private static int? Mebibytes(long? bytes) =>
        bytes is { } number ? (int)((number + (1 << MebibyteShift) - 1) >> MebibyteShift) : null;
}
