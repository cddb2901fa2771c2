using NestVirt.Model;

namespace NestVirt.Linux.Machine;

/// <summary>What a machine is: its processor, what that can virtualize, and who runs the machine.</summary>
/// <param name="Cpu">The processor.</param>
/// <param name="Virtualization">Its virtualization extension.</param>
/// <param name="Hypervisor">Who runs the machine.</param>
/// <param name="Layer">Where the machine stands among hypervisors.</param>
internal sealed record MachineFacts(
    CpuFacts Cpu,
    VirtualizationFacts Virtualization,
    HypervisorFacts Hypervisor,
    HostLayer Layer
)
{
    /// <summary>Gets the container the account is in, such as docker or lxc; null outside of one.</summary>
    public string? Container { get; init; }

    /// <summary>Gets the architecture, by the kernel or else by /proc/cpuinfo; null when neither tells.</summary>
    public string? Architecture { get; init; }

    /// <summary>Gets what keeps this machine's guests from running hypervisors though it runs KVM; null when nothing is known to.</summary>
    public Finding? NestingObstacle { get; init; }

    /// <summary>Gets why <see cref="VirtualizationFacts.State"/> is what it is, as a sentence.</summary>
    public string? VirtualizationReason { get; init; }

    /// <summary>Gets what makes the virtualization extension usable, or shows whether it is; null when nothing is known to.</summary>
    public string? VirtualizationRemedy { get; init; }

    /// <summary>Gets who made the machine, by its firmware; null when that was not read.</summary>
    public string? Maker { get; init; }

    /// <summary>Gets the machine's product name, by its firmware; null when that was not read.</summary>
    public string? Product { get; init; }

    /// <summary>Gets a value indicating whether this is Windows Subsystem for Linux: Windows starts its kernel.</summary>
    public bool IsWsl { get; init; }

    /// <summary>Gets a value indicating whether this is Xen's control domain, in which Xen keeps KVM out.</summary>
    public bool IsXenControlDomain { get; init; }

    /// <summary>
    /// Gets what the host said about its virtualization extension, one quote each: source, colon, text.
    /// </summary>
    public IReadOnlyList<string> VirtualizationEvidence { get; init; } = [];

    /// <summary>Gets what the host said about the hypervisor below it, one quote each: source, colon, text.</summary>
    public IReadOnlyList<string> HypervisorEvidence { get; init; } = [];

    /// <summary>
    /// Gets what deserves attention and led to none of the facts: answers that are missing or contradict.
    /// </summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];
}
