using System.CommandLine;
using System.CommandLine.Completions;
using NestVirt.Changes;
using NestVirt.Cli.Hosting;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt set tuning</c>: virtual machines of a KVM host, fitted to it.</summary>
internal sealed class SetTuningCommand()
    : ChangeCommand("tuning", "Fits virtual machines of a KVM host to its processors, memory, disks and network.")
{
    private static readonly Dictionary<string, VmTuning> s_tunings = WordsOf<VmTuning>();
    private static readonly Dictionary<string, VmSiblingUse> s_siblingUses = WordsOf<VmSiblingUse>();

    private readonly Option<string[]> _vms = VmOption.Create("The virtual machines");

    private readonly Option<string[]> _tunings = new("--tuning")
    {
        Description =
            $"What is fitted: {string.Join(", ", s_tunings.Keys)}; all of it where none is named. May be given again.",
        HelpName = "WHAT",
        CompletionSources = { static _ => s_tunings.Keys.Select(static word => new CompletionItem(word)) },
    };

    private readonly Option<string> _siblings = new("--siblings")
    {
        Description =
            "The second threads of cores: they stay idle, or run the next processor of the same virtual machine. The default is avoid.",
        HelpName = string.Join('|', s_siblingUses.Keys),
        CompletionSources = { static _ => s_siblingUses.Keys.Select(static word => new CompletionItem(word)) },
    };

    private readonly Option<string> _node = new("--node")
    {
        Description = "The NUMA node of the host; the one that suits best where none is named.",
        HelpName = "N",
    };

    private readonly Option<string> _pageSize = new("--page-size")
    {
        Description =
            "The size of huge pages, such as 2M or 1G; the largest of which there are enough where none is named.",
        HelpName = "SIZE",
        CompletionSources = { "2M", "1G" },
    };

    private readonly Option<string> _ioThreads = new("--io-threads")
    {
        Description = "How many threads run the disks of each: 1 to 64, or 0 for none. The default is 1.",
        HelpName = "N",
    };

    /// <inheritdoc/>
    protected override bool RestartsGuests => true;

    /// <inheritdoc/>
    protected override IEnumerable<Option> Options => [_vms, _tunings, _siblings, _node, _pageSize, _ioThreads];

    /// <inheritdoc/>
    protected override ChangeRequest RequestOf(ParseResult line, List<string> words) =>
        line.GetValue(_vms) is not { Length: > 0 } names
            ? throw new UsageException("No virtual machine is named.", "Give --vm NAME; for every one: --vm '*'")
            : new VmTuningRequest(names)
            {
                Tunings = [.. (line.GetValue(_tunings) ?? []).Select(word => ValueOf(s_tunings, word, _tunings))],
                Siblings = line.GetValue(_siblings) is { } word ? ValueOf(s_siblingUses, word, _siblings) : default,
                Node = Number(line, _node),
                PageSizeKiB = line.GetValue(_pageSize) is null ? null : PageSizeOption.Read(line, _pageSize),
                IOThreadCount = Number(line, _ioThreads),
            };

    private static Dictionary<string, T> WordsOf<T>()
        where T : struct, Enum =>
        Enum.GetValues<T>().ToDictionary(static value => value.ToString().ToLowerInvariant(), StringComparer.Ordinal);

    private static T ValueOf<T>(Dictionary<string, T> values, string word, Option option) =>
        values.TryGetValue(word, out T? value)
            ? value
            : throw new UsageException(
                $"{option.Name} cannot be '{word}'.",
                $"Give one of {string.Join(", ", values.Keys)}."
            );

    private static int? Number(ParseResult line, Option<string> option) =>
        line.GetValue(option) is null ? null : WholeNumber.Read(line, option);
}
