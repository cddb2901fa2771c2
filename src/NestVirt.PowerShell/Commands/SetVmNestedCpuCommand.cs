using System.Collections;
using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Parameters;
using NestVirt.PowerShell.Pipeline;

namespace NestVirt.PowerShell.Commands;

/// <summary>Sets what virtual machines need so that hypervisors run in them.</summary>
[Cmdlet(VerbsCommon.Set, "VmNestedCpu", DefaultParameterSetName = HostSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChangeResult), typeof(ChangePlan))]
public sealed class SetVmNestedCpuCommand : VmChangeCommand
{
    /// <summary>Gets or sets the virtual machines, by name or id.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public override string[]? VMName { get; set; }

    /// <summary>Gets or sets whether they see the virtualization extension.</summary>
    [Parameter]
    public bool? ExposeVirtualizationExtensions { get; set; }

    /// <summary>Gets or sets where the processors of virtual machines of KVM hosts come from.</summary>
    [Parameter]
    public VmCpuMode? Mode { get; set; }

    /// <summary>Gets or sets the model of their processors, in libvirt's words.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Model { get; set; }

    /// <summary>Gets or sets the policies of features of their processors, by libvirt's names.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? Feature { get; set; }

    /// <summary>Gets or sets how their processors are laid out: Sockets, Dies, Cores and Threads.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? Topology { get; set; }

    /// <summary>Gets or sets whether what would hinder a migration is left out.</summary>
    [Parameter]
    public bool? Migratable { get; set; }

    /// <summary>Gets or sets a value indicating whether they get what Windows wants of KVM when it runs Hyper-V.</summary>
    [Parameter]
    public SwitchParameter WindowsHypervisor { get; set; }

    /// <summary>Gets or sets how many processors each is to have.</summary>
    [Parameter]
    [ValidateRange(1, 2048)]
    public int? Count { get; set; }

    /// <summary>Gets or sets how many threads each core is to have; 0 for as many as the host's.</summary>
    [Parameter]
    [ValidateRange(0, 8)]
    public int? HwThreadsPerCore { get; set; }

    /// <summary>Gets or sets a value indicating whether dynamic memory is turned off.</summary>
    [Parameter]
    public SwitchParameter StaticMemory { get; set; }

    /// <summary>Gets or sets whether their network adapters may send from other MAC addresses than their own.</summary>
    [Parameter]
    public bool? MacAddressSpoofing { get; set; }

    /// <summary>Gets or sets how much of the virtual functions of a switch each of their network adapters may claim; 0 for none.</summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int? IovWeight { get; set; }

    /// <summary>Gets or sets whether they opt out of virtualization-based security.</summary>
    [Parameter]
    public bool? VbsOptOut { get; set; }

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
        if (
            this is
            {
                ExposeVirtualizationExtensions: null,
                Count: null,
                HwThreadsPerCore: null,
                StaticMemory.IsPresent: false,
                MacAddressSpoofing: null,
                IovWeight: null,
                VbsOptOut: null,
                Mode: null,
                Model: null,
                Feature: null or { Count: 0 },
                Topology: null,
                Migratable: null,
                WindowsHypervisor.IsPresent: false,
            }
        )
        {
            ThrowTerminatingError(
                ErrorRecords.RequestInvalid(
                    "Nothing is asked for: give -ExposeVirtualizationExtensions; of KVM hosts -Mode, -Model, -Feature, -Topology, -Migratable or -WindowsHypervisor; of Hyper-V hosts -Count, -HwThreadsPerCore, -StaticMemory, -MacAddressSpoofing, -IovWeight or -VbsOptOut."
                )
            );
        }

        if (CpuParameters.FaultOf(Feature, Topology) is { } fault)
        {
            ThrowTerminatingError(ErrorRecords.RequestInvalid(fault));
        }

        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override ChangeRequest CreateRequest() =>
        new VmCpuRequest(VMs ?? [])
        {
            Expose = ExposeVirtualizationExtensions,
            CpuCount = Count,
            ThreadsPerCore = HwThreadsPerCore,
            StaticMemory = StaticMemory,
            MacSpoofing = MacAddressSpoofing,
            IovWeight = IovWeight,
            VbsOptOut = VbsOptOut,
            Mode = Mode,
            Model = Model,
            Features = CpuParameters.Features(Feature),
            Topology = CpuParameters.Topology(Topology),
            Migratable = Migratable,
            WindowsHypervisor = WindowsHypervisor,
            StopGuests = Restart,
            GuestTimeoutSeconds = GuestTimeout,
        };
}
