using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Linux.Boot;
using NestVirt.Linux.Boot.Loaders;
using NestVirt.Linux.Drivers;
using NestVirt.Linux.Files;
using NestVirt.Linux.GuestCpu;
using NestVirt.Linux.GuestDevices;
using NestVirt.Linux.GuestPci;
using NestVirt.Linux.Guests;
using NestVirt.Linux.GuestTuning;
using NestVirt.Linux.HugePages;
using NestVirt.Linux.Iommu;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Modprobe;
using NestVirt.Linux.Pci;
using NestVirt.Linux.Sriov;
using NestVirt.Linux.Support;
using NestVirt.Linux.Virtualization;
using NestVirt.Linux.Worker;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Questions;
using NestVirt.Transport;
using NestVirt.Transport.Shell;

namespace NestVirt.Linux;

/// <summary>What is asked of Linux hosts with KVM and what answers it, what they are asked to change and what plans it: the table of contents of this folder.</summary>
/// <param name="shells">Opens shells on hosts that are changed.</param>
internal sealed class LinuxPlatform(IHostShellFactory shells) : IPlatform
{
    // Questions and answers of one type each: Question<T> has a PlatformAnswer<T>.
    private static readonly Dictionary<object, object> s_answers = new()
    {
        [HostQuestions.Support] = new PlatformAnswer<NestedSupport>(
            [.. SupportAssessor.Probes, InterruptedChange.Probe],
            static (answers, target) => [Support(answers, target)]
        ),
        [HostQuestions.IommuGroups] = Answer<IommuGroup>(IommuInventory.Probes, IommuInventory.Require),
        [HostQuestions.PciDevices] = Answer<PciDevice>(PciDeviceInventory.Probes, PciDeviceInventory.Require),
        [HostQuestions.SriovDevices] = Answer<SriovDevice>(SriovInventory.Probes, SriovInventory.Read),
        [HostQuestions.VmNestedCpus] = new PlatformAnswer<VmNestedCpu>(
            [.. GuestNestingAssessor.Probes, InterruptedChange.Probe],
            GuestNestingAssessor.Assess
        )
        {
            FindingsOf = static (answers, target) =>
                [.. LibvirtAccess.FindingsOf(answers), .. InterruptedChange.Find(answers, target)],
        },
        [HostQuestions.VmPciDevices] = new PlatformAnswer<VmPciDevice>(
            [.. GuestPciAssessor.Probes, InterruptedChange.Probe],
            GuestPciAssessor.Assess
        )
        {
            FindingsOf = static (answers, target) =>
                [.. GuestPciAssessor.FindingsOf(answers), .. InterruptedChange.Find(answers, target)],
        },
        [HostQuestions.KvmModules] = Answer<KvmModule>(
            KvmHostState.Probes,
            static (answers, target) => KvmModuleAssessor.Assess(answers.Read(KvmHostState.Reading), target)
        ),
    };

    private static readonly Dictionary<Type, ChangePlanner> s_planners = new()
    {
        [typeof(NestingRequest)] = Planner<NestingRequest>(NestingPlanner.Probes, NestingPlanner.Plan),
        [typeof(ModuleParameterRequest)] = Planner<ModuleParameterRequest>(
            ModuleParameterPlanner.Probes,
            ModuleParameterPlanner.Plan
        ),
        [typeof(HugePageRequest)] = Planner<HugePageRequest>(HugePagePlanner.Probes, HugePagePlanner.Plan),
        [typeof(PciDriverRequest)] = Planner<PciDriverRequest>(PciDriverPlanner.Probes, PciDriverPlanner.Plan),
        [typeof(KernelParameterRequest)] = Planner<KernelParameterRequest>(KernelParameterPlanner.Probes, PlanWords),
        [typeof(IommuRequest)] = Planner<IommuRequest>(IommuPlanner.Probes, IommuPlanner.Plan),
        [typeof(VirtualFunctionRequest)] = Planner<VirtualFunctionRequest>(
            VirtualFunctionPlanner.Probes,
            VirtualFunctionPlanner.Plan
        ),
        [typeof(VmCpuRequest)] = Planner<VmCpuRequest>(VmCpuPlanner.Probes, VmCpuPlanner.Plan),
        [typeof(VmTuningRequest)] = Planner<VmTuningRequest>(VmTuningPlanner.Probes, VmTuningPlanner.Plan),
        [typeof(VmPciDeviceRequest)] = Planner<VmPciDeviceRequest>(GuestDevicePlanner.Probes, GuestDevicePlanner.Plan),
    };

    // Nesting of the host is a parameter of a module, and that of its guests a part of their definitions.
    private static readonly ChangePlanner s_guestNesting = Planner<NestingRequest>(
        VmCpuPlanner.Probes,
        VmCpuPlanner.Plan
    );

    private static readonly HostProbe[] s_probes =
    [
        SystemProbe.Probe,
        TopologyProbe.Probe,
        KvmModuleProbe.Probe,
        ModprobeConfigProbe.Probe,
        BootConfigProbe.Probe,
        BootConfigProbe.RootProbe,
        .. PciInventory.Probes,
        IommuProbe.Probe,
        .. MachineAssessor.Probes,
        LibvirtProbe.Probe,
        LibvirtProbe.CapabilitiesProbe,
        KvmUsersProbe.Probe,
        GuestUseProbe.Probe,
        InterruptedChange.Probe,
    ];

    /// <summary>Initializes a new instance of the <see cref="LinuxPlatform"/> class for every host that this machine reaches.</summary>
    public LinuxPlatform()
        : this(HostConnector.Default) { }

    /// <inheritdoc/>
    public string Name => "a KVM host";

    /// <inheritdoc/>
    public IChangeWorker Worker { get; } = new LinuxChangeWorker(shells);

    /// <inheritdoc/>
    public HostProbe Mark => SystemProbe.Probe;

    /// <inheritdoc/>
    public IReadOnlyList<HostProbe> Probes => s_probes;

    /// <inheritdoc/>
    public IReadOnlyList<HostProbe> PlanProbes { get; } =
    [.. s_planners.Values.SelectMany(static planner => planner.Probes).Except(s_probes)];

    /// <inheritdoc/>
    public bool Has(HostTarget target) => !CimLogin.Reaches(target.Address);

    /// <inheritdoc/>
    public PlatformAnswer<T>? Find<T>(Question<T> question) =>
        s_answers.GetValueOrDefault(question) as PlatformAnswer<T>;

    /// <inheritdoc/>
    public ChangePlanner? FindPlanner(ChangeRequest request) =>
        request is NestingRequest { VmNames: not null }
            ? s_guestNesting
            : s_planners.GetValueOrDefault(request.GetType());

    private static PlatformAnswer<T> Answer<T>(
        IReadOnlyList<HostProbe> probes,
        Func<ProbeAnswers, HostTarget, IEnumerable<T>> read
    ) => new([.. probes, InterruptedChange.Probe], read) { FindingsOf = InterruptedChange.Find };

    // It is one of the reasons, where a host has such.
    private static NestedSupport Support(ProbeAnswers answers, HostTarget target)
    {
        NestedSupport support = SupportAssessor.Assess(target, answers);
        return support with
        {
            Reasons =
            [
                .. support
                    .Reasons.Concat(InterruptedChange.Find(answers, target))
                    .OrderByDescending(static finding => finding.Severity),
            ],
        };
    }

    private static ChangePlanner Planner<T>(
        IReadOnlyList<HostProbe> probes,
        Func<HostTarget, T, ProbeAnswers, ChangePlan> plan
    )
        where T : ChangeRequest =>
        new(
            [.. probes, InterruptedChange.Probe],
            (target, request, answers) =>
            {
                Finding[] leftOut = [.. LeftOutFiles.Findings(LeftOutFiles.In(answers, probes))];
                try
                {
                    ChangePlan made = plan(
                        target,
                        (T)request,
                        answers.Demanding((probe, reason) => NotPlanned(target, RecordedFacts.NameOf(probe), reason))
                    );
                    return made with
                    {
                        Findings =
                        [
                            .. InterruptedChange.Find(answers, target),
                            .. made.Findings,
                            .. made
                                .Changes.Where(static change => change.EndsHardLinks)
                                .Select(static change => FileAction.OtherNames(change.Setting)),
                            .. leftOut,
                        ],
                    };
                }
                catch (ChangeRefusedException refusal) when (leftOut.Length > 0)
                {
                    throw new ChangeRefusedException([.. refusal.Reasons, .. leftOut]);
                }
            }
        );

    private static NestVirtException NotPlanned(HostTarget target, string what, string? reason) =>
        target.Address is not SnapshotAddress
            ? new(NestVirtErrorKind.HostPermissionDenied, $"The change cannot be planned: {reason}.")
            {
                Remedy = SudoRefusal.RemedyIn(reason ?? string.Empty),
            }
        : reason is null
            ? new(
                NestVirtErrorKind.SnapshotInvalid,
                $"The change cannot be planned over this snapshot: it was made by an earlier release, or redacted, and does not hold {what}."
            )
            {
                Remedy = Advice.Of($"Make it again as root with {OwnCommand.Snapshot}, not redacted."),
            }
        : new(
            NestVirtErrorKind.SnapshotInvalid,
            $"The change cannot be planned over this snapshot: it does not hold {what}: {reason}."
        )
        {
            Remedy = reason.EndsWith(SnapshotQuery.MayHoldPasswords, StringComparison.Ordinal)
                ? "Plan this change over the live host."
                : Advice.Of($"Make it again as root with {OwnCommand.Snapshot}."),
        };

    private static ChangePlan PlanWords(HostTarget target, KernelParameterRequest request, ProbeAnswers answers)
    {
        ModuleLoadRules.RequireWords(request.Set);
        return KernelParameterPlanner.Plan(target, request, answers);
    }
}
