using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.HyperV.Dda;
using NestVirt.HyperV.Machine;
using NestVirt.HyperV.Settings;
using NestVirt.HyperV.Sriov;
using NestVirt.HyperV.Support;
using NestVirt.HyperV.VirtualMachines;
using NestVirt.HyperV.Worker;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Questions;
using NestVirt.Transport;

namespace NestVirt.HyperV;

/// <summary>What is asked of Windows hosts with Hyper-V and what answers it: the table of contents of this folder.</summary>
/// <param name="worker">Changes its hosts.</param>
internal sealed class HyperVPlatform(IChangeWorker worker) : IPlatform
{
    // Questions and answers of one type each: Question<T> has a PlatformAnswer<T>.
    private static readonly Dictionary<object, object> s_answers = new()
    {
        [HostQuestions.Support] = new PlatformAnswer<NestedSupport>(
            HyperVSupportAssessor.Probes,
            static (answers, target) => [HyperVSupportAssessor.Assess(answers, target)]
        ),
        [HostQuestions.VmNestedCpus] = new PlatformAnswer<VmNestedCpu>(
            VMNestingAssessor.Probes,
            VMNestingAssessor.Assess
        )
        {
            FindingsOf = static (answers, _) => VMNestingAssessor.FindingsOf(answers),
        },
        [HostQuestions.PciDevices] = new PlatformAnswer<PciDevice>(PciDeviceAssessor.Probes, PciDeviceAssessor.Assess)
        {
            FindingsOf = static (answers, _) => PciDeviceAssessor.FindingsOf(answers),
        },
        [HostQuestions.SriovDevices] = new PlatformAnswer<SriovDevice>(SriovAssessor.Probes, SriovAssessor.Assess),
        [HostQuestions.VmPciDevices] = new PlatformAnswer<VmPciDevice>(
            VmPciDeviceAssessor.Probes,
            VmPciDeviceAssessor.Assess
        ),
    };

    private static readonly Dictionary<Type, ChangePlanner> s_planners = new()
    {
        [typeof(NestingRequest)] = Planner<NestingRequest>(VMPlanner.Probes, VMPlanner.Plan),
        [typeof(VmCpuRequest)] = Planner<VmCpuRequest>(VMPlanner.Probes, VMPlanner.Plan),
        [typeof(VmPciDeviceRequest)] = Planner<VmPciDeviceRequest>(DevicePlanner.Probes, DevicePlanner.Plan),
    };

    /// <summary>Initializes a new instance of the <see cref="HyperVPlatform"/> class for every host that this machine reaches.</summary>
    public HyperVPlatform()
        : this(HostConnector.Default) { }

    /// <summary>Initializes a new instance of the <see cref="HyperVPlatform"/> class with the journals of this user.</summary>
    /// <param name="connector">Connects to hosts that are changed.</param>
    public HyperVPlatform(HostConnector connector)
        : this(new HyperVChangeWorker(connector)) { }

    /// <inheritdoc/>
    public string Name => "a Hyper-V host";

    /// <inheritdoc/>
    public IChangeWorker Worker { get; } = worker;

    /// <inheritdoc/>
    public HostProbe Mark => WindowsProbe.Probe;

    /// <inheritdoc/>
    public IReadOnlyList<HostProbe> Probes { get; } =
    [.. HyperVHost.Probes, .. VMProbes.All, .. DeviceProbes.All, .. SriovProbes.All];

    /// <inheritdoc/>
    public IReadOnlyList<HostProbe> PlanProbes { get; } = [WindowsIdentityProbe.Product, .. DeviceUse.Probes];

    /// <inheritdoc/>
    public bool Has(HostTarget target) => target.Address is SnapshotAddress || CimLogin.Reaches(target.Address);

    /// <inheritdoc/>
    public PlatformAnswer<T>? Find<T>(Question<T> question) =>
        s_answers.GetValueOrDefault(question) as PlatformAnswer<T>;

    /// <inheritdoc/>
    public ChangePlanner? FindPlanner(ChangeRequest request) => s_planners.GetValueOrDefault(request.GetType());

    private static ChangePlanner Planner<T>(
        IReadOnlyList<HostProbe> probes,
        Func<HostTarget, T, ProbeAnswers, ChangePlan> plan
    )
        where T : ChangeRequest => new(probes, (target, request, answers) => plan(target, (T)request, answers));
}
