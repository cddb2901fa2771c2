using System.Management.Automation;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Parameters;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Questions;

namespace NestVirt.PowerShell.Commands;

/// <summary>Gets the physical functions that can have virtual ones, with those that they have.</summary>
[Cmdlet(VerbsCommon.Get, "SriovDevice", DefaultParameterSetName = LocalSet)]
[OutputType(typeof(SriovDevice))]
public sealed class GetSriovDeviceCommand : HostReadCommand<SriovDevice>
{
    private WildcardFilter _addresses = null!;

    /// <summary>Gets or sets the addresses of the physical functions to keep, such as 0000:03:00.*.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PciAddressCompleter))]
    public string[]? Address { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _addresses = new WildcardFilter(Address);
        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override IHostQuery<SriovDevice> CreateQuery() => HostQueries.Ask(HostQuestions.SriovDevices);

    /// <inheritdoc/>
    private protected override void OnAnswered(IReadOnlyList<HostTarget> hosts) =>
        WriteNotFound("the address", _addresses.Unmatched);

    /// <inheritdoc/>
    protected override bool IsWanted(SriovDevice value) => _addresses.FitsAddress(value.Address);
}
