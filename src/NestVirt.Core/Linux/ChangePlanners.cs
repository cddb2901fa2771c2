using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux.Boot.Loaders;
using NestVirt.Linux.Drivers;
using NestVirt.Linux.HugePages;
using NestVirt.Linux.Iommu;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Sriov;
using NestVirt.Probing;

namespace NestVirt.Linux;

/// <summary>Finds the planner of a request.</summary>
internal static class ChangePlanners
{
    /// <summary>Gets the probes that a request's planner reads.</summary>
    /// <param name="request">The request.</param>
    /// <returns>The probes.</returns>
    internal static IReadOnlyList<HostProbe> Probes(ChangeRequest request) =>
        request switch
        {
            NestingRequest => NestingPlanner.Probes,
            ModuleParameterRequest => ModuleParameterPlanner.Probes,
            HugePageRequest => HugePagePlanner.Probes,
            PciDriverRequest => PciDriverPlanner.Probes,
            KernelParameterRequest => KernelParameterPlanner.Probes,
            IommuRequest => IommuPlanner.Probes,
            VirtualFunctionRequest => VirtualFunctionPlanner.Probes,
            _ => throw Unknown(request),
        };

    /// <summary>Plans a request.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">The request.</param>
    /// <param name="answers">The answers of the host.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="ChangeRefusedException">The host cannot have it; the reasons name the commands that mend them.</exception>
    internal static ChangePlan Plan(HostTarget target, ChangeRequest request, ProbeAnswers answers)
    {
        try
        {
            return PlanOf(target, request, answers);
        }
        catch (ChangeRefusedException refused)
        {
            throw refused.For(target, request);
        }
    }

    private static ChangePlan PlanOf(HostTarget target, ChangeRequest request, ProbeAnswers answers) =>
        request switch
        {
            NestingRequest nesting => NestingPlanner.Plan(target, nesting, answers),
            ModuleParameterRequest module => ModuleParameterPlanner.Plan(target, module, answers),
            HugePageRequest pages => HugePagePlanner.Plan(target, pages, answers),
            PciDriverRequest driver => PciDriverPlanner.Plan(target, driver, answers),
            KernelParameterRequest kernel => PlanWords(target, kernel, answers),
            IommuRequest iommu => IommuPlanner.Plan(target, iommu, answers),
            VirtualFunctionRequest functions => VirtualFunctionPlanner.Plan(target, functions, answers),
            _ => throw Unknown(request),
        };

    private static ChangePlan PlanWords(HostTarget target, KernelParameterRequest request, ProbeAnswers answers)
    {
        ModuleLoadRules.RequireWords(request.Set);
        return KernelParameterPlanner.Plan(target, request, answers);
    }

    private static NestVirtException Unknown(ChangeRequest request) =>
        new(NestVirtErrorKind.FeatureNotSupported, $"This release cannot {request.Title} on a KVM host.");
}
