using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.Kvm;

/// <summary>Plans nesting on or off: finds the module that decides, and sets its parameter.</summary>
internal static class NestingPlanner
{
    /// <summary>Gets the probes whose answers are read.</summary>
    public static IReadOnlyList<HostProbe> Probes => ModuleParameterPlanner.Probes;

    /// <summary>Plans what a request asks for.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">On or off, and other parameters of the same module.</param>
    /// <param name="answers">The answers of the host.</param>
    /// <returns>The changes that are missing.</returns>
    /// <exception cref="ChangeRefusedException">The host cannot nest, or cannot have the parameters.</exception>
    public static ChangePlan Plan(HostTarget target, NestingRequest request, ProbeAnswers answers)
    {
        KvmHostState state = answers.Read(KvmHostState.Reading);
        NestedFacts nested = NestedAssessor.Assess(state);
        (_, IReadOnlyList<Finding> reasons) = VerdictAssessor.Assess(state, nested);
        Finding[] obstacles =
        [
            .. reasons.Where(static reason =>
                reason.Severity == Severity.Error
                && reason.Code is not (FindingCodes.KvmModuleNotLoaded or FindingCodes.NestedOff)
            ),
        ];
        if (KvmArchitecture.IsArm64(state.Architecture, state.Extension))
        {
            throw new ChangeRefusedException(
                new Finding(
                    FindingCodes.KernelParameterNeeded,
                    Severity.Error,
                    "On arm64 a kernel parameter decides on nesting."
                )
                {
                    Remedy = request.Enable
                        ? "Put kvm-arm.mode=nested on the kernel command line, and reboot."
                        : "Take kvm-arm.mode=nested off the kernel command line, and reboot.",
                    Mend = new CommandCall(
                        OwnCommand.SetKernel,
                        (
                            request.Enable ? CommandArgument.KernelWord : CommandArgument.RemovedKernelWord,
                            "kvm-arm.mode=nested"
                        )
                    ),
                }
            );
        }

        if (state.NestingModule is not { } module || nested.Effective == NestedState.NotApplicable)
        {
            // What cannot nest is as good as off.
            return request.Enable || request.Parameters.Count > 0
                ? throw new ChangeRefusedException(
                    obstacles is []
                        ?
                        [
                            new Finding(
                                FindingCodes.NestingNotPossible,
                                Severity.Error,
                                "Which module decides on nesting on this host could not be told."
                            ),
                        ]
                        : obstacles
                )
                : new ChangePlan(target, request, HostIdentityProbe.Read(answers), []) { Findings = [.. reasons] };
        }

        Dictionary<string, string> wanted = new(request.Parameters, StringComparer.Ordinal)
        {
            [KvmParameterCatalog.Nested] = request.Enable ? "1" : "0",
        };
        return ModuleParameterPlanner.Plan(target, request, state, answers, module, wanted, load: request.Enable);
    }
}
