using System.Globalization;
using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Linux.Boot;
using NestVirt.Linux.Files;
using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.HugePages;

/// <summary>Plans a number of huge pages: now, and for each boot.</summary>
internal static class HugePagePlanner
{
    private const long MostMarginKiB = 1024 * 1024;

    /// <summary>Gets the probes whose answers are read.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } =
    [HugePageProbe.Probe, HugePageSettings.Probe, .. BootSystem.Probes, HostIdentityProbe.Probe];

    /// <summary>Plans what a request asks for.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">The size, the number, and the node.</param>
    /// <param name="answers">The answers of the host.</param>
    /// <returns>The changes that are missing.</returns>
    /// <exception cref="ChangeRefusedException">The host has no such pages, too little memory, or needs those it has.</exception>
    internal static ChangePlan Plan(HostTarget target, HugePageRequest request, ProbeAnswers answers)
    {
        HugePageHost host = answers.Read(HugePageProbe.Reading);
        HugePageCounts counts = Find(host, request);
        RequireMemory(host, request, counts);
        RequireUnused(host, request, counts);
        SettingFiles files = HugePageSettings.Read(answers, host);
        (long SizeKiB, Finding Finding)[] fewer = [.. HugePageFindings.Fewer(host, files)];
        HugePageBoot boot = request.IsTemporary
            ? new HugePageBoot([], [])
            : HugePageCommandLine.Make(answers.Read(BootSystem.Reading), host, files, request)
                ?? HugePageBoot.Make(host, files, request);
        HostChange? now = HugePageAction.Plan(
            HugePageBoot.Folder(request.SizeKiB, request.Node),
            counts.PersistentCount,
            request.Count
        );
        return new ChangePlan(
            target,
            request,
            HostIdentityProbe.Read(answers),
            now is null ? boot.Changes : [now, .. boot.Changes]
        )
        {
            Findings =
            [
                .. fewer.Where(pair => pair.SizeKiB == request.SizeKiB).Select(static pair => pair.Finding),
                .. boot.Findings,
            ],
            Pending = now is null && counts.SurplusCount > 0 ? [Surplus(request, counts)] : [],
        };
    }

    private static HugePageCounts Find(HugePageHost host, HugePageRequest request)
    {
        if (host.Sizes.Count == 0)
        {
            throw Refuse(
                FindingCodes.HugePagesMissing,
                "The kernel has no huge pages.",
                "/sys/kernel/mm/hugepages is empty or not there",
                null
            );
        }

        if (!host.Sizes.TryGetValue(request.SizeKiB, out HugePageCounts? counts))
        {
            throw Refuse(
                FindingCodes.HugePageSizeUnknown,
                $"The kernel has no huge pages of {HugePageRequest.SizeText(request.SizeKiB)}.",
                "/sys/kernel/mm/hugepages",
                $"The sizes that it has: {string.Join(", ", host.Sizes.Keys.Select(HugePageRequest.SizeText))}."
            );
        }

        if (request.Count < 0)
        {
            throw Refuse(
                FindingCodes.HugePageCountInvalid,
                $"{Number(request.Count)} is no number of huge pages.",
                null,
                "Give 0 or more."
            );
        }

        if (request.Node is not { } node)
        {
            return counts;
        }

        return
            host.Nodes.TryGetValue(node, out IReadOnlyDictionary<long, HugePageCounts>? sizes)
            && sizes.TryGetValue(request.SizeKiB, out HugePageCounts? own)
            ? own
            : throw Refuse(
                FindingCodes.NodeUnknown,
                $"The host has no huge pages of {HugePageRequest.SizeText(request.SizeKiB)} on a node {Number(node)}.",
                "/sys/devices/system/node",
                host.Nodes.Count == 0
                    ? "It shows no NUMA nodes: leave the node out."
                    : $"The nodes that it has: {string.Join(", ", host.Nodes.Keys.Order().Select(static number => Number(number)))}."
            );
    }

    private static void RequireMemory(HugePageHost host, HugePageRequest request, HugePageCounts counts)
    {
        long more = request.Count - counts.PersistentCount;
        if (
            more <= 0
            || (request.Node is { } node ? host.NodeMemory.GetValueOrDefault(node) : host.Memory) is not { } memory
        )
        {
            return;
        }

        // What the host keeps to go on working: 5 %, and not more than 1 GiB.
        long room = Math.Max(0, memory.FreeKiB - Math.Min(memory.TotalKiB / 20, MostMarginKiB)) / request.SizeKiB;
        if (more > room)
        {
            throw Refuse(
                FindingCodes.MemoryTooLittle,
                $"{HugePageRequest.PagesText(more, "more ")} of {HugePageRequest.SizeText(request.SizeKiB)} {(more == 1 ? "does" : "do")} not fit into the free memory{(request.Node is null ? string.Empty : $" of node {request.Node}")}.",
                memory.Evidence,
                room == 0
                    ? "There is no room for another one. Stop what uses memory."
                    : $"There is room for {Number(room)} more, {Number(counts.PersistentCount + room)} in all. Stop what uses memory, or ask for fewer."
            );
        }
    }

    private static void RequireUnused(HugePageHost host, HugePageRequest request, HugePageCounts counts)
    {
        if (request.Force || request.Count >= counts.PersistentCount)
        {
            return;
        }

        HugePageCounts all = host.Sizes[request.SizeKiB];
        long left = all.TotalCount - (counts.PersistentCount - request.Count);
        if (request.Count < counts.UsedCount || left < all.UsedCount)
        {
            HugePageCounts shown = request.Count < counts.UsedCount ? counts : all;
            throw Refuse(
                FindingCodes.HugePagesInUse,
                $"{HugePageRequest.PagesText(shown.UsedCount)} of {HugePageRequest.SizeText(request.SizeKiB)} {(shown.UsedCount == 1 ? "is" : "are")} in use or promised, so there cannot be {Number(request.Count)}.",
                $"{HugePageBoot.Folder(request.SizeKiB, ReferenceEquals(shown, counts) ? request.Node : null)}: nr_hugepages {Number(shown.TotalCount)}, free_hugepages {Number(shown.FreeCount)}, resv_hugepages {Number(shown.ReservedCount)}",
                Advice.Of(
                    $"Shut down the guests that use them; or use {ChangeSwitch.Force}, and they go when they are released."
                )
            );
        }
    }

    private static Finding Surplus(HugePageRequest request, HugePageCounts counts) =>
        new(
            FindingCodes.HugePagesInUse,
            Severity.Information,
            counts.SurplusCount == 1
                ? "1 huge page more than asked for is in use, and goes when it is released."
                : $"{Number(counts.SurplusCount)} huge pages more than asked for are in use, and go when they are released."
        )
        {
            Evidence =
                $"{HugePageBoot.Folder(request.SizeKiB, request.Node)}/surplus_hugepages: {Number(counts.SurplusCount)}",
            Remedy = "Shut down the guests that use them.",
        };

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static ChangeRefusedException Refuse(string code, string sentence, string? evidence, string? remedy) =>
        new(new Finding(code, Severity.Error, sentence) { Evidence = evidence, Remedy = remedy });
}
