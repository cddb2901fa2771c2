using NestVirt.Linux.Boot;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Machine;
using NestVirt.Probing;

namespace NestVirt.Linux.Iommu;

/// <summary>What the IOMMU of a machine depends on beside its own facts: whose it is, and how it boots.</summary>
internal sealed record IommuMachine
{
    /// <summary>Gets the IOMMU's facts.</summary>
    public required IommuFacts Facts { get; init; }

    /// <summary>Gets the words on this boot's command line.</summary>
    public required IommuOptions Options { get; init; }

    /// <summary>Gets the architecture as the kernel names it, or null.</summary>
    public string? Architecture { get; init; }

    /// <summary>Gets the processor's vendor, or null.</summary>
    public string? CpuVendor { get; init; }

    /// <summary>Gets who runs this machine, or null.</summary>
    public string? Hypervisor { get; init; }

    /// <summary>Gets the kernel's release, or null.</summary>
    public string? KernelRelease { get; init; }

    /// <summary>Gets why the kernel gave the IOMMU up, as its log says; null where it says nothing.</summary>
    public IommuFailure? Failure { get; init; }

    /// <summary>Gets how the machine boots; null where that was not asked.</summary>
    public BootWay? Way { get; init; }

    /// <summary>Gets what the next boot's kernel is given; null where that was not asked.</summary>
    public NextBoot? Next { get; init; }

    /// <summary>Gets words in files that the next boot does not take them from.</summary>
    public IReadOnlyList<UnusedBootSetting> Unused { get; init; } = [];

    /// <summary>Gets a value indicating whether this is an x86 machine; one of an unknown architecture is taken for one.</summary>
    public bool IsX86 => Architecture is null || KvmArchitecture.IsX86(Architecture);

    /// <summary>Gets a value indicating whether this is an Arm machine.</summary>
    public bool IsArm =>
        Architecture is "aarch64" or "arm64" || Architecture?.StartsWith("arm", StringComparison.Ordinal) == true;

    /// <summary>Gets a value indicating whether the IOMMU is Intel's, by what the firmware has, or else by the processor.</summary>
    public bool IsIntel => Facts.IsIntel || (!Facts.IsAmd && CpuVendor is "GenuineIntel" or "Intel");

    /// <summary>Gets a value indicating whether the IOMMU is AMD's, by what the firmware has, or else by the processor.</summary>
    public bool IsAmd =>
        Facts.IsAmd || (!Facts.IsIntel && CpuVendor is "AuthenticAMD" or "HygonGenuine" or "AMD" or "Hygon");

    /// <summary>Reads it from the answers; what was not asked is not known.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <returns>The machine.</returns>
    public static IommuMachine Read(ProbeAnswers answers)
    {
        IommuFacts facts = IommuAssessor.Read(answers);
        KvmHostState state = answers.Read(KvmHostState.Reading);
        ProbeListing? boot = answers.Read(BootConfigProbe.Reading);
        return new IommuMachine
        {
            Facts = facts,
            Options = new IommuOptions(facts.CommandLine),
            Architecture = state.Architecture,
            CpuVendor = state.Machine.Cpu.Vendor,
            Hypervisor = state.Machine.Hypervisor.Vendor,
            KernelRelease = state.System.KernelRelease,
            Failure = IommuFailure.Find(KernelLogProbe.Parse(answers)),
            Way = boot is null ? null : BootWay.Of(boot, state.Configuration.CommandLine),
            Next = boot is null ? null : state.NextBoot,
            Unused = boot is null
                ? []
                :
                [
                    .. new UnusedBootSettings(
                        boot,
                        state.Configuration.CommandLine,
                        state.NextBoot,
                        state.System.Distribution
                    ).Find(),
                ],
        };
    }
}
