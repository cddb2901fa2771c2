using NestVirt.Hosts;
using NestVirt.Linux.Files;
using NestVirt.Linux.HugePages;
using NestVirt.Linux.Iommu;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.Support;

/// <summary>Answers whether a KVM host can nest and pass devices through, and why not.</summary>
internal static class SupportAssessor
{
    /// <summary>Gets the probes whose answers are weighed.</summary>
    public static IReadOnlyList<HostProbe> Probes { get; } =
    [.. KvmHostState.Probes, TopologyProbe.Probe, IommuProbe.Probe, .. HugePageFindings.Probes];

    /// <summary>Weighs the answers.</summary>
    /// <param name="target">The host.</param>
    /// <param name="answers">Its answers.</param>
    /// <returns>The answer; the gravest reasons first, and among equals what led to the verdict.</returns>
    /// <exception cref="ProbeFormatException">An answer cannot be read.</exception>
    public static NestedSupport Assess(HostTarget target, ProbeAnswers answers)
    {
        KvmHostState state = answers.Read(KvmHostState.Reading);
        NestedFacts nested = NestedAssessor.Assess(state);
        (Verdict verdict, IReadOnlyList<Finding> reasons) = VerdictAssessor.Assess(state, nested);
        Finding[] all =
        [
            .. reasons
                .Concat(NestedFindings.Assess(state, nested))
                .Concat(
                    ModuleConfigurationAssessor
                        .Assess(state.Configuration, state.NestingModule)
                        .Where(finding => IsRelevant(finding, state))
                        .Select(static finding => finding.Finding)
                )
                .Concat(KvmFindings.Assess(state))
                .Concat(state.Machine.Findings)
                .Concat(IommuAssessor.Findings(answers))
                .Concat(HugePageFindings.Assess(answers))
                .Concat(LeftOutFiles.Findings(LeftOutFiles.In(answers, Probes))),
        ];
        return new NestedSupport(target)
        {
            Platform = PlatformOf(state, answers),
            Cpu = state.Machine.Cpu,
            Virtualization = state.Machine.Virtualization,
            Hypervisor = state.Machine.Hypervisor,
            Layer = state.Machine.Layer,
            Nested = nested,
            Iommu = IommuAssessor.Summarize(answers),
            Verdict = verdict,
            Reasons =
            [
                .. all.Concat(BootFindings.Assess(state, answers, all))
                    .Select(reason => reason.For(target))
                    .Distinct()
                    .OrderByDescending(static finding => finding.Severity),
            ],
            System = state.System,
            Topology = answers.Read(TopologyProbe.Reading),
        };
    }

    // Without a usable extension no module loads, and its options are not what is in the way.
    private static bool IsRelevant(ModuleFinding finding, KvmHostState state) =>
        finding.Finding.Severity != Severity.Error
        || state.Machine.Virtualization.State is VirtualizationState.Available or VirtualizationState.Unknown;

    private static HostPlatform PlatformOf(KvmHostState state, ProbeAnswers answers) =>
        state.IsForeign
        || !answers[SystemProbe.Probe].IsAvailable
        || (state.System == new SystemFacts() && state.Machine.Cpu == new CpuFacts(null, null))
            ? HostPlatform.Unknown
            : HostPlatform.Kvm;
}
