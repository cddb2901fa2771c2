using System.Globalization;
using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Pipeline;

namespace NestVirt.PowerShell.Commands;

/// <summary>Sets how many virtual functions a device has, or settings of one of them.</summary>
[Cmdlet(VerbsCommon.Set, "SriovVirtualFunction", DefaultParameterSetName = HostSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChangeResult), typeof(ChangePlan))]
public sealed class SetSriovVirtualFunctionCommand : HostChangeCommand
{
    /// <summary>Gets or sets the address of the physical function, such as 0000:01:00.0.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PciAddressCompleter))]
    public string Address { get; set; } = string.Empty;

    /// <summary>Gets or sets how many virtual functions there shall be.</summary>
    [Parameter]
    [ValidateRange(0, ushort.MaxValue)]
    public int? Count { get; set; }

    /// <summary>Gets or sets whether the host binds drivers to new virtual functions.</summary>
    [Parameter]
    public bool? BindDriver { get; set; }

    /// <summary>Gets or sets the virtual function that the settings are for, from 0 on.</summary>
    [Parameter]
    [ValidateRange(0, ushort.MaxValue)]
    public int? Index { get; set; }

    /// <summary>Gets or sets the MAC address.</summary>
    [Parameter]
    [ValidatePattern("^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$")]
    public string? MacAddress { get; set; }

    /// <summary>Gets or sets the VLAN; 0 for none.</summary>
    [Parameter]
    [ValidateRange(0, 4094)]
    public int? Vlan { get; set; }

    /// <summary>Gets or sets the priority in the VLAN.</summary>
    [Parameter]
    [ValidateRange(0, 7)]
    public int? Qos { get; set; }

    /// <summary>Gets or sets whether the guest may change what the host normally decides, such as promiscuous mode.</summary>
    [Parameter]
    public bool? Trust { get; set; }

    /// <summary>Gets or sets whether packets with another source address are dropped.</summary>
    [Parameter]
    public bool? SpoofCheck { get; set; }

    /// <summary>Gets or sets whether the link follows that of the device.</summary>
    [Parameter]
    [ValidateSet("Auto", "Enable", "Disable")]
    public string? LinkState { get; set; }

    /// <summary>Gets or sets a value indicating whether the number holds only until the next boot.</summary>
    [Parameter]
    public SwitchParameter Temporary { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if ((Settings().Count > 0) != (Index is not null))
        {
            ThrowTerminatingError(
                ErrorRecords.RequestInvalid(
                    "-Index and the settings of one virtual function need each other, such as -Index 0 -Vlan 100."
                )
            );
        }

        if (Count is null && BindDriver is null && Index is null)
        {
            ThrowTerminatingError(
                ErrorRecords.RequestInvalid("Nothing is asked for: give -Count, -BindDriver, or -Index and a setting.")
            );
        }

        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override ChangeRequest CreateRequest() =>
        new VirtualFunctionRequest(Address, Count)
        {
            BindDrivers = BindDriver,
            Index = Index,
            Settings = Settings(),
            IsTemporary = Temporary,
        };

    private static string? OnOff(bool? value) =>
        value switch
        {
            true => "on",
            false => "off",
            null => null,
        };

    // The words of ip-link(8).
    private SortedDictionary<string, string> Settings()
    {
        (string Name, string? Value)[] settings =
        [
            ("mac", MacAddress),
            ("vlan", Vlan?.ToString(CultureInfo.InvariantCulture)),
            ("qos", Qos?.ToString(CultureInfo.InvariantCulture)),
            ("trust", OnOff(Trust)),
            ("spoofchk", OnOff(SpoofCheck)),
            ("state", LinkState?.ToLowerInvariant()),
        ];
        return new SortedDictionary<string, string>(
            settings
                .Where(static setting => setting.Value is not null)
                .ToDictionary(static setting => setting.Name, static setting => setting.Value!),
            StringComparer.Ordinal
        );
    }
}
