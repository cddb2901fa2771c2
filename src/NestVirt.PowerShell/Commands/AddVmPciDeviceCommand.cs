using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.PowerShell.Pipeline;

namespace NestVirt.PowerShell.Commands;

/// <summary>Gives PCI devices of a Hyper-V host to one of its virtual machines.</summary>
[Cmdlet(VerbsCommon.Add, "VmPciDevice", DefaultParameterSetName = HostSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChangeResult), typeof(ChangePlan))]
public sealed class AddVmPciDeviceCommand : VmPciChangeCommand
{
    private const int MebibyteShift = 20;

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
            LowMmioMebibytes = Mebibytes(LowMemoryMappedIoSpace),
            HighMmioMebibytes = Mebibytes(HighMemoryMappedIoSpace),
        };

    private static int? Mebibytes(long? bytes) =>
        bytes is { } number ? (int)((number + (1 << MebibyteShift) - 1) >> MebibyteShift) : null;
}
