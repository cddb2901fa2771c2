using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux.Machine;
using NestVirt.Probing;

namespace NestVirt.Linux.Boot.Loaders;

/// <summary>Plans words on the kernel's command line, by the way in which the host boots.</summary>
internal static class KernelParameterPlanner
{
    /// <summary>Gets the probes whose answers are read.</summary>
    public static IReadOnlyList<HostProbe> Probes { get; } = [.. BootSystem.Probes, HostIdentityProbe.Probe];

    /// <summary>Plans what a request asks for.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">The words.</param>
    /// <param name="answers">The answers of the host.</param>
    /// <returns>The changes that are missing.</returns>
    /// <exception cref="ChangeRefusedException">A word cannot be, or the host's way of booting is unknown.</exception>
    public static ChangePlan Plan(HostTarget target, KernelParameterRequest request, ProbeAnswers answers)
    {
        KernelWordRules.Require(request.Set, request.Remove, request.Force);
        KernelParameterPlan plan = KernelParameterPlan.Make(
            answers.Read(BootSystem.Reading),
            new KernelWordChange(request.Set, request.Remove),
            request.ReplaceConflict
        );
        return new ChangePlan(target, request, HostIdentityProbe.Read(answers), plan.Changes)
        {
            Findings = plan.Findings,
            Pending = plan.Pending,
        };
    }
}
