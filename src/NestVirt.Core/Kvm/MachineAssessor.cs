using NestVirt.Model;
using NestVirt.Transport;

namespace NestVirt.Kvm;

/// <summary>Tells what a machine is from the answers of the processor, hypervisor, kernel-log and register probes.</summary>
public static class MachineAssessor
{
    /// <summary>Weighs the answers.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <returns>What they prove, and Unknown with a reason for the rest.</returns>
    /// <exception cref="ProbeFormatException">An answer cannot be read.</exception>
    public static MachineFacts Assess(ProbeAnswers answers) => new(
        new CpuFacts(null, null),
        new VirtualizationFacts(null, VirtualizationState.Unknown, []),
        new HypervisorFacts(null, null),
        HostLayer.Unknown);
}
