using System.Globalization;
using System.Management.Automation;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Parameters;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Questions;

namespace NestVirt.PowerShell.Commands;

/// <summary>Gets the IOMMU groups of one or more hosts.</summary>
[Cmdlet(VerbsCommon.Get, "IommuGroup", DefaultParameterSetName = LocalSet)]
[OutputType(typeof(IommuGroup))]
public sealed class GetIommuGroupCommand : HostReadCommand<IommuGroup>
{
    // By host: the devices of which the pipeline asks the groups.
    private readonly Dictionary<string, HashSet<string>> _devices = new(StringComparer.Ordinal);
    private readonly List<IommuGroup> _groups = [];
    private readonly HashSet<int> _numbers = [];
    private readonly HashSet<HostTarget> _withGroups = [];
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
    protected override bool IsWanted(IommuGroup value)
    {
        _withGroups.Add(value.Target);
        _numbers.Add(value.Number);

        // Every device is looked at, since each may be the one that an address means.
        bool hasAddress = value.Devices.Aggregate(
            false,
            (has, device) => _addresses.FitsAddress(device.Address) || has
        );
        bool isWanted =
            (Number is null || Number.Contains(value.Number))
            && (!Isolated || value.IsIsolated)
            && (!Viable || value.IsViable == true)
            && (Address is null || hasAddress);

        // Further devices of the host may follow, so that the end of the pipeline decides.
        if (isWanted && MyInvocation.ExpectingInput)
        {
            _groups.Add(value);
            return false;
        }

        return isWanted;
    }

    /// <inheritdoc/>
    private protected override void OnPiped(PSObject item, HostTarget target)
    {
        if (item.Properties["Address"]?.Value?.ToString() is not { Length: > 0 } address)
        {
            return;
        }

        if (!_devices.TryGetValue(target.ToString(), out HashSet<string>? addresses))
        {
            _devices[target.ToString()] = addresses = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        }

        addresses.Add(address);
    }

    /// <inheritdoc/>
    private protected override void OnAnswered(IReadOnlyList<HostTarget> hosts)
    {
        foreach (IommuGroup group in _groups)
        {
            if (
                !_devices.TryGetValue(group.Target.ToString(), out HashSet<string>? addresses)
                || group.Devices.Any(device => addresses.Contains(device.Address))
            )
            {
                WriteObject(group);
            }
        }

        foreach (HostTarget host in hosts.Where(host => !_withGroups.Contains(host)))
        {
            WriteWarning(
                $"{host.Name}: The IOMMU is off, so that there are no groups. Get-NestedSupport says why, and Enable-Iommu turns it on."
            );
        }

        WriteNotFound("the address", _addresses.Unmatched);
        WriteNotFound(
            "the group",
            (Number ?? []).Except(_numbers).Select(static number => number.ToString(CultureInfo.InvariantCulture))
        );
    }
}
