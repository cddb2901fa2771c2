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
    private const int LongestName = 60;
    private static readonly string[] s_policies = ["force", "require", "optional", "disable", "forbid"];

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

    /// <summary>Gets where their processors come from.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VmCpuMode? Mode { get; init; }

    /// <summary>Gets the model of their processors, in libvirt's words; with the mode <see cref="VmCpuMode.Custom"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Model { get; init; }

    /// <summary>Gets the policies of features, by libvirt's names: force, require, optional, disable or forbid.</summary>
    public IReadOnlyDictionary<string, string> Features
    {
        get;
        // The serializer sets what a document does not have to null; a plan made again has them in the same order.
        init => field = new SortedDictionary<string, string>(Copy(value), StringComparer.Ordinal);
    } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Gets how their processors are laid out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VmCpuTopology? Topology { get; init; }

    /// <summary>Gets whether what would hinder a migration is left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Migratable { get; init; }

    /// <summary>Gets a value indicating whether they are to have what Windows wants of KVM when it runs Hyper-V.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool WindowsHypervisor { get; init; }

    /// <summary>Gets what is asked for that only virtual machines of Hyper-V hosts have, as phrases.</summary>
    [JsonIgnore]
    internal IReadOnlyList<string> HyperVWishes =>
        [
            .. new[]
            {
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
            }.OfType<string>(),
        ];

    /// <summary>Gets what is asked for that only virtual machines of KVM hosts have, as phrases.</summary>
    [JsonIgnore]
    internal IReadOnlyList<string> KvmWishes =>
        [
            .. new[]
            {
                Mode is { } mode ? $"CPU mode {WordOf(mode)}" : null,
                Model is null ? null : $"CPU model {Model}",
                Topology is null ? null : $"CPU topology {Topology}",
                Migratable is null ? null : $"migratable {OnOff(Migratable)}",
                WindowsHypervisor ? "what Hyper-V in them wants" : null,
            }.OfType<string>(),
            .. Features.Select(static pair => $"CPU feature {pair.Key} {pair.Value}"),
        ];

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
                .. Argument(CommandArgument.CpuMode, Mode is { } mode ? WordOf(mode) : null),
                .. Argument(CommandArgument.CpuModel, Model),
                .. Features.Select(static pair => (CommandArgument.CpuFeature, $"{pair.Key}={pair.Value}")),
                .. Argument(CommandArgument.CpuTopology, Topology?.ToString()),
                .. Argument(CommandArgument.Migratable, OnOff(Migratable)),
            ],
            (ChangeSwitch.StaticMemory, StaticMemory),
            (ChangeSwitch.WindowsHypervisor, WindowsHypervisor)
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
            .. KvmFaults(),
        ];

    /// <summary>Gets libvirt's word for a mode.</summary>
    /// <param name="mode">The mode.</param>
    /// <returns>The word.</returns>
    internal static string WordOf(VmCpuMode mode) =>
        mode switch
        {
            VmCpuMode.Custom => "custom",
            VmCpuMode.HostModel => "host-model",
            VmCpuMode.HostPassthrough => "host-passthrough",
            _ => "maximum",
        };

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

    private static Dictionary<string, string> Copy(IReadOnlyDictionary<string, string>? pairs) =>
        new(pairs ?? new Dictionary<string, string>());

    // What libvirt calls models and features (cputypes.rng), and what can be reviewed and typed again.
    private static bool IsName(string text) =>
        text.Length is > 0 and <= LongestName
        && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private IEnumerable<Finding> KvmFaults()
    {
        if (Mode is { } mode && !Enum.IsDefined(mode))
        {
            yield return Fault(
                "This is no mode of a processor.",
                "Give custom, host-model, host-passthrough or maximum."
            );
        }

        if (Model is not null && Mode != VmCpuMode.Custom)
        {
            yield return Fault("A model is that of the mode custom.", "Name the mode custom with the model.");
        }
        else if (Model is null && Mode == VmCpuMode.Custom)
        {
            yield return Fault("The mode custom needs a model.", "Name a model, such as EPYC or Skylake-Server.");
        }

        if (Model is not null && !IsName(Model))
        {
            yield return Fault(
                $"'{HostText.ForDisplay(Model, LongestName)}' is no name of a processor model.",
                "Name one of virsh domcapabilities: letters, digits, '-', '_' and '.'."
            );
        }

        foreach ((string name, string policy) in Features)
        {
            if (!IsName(name))
            {
                yield return Fault(
                    $"'{HostText.ForDisplay(name, LongestName)}' is no name of a feature.",
                    "A feature's name is made of letters, digits, '-', '_' and '.'."
                );
            }
            else if (!s_policies.Contains(policy))
            {
                yield return Fault(
                    $"'{HostText.ForDisplay(policy, LongestName)}' is no policy of a feature.",
                    $"Give {name} one of {string.Join(", ", s_policies)}."
                );
            }
        }

        foreach (Finding fault in ShapeFaults())
        {
            yield return fault;
        }

        if (Migratable is not null && Mode is VmCpuMode.Custom or VmCpuMode.HostModel)
        {
            yield return Fault(
                "Migratable is a matter of the modes host-passthrough and maximum.",
                "Leave one of the two out."
            );
        }
    }

    private IEnumerable<Finding> ShapeFaults()
    {
        if (Topology is not { } shape)
        {
            yield break;
        }

        int[] counts = [shape.Sockets, shape.Dies, shape.Cores, shape.Threads];
        if (
            Array.Exists(counts, static count => count is < 1 or > MostProcessors)
            || counts.Aggregate(1L, static (all, count) => all * count) > MostProcessors
        )
        {
            yield return Fault(
                $"No virtual machine can have its processors laid out as {shape}.",
                "Give whole numbers from 1 on that make at most 2048 processors."
            );
        }
    }

    private IEnumerable<string> Wishes() =>
        [.. Expose is null ? Array.Empty<string>() : [$"nesting {OnOff(Expose)}"], .. HyperVWishes, .. KvmWishes];
}
