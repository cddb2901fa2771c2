using System.Management.Automation;
using NestVirt.Client;
using NestVirt.Filters;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Questions;

namespace NestVirt.PowerShell.Commands;

/// <summary>Gets the IOMMU groups of one or more hosts.</summary>
[Cmdlet(VerbsCommon.Get, "IommuGroup", DefaultParameterSetName = HostSet)]
[OutputType(typeof(IommuGroup))]
public sealed class GetIommuGroupCommand : HostReadCommand<IommuGroup>
{
    // By host: the devices of which the pipeline asks the groups. Further ones may follow, so that its end decides.
    private readonly Dictionary<string, HashSet<string>> _devices = new(StringComparer.Ordinal);
    private readonly List<IommuGroup> _groups = [];

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
    protected override IHostQuery<IommuGroup> CreateQuery() => HostQueries.Ask(HostQuestions.IommuGroups);

    /// <inheritdoc/>
    protected override ResultFilter<IommuGroup> CreateFilter() =>
        new IommuGroupFilter(Number, Address, Isolated, Viable);

    /// <inheritdoc/>
    private protected override void OnPiped(HostTarget host, PSObject item)
    {
        if (item.Properties["Address"]?.Value?.ToString() is not { Length: > 0 } address)
        {
            return;
        }

        if (!_devices.TryGetValue(host.ToString(), out HashSet<string>? addresses))
        {
            _devices[host.ToString()] = addresses = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        }

        addresses.Add(address);
    }

    /// <inheritdoc/>
    private protected override IReadOnlyList<IommuGroup> OnAnswer(HostTarget host, IReadOnlyList<IommuGroup> wanted)
    {
        if (!MyInvocation.ExpectingInput)
        {
            return wanted;
        }

        _groups.AddRange(wanted);
        return [];
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        base.EndProcessing();
        foreach (IommuGroup group in _groups.Where(IsAsked))
        {
            WriteObject(group);
        }
    }

    private bool IsAsked(IommuGroup group) =>
        !_devices.TryGetValue(group.Target.ToString(), out HashSet<string>? addresses)
        || group.Devices.Any(device => addresses.Contains(device.Address));
}
