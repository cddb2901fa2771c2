using NestVirt.Linux.Boot;
using NestVirt.Linux.DeviceUse;
using NestVirt.Linux.Iommu;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Modprobe;
using NestVirt.Linux.Pci;
using NestVirt.Linux.Virtualization;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Benchmarks;

/// <summary>The parser of each probe's answer.</summary>
internal static class ParserTable
{
    private static readonly ProbeAnswer s_noAnswer = new(string.Empty, "it is not part of the measurement");

    /// <summary>Gets each probe's name and what reads its answer.</summary>
    internal static IReadOnlyList<(string Name, Action<string> Parse)> All { get; } =
    [
        (PciProbe.Probe.Name, static text => PciProbe.Parse(text)),
        (PciConfigProbe.Probe.Name, static text => PciConfigProbe.Parse(text)),
        (PciNameProbe.Probe.Name, static text => PciNameProbe.Parse(text)),
        (IommuProbe.Probe.Name, static text => IommuProbe.Parse(text)),
        (HostUseProbe.Probe.Name, static text => HostUseProbe.Parse(text)),
        (CpuProbe.Probe.Name, static text => CpuProbe.Parse(text)),
        (MsrProbe.Probe.Name, static text => MsrProbe.Parse(new ProbeAnswer(text))),
        (KernelLogProbe.Probe.Name, static text => KernelLogProbe.Parse(new ProbeAnswer(text), s_noAnswer)),
        (HypervisorProbe.Probe.Name, static text => HypervisorProbe.Parse(text)),
        (SystemProbe.Probe.Name, static text => SystemProbe.Parse(text)),
        (TopologyProbe.Probe.Name, static text => TopologyProbe.Parse(text)),
        (KvmModuleProbe.Probe.Name, static text => KvmModuleProbe.Parse(text)),
        (ModprobeConfigProbe.Probe.Name, static text => ModprobeConfigProbe.Parse(text)),
        (BootConfigProbe.Probe.Name, static text => Answers(BootConfigProbe.Probe, text).Read(BootConfigProbe.Reading)),
    ];

    private static ProbeAnswers Answers(HostProbe probe, string text)
    {
        ProbeAnswers answers = new();
        answers.Set(probe.Name, new ProbeAnswer(text));
        return answers;
    }
}
