using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Parameters;
using NestVirt.PowerShell.Pipeline;

namespace NestVirt.PowerShell.Commands;

/// <summary>Fits virtual machines of a KVM host to its processors, memory, disks and network, so that hypervisors in them run fast.</summary>
[Cmdlet(VerbsCommon.Optimize, "VmNestedPerformance", DefaultParameterSetName = HostSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChangeResult), typeof(ChangePlan))]
public sealed class OptimizeVmNestedPerformanceCommand : VmChangeCommand
{
    /// <summary>Gets or sets the virtual machines, by name or id.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public override string[]? VMName { get; set; }

    /// <summary>Gets or sets what is fitted; all of it where it is left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public VmTuning[]? Tuning { get; set; }

    /// <summary>Gets or sets what becomes of the second threads of cores.</summary>
    [Parameter]
    public VmSiblingUse SiblingUse { get; set; }

    /// <summary>Gets or sets the NUMA node of the host; the one that suits best where it is left out.</summary>
    [Parameter]
    [ValidateRange(0, 1023)]
    public int? Node { get; set; }

    /// <summary>Gets or sets the size of huge pages, such as 2MB or 1GB; a number alone is one of bytes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PageSizeCompleter))]
    public string? PageSize { get; set; }

    /// <summary>Gets or sets how many threads run the disks of each; 0 for none.</summary>
    [Parameter]
    [ValidateRange(0, 64)]
    public int? IOThreadCount { get; set; }

    /// <summary>Gets or sets a value indicating whether virtual machines are shut down where that is needed, and started again.</summary>
    [Parameter]
    [Alias("StopGuest")]
    public override SwitchParameter Restart { get; set; }

    /// <summary>Gets or sets how long a virtual machine may take to shut down, in seconds.</summary>
    [Parameter]
    [ValidateRange(1, ChangeScope.MaximumGuestTimeoutSeconds)]
    public int GuestTimeout { get; set; } = ChangeScope.DefaultGuestTimeoutSeconds;

    /// <inheritdoc/>
    protected override bool RestartsGuests => true;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (PageSize is { } size && PageSizes.FaultOf("-PageSize", size) is { } fault)
        {
            ThrowTerminatingError(ErrorRecords.RequestInvalid(fault));
        }

        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override ChangeRequest CreateRequest() =>
        new VmTuningRequest(VMs ?? [])
        {
            Tunings = Tuning ?? [],
            Siblings = SiblingUse,
            Node = Node,
            PageSizeKiB = PageSize is { } size ? Text.PageSize.Parse(size) : null,
            IOThreadCount = IOThreadCount,
            StopGuests = Restart,
            GuestTimeoutSeconds = GuestTimeout,
        };
}
