using System.Globalization;
using System.Text.Json.Serialization;
using NestVirt.Guidance;
using NestVirt.Model;

namespace NestVirt.Changes;

/// <summary>Asks for a number of virtual functions of an SR-IOV device.</summary>
/// <param name="Address">The address of the physical function, such as 0000:01:00.0.</param>
/// <param name="Count">How many there shall be; null to leave their number as it is.</param>
public sealed record VirtualFunctionRequest(string Address, int? Count) : ChangeRequest
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Title =>
        Count is { } count
            ? FormattableString.Invariant(
                $"set {count} virtual function{(count == 1 ? string.Empty : "s")} on {Address}"
            )
            : $"set virtual functions of {Address}";

    /// <summary>Gets whether the host binds drivers to new virtual functions; null to leave it.</summary>
    public bool? BindDrivers { get; init; }

    /// <summary>Gets a value indicating whether the number holds only until the next boot.</summary>
    public bool IsTemporary { get; init; }

    /// <summary>Gets the virtual function that the settings below are for; null for none.</summary>
    public int? Index { get; init; }

    /// <summary>Gets settings of that function by the words of <c>ip link set DEV vf N</c>: mac, vlan, qos, trust, spoofchk, state.</summary>
    public IReadOnlyDictionary<string, string> Settings
    {
        get;
        // The serializer sets what a document does not have to null.
        init => field = value ?? new Dictionary<string, string>();
    } = new Dictionary<string, string>();

    /// <inheritdoc/>
    internal override CommandCall? Call =>
        CallOf(
            OwnCommand.SetSriov,
            [
                (CommandArgument.Address, Address),
                .. Count is { } count ? [(CommandArgument.FunctionCount, Number(count))] : NoArgument,
                .. BindDrivers is { } bind ? [(CommandArgument.BindDrivers, bind ? "yes" : "no")] : NoArgument,
                .. Index is { } index ? [(CommandArgument.Function, Number(index))] : NoArgument,
                .. Settings.Select(static pair => (CommandArgument.FunctionSetting, $"{pair.Key}={pair.Value}")),
            ],
            (ChangeSwitch.Temporary, IsTemporary)
        );

    private static (CommandArgument Name, string Value)[] NoArgument => [];

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override IReadOnlyList<Finding> FindFaults() =>
        [.. PciFaults.OfAddress(Address), .. VirtualFunctionFaults.Of(Settings)];
}
