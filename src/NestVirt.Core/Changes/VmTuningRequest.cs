using System.Globalization;
using System.Text.Json.Serialization;
using NestVirt.Guidance;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Changes;

/// <summary>Asks that virtual machines of a KVM host are fitted to its processors, memory and storage, so that hypervisors in them run fast.</summary>
/// <param name="VmNames">The virtual machines, by name or id; <c>*</c> and <c>?</c> stand for other characters.</param>
public sealed record VmTuningRequest(IReadOnlyList<string> VmNames) : ChangeRequest
{
    /// <summary>The most threads for disks that can be asked for.</summary>
    internal const int MostIOThreads = 64;

    private const int HighestNode = 1023;

    /// <summary>Gets the virtual machines, by name or id; <c>*</c> and <c>?</c> stand for other characters.</summary>
    public IReadOnlyList<string> VmNames
    {
        get;
        init => field = TextList<string>.Of(value);
    } = TextList<string>.Of(VmNames);

    /// <summary>Gets what is fitted; nothing for all of it, of which each is left as it is where the host or the virtual machine has not what it takes.</summary>
    public IReadOnlyList<VmTuning> Tunings
    {
        get;
        init => field = TextList<VmTuning>.Of([.. (value ?? []).Distinct().Order()]);
    } = TextList<VmTuning>.Empty;

    /// <summary>Gets what becomes of the second threads of cores.</summary>
    public VmSiblingUse Siblings { get; init; }

    /// <summary>Gets the NUMA node of the host, or null for the one that suits best.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Node { get; init; }

    /// <summary>Gets the size of huge pages, in KiB; null for the largest of which there are enough.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? PageSizeKiB { get; init; }

    /// <summary>Gets how many threads run the disks of each; null for one, where it has disks that can have one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? IOThreadCount { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Title =>
        $"fit {(Tunings.Count == 0 ? "all" : string.Join(", ", Tunings.Select(WordOf)))} of {WordList.Short(VmNames)} to the host";

    /// <inheritdoc/>
    internal override CommandCall? Call =>
        CallOf(
            OwnCommand.TuneVm,
            [
                .. VmNames.Select(static name => (CommandArgument.VmName, name)),
                .. Tunings.Select(static tuning => (CommandArgument.Tuning, WordOf(tuning))),
                .. Siblings == VmSiblingUse.Avoid
                    ? []
                    : new[] { (CommandArgument.SiblingUse, Siblings.ToString().ToLowerInvariant()) },
                .. Argument(CommandArgument.Node, Node),
                .. Argument(CommandArgument.VmPageSizeKiB, PageSizeKiB),
                .. Argument(CommandArgument.IOThreadCount, IOThreadCount),
            ]
        );

    /// <inheritdoc/>
    public override IReadOnlyList<Finding> FindFaults() =>
        [
            .. VmNameFaults.Of(VmNames),
            .. VmNames.Count == 0 ? [Fault("No virtual machine is named.", "Name one, or several.")] : NoFault,
            .. Tunings.Any(static tuning => !Enum.IsDefined(tuning))
                ?
                [
                    Fault(
                        "Virtual machines have no such tuning.",
                        $"Give one of {string.Join(", ", Enum.GetValues<VmTuning>().Select(WordOf))}."
                    ),
                ]
                : NoFault,
            .. Enum.IsDefined(Siblings)
                ? NoFault
                : [Fault("This is no use of threads of a core.", "Give avoid or pair.")],
            .. Node is < 0 or > HighestNode
                ? [Fault($"No host has a NUMA node {Node}.", "Give one from 0 on: numactl --hardware lists them.")]
                : NoFault,
            .. PageSizeKiB is <= 0
                ? [Fault("Huge pages have a size.", "Give it with its unit, such as 2MB or 1GB.")]
                : NoFault,
            .. IOThreadCount is < 0 or > MostIOThreads
                ?
                [
                    Fault(
                        $"A virtual machine cannot have {IOThreadCount} threads for its disks.",
                        $"Give a number from 1 to {MostIOThreads}, or 0 for none."
                    ),
                ]
                : NoFault,
            .. Unused(),
        ];

    /// <summary>Tells whether something is to be fitted.</summary>
    /// <param name="tuning">What.</param>
    /// <returns>True if so.</returns>
    internal bool Has(VmTuning tuning) => Tunings.Count == 0 || Tunings.Contains(tuning);

    /// <summary>Gets the word for a tuning.</summary>
    /// <param name="tuning">The tuning.</param>
    /// <returns>The word, as people type it.</returns>
    internal static string WordOf(VmTuning tuning) => tuning.ToString().ToLowerInvariant();

    private static Finding[] NoFault => [];

    private static Finding Fault(string sentence, string remedy) =>
        new(FindingCodes.SettingInvalid, Severity.Error, sentence) { Remedy = remedy };

    private static (CommandArgument Name, string Value)[] Argument(CommandArgument name, long? value) =>
        value is { } number ? [(name, number.ToString(CultureInfo.InvariantCulture))] : [];

    // What says how something is fitted that is not to be fitted.
    private IEnumerable<Finding> Unused()
    {
        if (PageSizeKiB is not null && !Has(VmTuning.HugePages))
        {
            yield return Fault("The size of huge pages is a matter of the tuning hugepages.", "Name it as well.");
        }

        if (IOThreadCount is not null && !Has(VmTuning.Disks))
        {
            yield return Fault("Threads for disks are a matter of the tuning disks.", "Name it as well.");
        }

        if (Siblings != VmSiblingUse.Avoid && !Has(VmTuning.Cpu))
        {
            yield return Fault("Threads of cores are a matter of the tuning cpu.", "Name it as well.");
        }

        if (Node is not null && !Has(VmTuning.Cpu) && !Has(VmTuning.Memory))
        {
            yield return Fault("A NUMA node is a matter of the tunings cpu and memory.", "Name one of them as well.");
        }
    }
}
