using NestVirt.Hosts;
using NestVirt.Linux.Boot;
using NestVirt.Linux.Iommu;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Modprobe;
using NestVirt.Linux.Pci;
using NestVirt.Linux.Sriov;
using NestVirt.Linux.Support;
using NestVirt.Linux.Virtualization;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Questions;

namespace NestVirt.Linux;

/// <summary>What is asked of Linux hosts with KVM, and what answers it: the table of contents of this folder.</summary>
internal sealed class LinuxPlatform : IPlatform
{
    // Questions and answers of one type each: Question<T> has a PlatformAnswer<T>.
    private static readonly Dictionary<object, object> s_answers = new()
    {
        [HostQuestions.Support] = new PlatformAnswer<NestedSupport>(
            SupportAssessor.Probes,
            static (answers, target) => [SupportAssessor.Assess(target, answers)]
        ),
        [HostQuestions.IommuGroups] = new PlatformAnswer<IommuGroup>(IommuInventory.Probes, IommuInventory.Require),
        [HostQuestions.PciDevices] = new PlatformAnswer<PciDevice>(PciInventory.Probes, PciInventory.Require),
        [HostQuestions.SriovDevices] = new PlatformAnswer<SriovDevice>(PciInventory.Probes, SriovInventory.Read),
        [HostQuestions.KvmModules] = new PlatformAnswer<KvmModule>(
            KvmHostState.Probes,
            static (answers, target) => KvmModuleAssessor.Assess(answers.Read(KvmHostState.Reading), target)
        ),
    };

    /// <inheritdoc/>
    public string Name => "a KVM host";

    /// <inheritdoc/>
    public IReadOnlyList<HostProbe> Probes { get; } =
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
    ];

    /// <inheritdoc/>
    public bool Has(HostTarget target) => true;

    /// <inheritdoc/>
    public PlatformAnswer<T>? Find<T>(Question<T> question) =>
        s_answers.GetValueOrDefault(question) as PlatformAnswer<T>;
}
