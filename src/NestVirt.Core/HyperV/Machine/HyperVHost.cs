using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.HyperV.Machine;

/// <summary>What a host is that has Hyper-V, or could have it.</summary>
/// <param name="Windows">Its Windows.</param>
/// <param name="Computer">Its machine.</param>
/// <param name="Processor">Its processors.</param>
/// <param name="Guard">What Windows protects itself with.</param>
/// <param name="Iov">Whether it can give virtual functions to VMs.</param>
/// <param name="Role">Whether it has the role.</param>
internal sealed record HyperVHost(
    WindowsFacts Windows,
    ComputerFacts Computer,
    ProcessorFacts Processor,
    DeviceGuardFacts Guard,
    IovFacts Iov,
    HyperVRole Role
)
{
    private const string HidesItself =
        "Hyper-V answers with nothing: the account may not see it, or its service vmms does not run";

    /// <summary>Gets the probes whose answers are read.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } =
    [
        WindowsProbe.Probe,
        ComputerProbe.Probe,
        ProcessorProbe.Probe,
        DeviceGuardProbe.Probe,
        RoleProbe.Probe,
        IovProbe.Probe,
    ];

    /// <summary>Gets the reading.</summary>
    internal static ProbeReading<HyperVHost> Reading { get; } =
        new(
            Probes,
            static answers => new HyperVHost(
                answers.Read(WindowsProbe.Reading),
                answers.Read(ComputerProbe.Reading),
                answers.Read(ProcessorProbe.Reading),
                answers.Read(DeviceGuardProbe.Reading),
                answers.Read(IovProbe.Reading),
                answers.Read(RoleProbe.Reading)
            )
            {
                DoesAnswer = ShowsItself(answers),
                LacksClasses = CimAnswers.IsMissing(answers[IovProbe.Probe]),
                Unread = WhyUnread(answers),
            }
        );

    /// <summary>Gets a value indicating whether the classes of Hyper-V answer.</summary>
    internal bool DoesAnswer { get; init; }

    /// <summary>Gets a value indicating whether the host said that it has no classes of Hyper-V.</summary>
    internal bool LacksClasses { get; init; }

    /// <summary>Gets why nothing is known of its Windows or its Hyper-V, as the host said it; null where it is known.</summary>
    internal string? Unread { get; init; }

    /// <summary>Gets where the machine stands, and whose hypervisor it is a guest of.</summary>
    internal (HostLayer Layer, string? Vendor) Place => GuestSigns.Find(Computer);

    private static string? WhyUnread(ProbeAnswers answers) =>
        new[] { WindowsProbe.Probe, ComputerProbe.Probe, ProcessorProbe.Probe, IovProbe.Probe }
            .Where(probe => !CimAnswers.IsMissing(answers[probe]))
            .Select(probe => answers[probe].UnavailableReason)
            .FirstOrDefault(static reason => reason is not null)
        ?? (answers[IovProbe.Probe].IsAvailable && !ShowsItself(answers) ? HidesItself : null);

    // Each host with Hyper-V has one. Without the right an account may be given none in the place of a refusal.
    private static bool ShowsItself(ProbeAnswers answers) => CimAnswers.Read(answers, IovProbe.Probe).Count > 0;
}
