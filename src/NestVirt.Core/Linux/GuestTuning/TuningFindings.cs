using System.Globalization;
using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.GuestTuning;

/// <summary>Says how a guest is fitted to its host, and what keeps it from that. The name of the guest comes before it.</summary>
internal static class TuningFindings
{
    internal static Finding Tuned(string sentence, string? evidence = null) =>
        new(FindingCodes.VmTuned, Severity.Information, sentence) { Evidence = evidence };

    internal static Finding Left(string sentence, string? evidence = null) =>
        new(FindingCodes.VmTuningLeft, Severity.Information, sentence) { Evidence = evidence };

    internal static Finding LayoutUnknown { get; } =
        new(
            FindingCodes.VmUnknown,
            Severity.Error,
            "Which processors of the host are threads of one core is not known, and so nothing is pinned to them."
        )
        {
            Evidence = "/sys/devices/system/cpu/cpu*/topology",
            Remedy = "Ask as root, and outside a container; or leave the tuning of the CPU out.",
        };

    internal static Finding CountUnknown { get; } =
        new(
            FindingCodes.VmUnknown,
            Severity.Error,
            "How many processors the virtual machine has, and which of them are on, cannot be told from its definition."
        )
        {
            Evidence = "<vcpu>, <vcpus>",
        };

    internal static Finding NodeUnknown(int node, IReadOnlyList<int> nodes) =>
        new(
            FindingCodes.SettingInvalid,
            Severity.Error,
            string.Create(CultureInfo.InvariantCulture, $"The host has no NUMA node {node} with processors.")
        )
        {
            Evidence = $"nodes {CpuList.Write(nodes)}",
            Remedy = "Name one of these.",
        };

    internal static Finding TooSmall(int count, long? memoryBytes, string host) =>
        new(
            FindingCodes.VmHostTooSmall,
            Severity.Error,
            $"The host cannot give the virtual machine {Processors(count)} of its own{(memoryBytes is { } bytes ? $" with {HugePageRequest.SizeText(bytes >> 10)} of memory beside them" : string.Empty)}."
        )
        {
            Evidence = host,
            Remedy =
                "Give the virtual machine fewer processors or less memory, or name what is to be fitted without them; with the second threads of cores (pair) it needs fewer cores.",
        };

    internal static Finding Taken(int count, string host) =>
        new(
            FindingCodes.VmCpusTaken,
            Severity.Error,
            $"The {Processors(count)} that the virtual machine needs for itself are those of other virtual machines."
        )
        {
            Evidence = host,
            Remedy = "Unpin another virtual machine, move it to another host, or let them share.",
            RepeatWith = ChangeSwitch.Force,
        };

    internal static Finding Shared(IReadOnlyList<string> owners, string cpus) =>
        new(
            FindingCodes.VmCpusShared,
            Severity.Warning,
            $"It shares processors of the host with {WordList.Short(owners)}, which are pinned to them, too: each waits for the others."
        )
        {
            Evidence = $"processors {cpus}",
        };

    internal static Finding Floating(IReadOnlyList<string> names) =>
        new(
            FindingCodes.VmCpusShared,
            Severity.Warning,
            $"{WordList.Short(names)} {(names.Count == 1 ? "is" : "are")} not pinned to other cores, and so may run on its processors, too; so may the host's own programs."
        )
        {
            Evidence = "no <vcpupin>",
            Remedy =
                "Fit the others as well, or set processors aside for guests at the next boot: isolcpus=, or a cpuset.",
        };

    internal static Finding PagesFew(long sizeKiB, long count, long total, string evidence, bool isAsked, int? node) =>
        new(
            FindingCodes.VmHugePagesFew,
            isAsked ? Severity.Error : Severity.Information,
            $"The host has not {HugePageRequest.PagesText(count, "free ")} of {HugePageRequest.SizeText(sizeKiB)} for the memory of the virtual machine{(isAsked ? string.Empty : ", which stays in small pages")}."
        )
        {
            Evidence = evidence,
            Mend = new CommandCall(
                OwnCommand.SetHugePages,
                [
                    (CommandArgument.PageSizeKiB, sizeKiB.ToString(CultureInfo.InvariantCulture)),
                    (CommandArgument.PageCount, total.ToString(CultureInfo.InvariantCulture)),
                    .. node is { } number
                        ? new[] { (CommandArgument.Node, number.ToString(CultureInfo.InvariantCulture)) }
                        : [],
                ]
            ),
        };

    internal static Finding PagesUneven(long sizeKiB) =>
        new(
            FindingCodes.SettingInvalid,
            Severity.Error,
            $"The memory of the virtual machine is no whole number of huge pages of {HugePageRequest.SizeText(sizeKiB)}."
        )
        {
            Evidence = "<memory>",
            Remedy = "Ask for smaller ones, or give it another amount of memory.",
        };

    private static string Processors(int count) =>
        count == 1 ? "processor" : FormattableString.Invariant($"{count} processors");
}
