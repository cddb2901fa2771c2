using System.Globalization;
using System.Text.Json.Serialization;
using NestVirt.Guidance;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Changes;

/// <summary>Asks for what virtual machines need so that hypervisors run in them; what is null or false is left as it is.</summary>
/// <param name="VmNames">The virtual machines, by name or id; <c>*</c> and <c>?</c> stand for other characters.</param>
public sealed record VmCpuRequest(IReadOnlyList<string> VmNames) : ChangeRequest
{
    private const int MostProcessors = 2048;
    private const int MostThreads = 8;
    private const int HighestWeight = 100;

    /// <summary>Gets the virtual machines, by name or id; <c>*</c> and <c>?</c> stand for other characters.</summary>
    public IReadOnlyList<string> VmNames
    {
        get;
        init => field = TextList<string>.Of(value);
    } = TextList<string>.Of(VmNames);

    /// <summary>Gets whether they are to see the virtualization extension.</summary>
    public bool? Expose { get; init; }

    /// <summary>Gets how many processors each is to have.</summary>
    public int? CpuCount { get; init; }

    /// <summary>Gets how many threads each core is to have; 0 for as many as the host's.</summary>
    public int? ThreadsPerCore { get; init; }

    /// <summary>Gets a value indicating whether their memory is to be static.</summary>
    public bool StaticMemory { get; init; }

    /// <summary>Gets whether their network adapters may send from other MAC addresses than their own.</summary>
    public bool? MacSpoofing { get; init; }

    /// <summary>Gets how much of the virtual functions (SR-IOV) of a switch each of their network adapters may claim, from 1 to 100; 0 for none.</summary>
    public int? IovWeight { get; init; }

    /// <summary>Gets whether they are to opt out of virtualization-based security.</summary>
    public bool? VbsOptOut { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Title => $"set {string.Join(", ", Wishes())} of {WordList.Short(VmNames)}";

    /// <inheritdoc/>
    internal override CommandCall? Call =>
        CallOf(
            OwnCommand.SetCpu,
            [
                .. VmNames.Select(static name => (CommandArgument.VmName, name)),
                .. Argument(CommandArgument.Expose, OnOff(Expose)),
                .. Argument(CommandArgument.CpuCount, Number(CpuCount)),
                .. Argument(CommandArgument.ThreadsPerCore, Number(ThreadsPerCore)),
                .. Argument(CommandArgument.MacSpoofing, OnOff(MacSpoofing)),
                .. Argument(CommandArgument.IovWeight, Number(IovWeight)),
                .. Argument(CommandArgument.VbsOptOut, OnOff(VbsOptOut)),
            ],
            (ChangeSwitch.StaticMemory, StaticMemory)
        );

    /// <inheritdoc/>
    public override IReadOnlyList<Finding> FindFaults() =>
        [
            .. VmNameFaults.Of(VmNames),
            .. VmNames.Count == 0 ? [Fault("No virtual machine is named.", "Name one, or several.")] : NoFault,
            .. Wishes().Any() ? NoFault : [Fault("Nothing is asked for.", "Name what is to be set.")],
            .. CpuCount is < 1 or > MostProcessors
                ?
                [
                    Fault(
                        $"A virtual machine cannot have {Number(CpuCount)} processors.",
                        "Give a number from 1 to 2048."
                    ),
                ]
                : NoFault,
            .. ThreadsPerCore is < 0 or > MostThreads
                ?
                [
                    Fault(
                        $"A core cannot have {Number(ThreadsPerCore)} threads.",
                        "Give 1 or 2, or 0 for as many as the host's."
                    ),
                ]
                : NoFault,
            .. IovWeight is < 0 or > HighestWeight
                ?
                [
                    Fault(
                        $"A network adapter cannot have an IOV weight of {Number(IovWeight)}.",
                        "Give a number from 1 to 100, or 0 for no virtual function."
                    ),
                ]
                : NoFault,
        ];

    private static Finding[] NoFault => [];

    private static Finding Fault(string sentence, string remedy) =>
        new(FindingCodes.SettingInvalid, Severity.Error, sentence) { Remedy = remedy };

    private static (CommandArgument Name, string Value)[] Argument(CommandArgument name, string? value) =>
        value is null ? [] : [(name, value)];

    private static string? OnOff(bool? value) =>
        value switch
        {
            true => "on",
            false => "off",
            null => null,
        };

    private static string? Number(int? value) => value?.ToString(CultureInfo.InvariantCulture);

    private IEnumerable<string> Wishes() =>
        new[]
        {
            Expose is null ? null : $"nesting {OnOff(Expose)}",
            CpuCount is null ? null : $"{Number(CpuCount)} processor{(CpuCount == 1 ? string.Empty : "s")}",
            ThreadsPerCore switch
            {
                null => null,
                0 => "the host's threads per core",
                1 => "1 thread per core",
                _ => $"{Number(ThreadsPerCore)} threads per core",
            },
            StaticMemory ? "static memory" : null,
            MacSpoofing is null ? null : $"MAC spoofing {OnOff(MacSpoofing)}",
            IovWeight is null ? null : $"IOV weight {Number(IovWeight)}",
            VbsOptOut is null ? null : $"VBS opt-out {OnOff(VbsOptOut)}",
        }.OfType<string>();
}
