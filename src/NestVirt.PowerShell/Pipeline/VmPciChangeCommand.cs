using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Parameters;

namespace NestVirt.PowerShell.Pipeline;

/// <summary>A change of PCI devices of a host and its virtual machines: of the devices that are named, or of those that come down the pipeline.</summary>
/// <remarks>What comes of one host and one virtual machine is one plan, one question and one change: it is shut down once.</remarks>
public abstract class VmPciChangeCommand : HostChangeCommand
{
    // A device's own name is none of these: where it is plugged in tells it from its like.
    private static readonly string[] s_deviceColumns = ["LocationPath", "Address", "InstancePath"];
    private static readonly string[] s_vmColumns = ["VMId", "VMName", "OwnerVmId", "OwnerVm"];

    private readonly OrderedDictionary<(HostTarget Target, string VM), List<string>> _gathered = new(
        EqualityComparer<(HostTarget Target, string VM)>.Create(
            static (one, other) =>
                one.Target.Equals(other.Target) && one.VM.Equals(other.VM, StringComparison.OrdinalIgnoreCase),
            static one => HashCode.Combine(one.Target, one.VM.ToUpperInvariant())
        )
    );
    private string[]? _named;
    private string? _vm;

    /// <summary>Gets or sets the virtual machine, by name or id.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public string? VMName { get; set; }

    /// <summary>Gets or sets the devices, by PCI address; of a Hyper-V host by location path or instance path, too.</summary>
    [Parameter(Position = 2)]
    [Alias("Address", "LocationPath", "InstancePath")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PciAddressCompleter))]
    public string[]? Device { get; set; }

    /// <summary>Gets or sets a value indicating whether the other devices of their IOMMU groups are meant, too.</summary>
    [Parameter]
    public SwitchParameter WholeGroup { get; set; }

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

    /// <inheritdoc/>
    private protected sealed override bool Gather(HostTarget target)
    {
        if (_named is not null || DeviceOfRecord() is not { } device)
        {
            return false;
        }

        (HostTarget, string) key = (target, VMOfRecord());
        if (!_gathered.TryGetValue(key, out List<string>? known))
        {
            _gathered.Add(key, known = []);
        }

        known.Add(device);
        return true;
    }

    /// <inheritdoc/>
    private protected sealed override IEnumerable<HostTarget> TakeGathered()
    {
        foreach (((HostTarget target, string vm), List<string> devices) in _gathered)
        {
            _vm = vm;
            _named = [.. devices.Distinct(StringComparer.OrdinalIgnoreCase)];
            yield return target;
        }
    }

    /// <summary>Gets a value indicating whether the record's own virtual machine is meant where none is named.</summary>
    private protected abstract bool TakesVMOfRecord { get; }

    /// <summary>Makes the request of the present pipeline record, or at the end of what was gathered. What neither a parameter nor the record names is blank, and is refused.</summary>
    /// <param name="add">Whether the virtual machine gets the devices.</param>
    /// <returns>The request.</returns>
    private protected VmPciDeviceRequest RequestOf(bool add) =>
        new(VMOfRecord(), _named ?? (DeviceOfRecord() is { } device ? [device] : []), add)
        {
            WholeGroup = WholeGroup,
            StopGuests = Restart,
            GuestTimeoutSeconds = GuestTimeout,
        };

    private string VMOfRecord() => _vm ?? (TakesVMOfRecord ? TextOf(s_vmColumns) : null) ?? string.Empty;

    private string? DeviceOfRecord() => TextOf(s_deviceColumns);

    private string? TextOf(string[] columns) =>
        Record is null
            ? null
            : columns.Select(name => PipedHost.Text(Record, name)).FirstOrDefault(static text => text is not null);
}
