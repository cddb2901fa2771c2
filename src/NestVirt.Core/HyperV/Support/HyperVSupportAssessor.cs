using NestVirt.Hosts;
using NestVirt.HyperV.Machine;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.HyperV.Support;

/// <summary>Answers whether VMs of a Windows host can run hypervisors, and why not.</summary>
internal static class HyperVSupportAssessor
{
    /// <summary>Gets the probes whose answers are weighed.</summary>
    internal static IReadOnlyList<HostProbe> Probes => HyperVHost.Probes;

    /// <summary>Weighs the answers.</summary>
    /// <param name="answers">The answers.</param>
    /// <param name="target">The host.</param>
    /// <returns>The answer; the gravest reasons first.</returns>
    internal static NestedSupport Assess(ProbeAnswers answers, HostTarget target)
    {
        HyperVHost host = answers.Read(HyperVHost.Reading);
        VirtualizationFacts virtualization = VirtualizationOf(host);
        (Verdict verdict, NestedState nested, Finding reason) = Judge(host, virtualization.State);
        (HostLayer layer, string? vendor) = host.Place;
        return new NestedSupport(target)
        {
            Platform = HostPlatform.HyperV,
            Cpu = new CpuFacts(host.Processor.Vendor, host.Processor.Name),
            Virtualization = virtualization,
            Hypervisor = new HypervisorFacts(vendor, vendor is null ? null : "full")
            {
                Evidence = vendor is null ? null : $"{host.Computer.Manufacturer} {host.Computer.Model}".Trim(),
            },
            Layer = layer,
            Nested = new NestedFacts(null, nested, null, nested),
            Iommu = new IommuSummary(
                host.Guard.HasDmaProtection == true || host.Iov.IsSupported == true
                    ? IommuState.On
                    : IommuState.Unknown,
                null
            ),
            Verdict = verdict,
            Reasons =
            [
                .. new[] { reason }
                    .Concat(HyperVHostNotes.Of(host))
                    .OrderByDescending(static finding => finding.Severity)
                    .Select(finding => finding.For(target)),
            ],
            System = new SystemFacts
            {
                Architecture = host.Processor.Architecture,
                KernelRelease = host.Windows.Version,
                Distribution = host.Windows.Caption,
                Uptime = host.Windows.Uptime,
            },
            Topology = new TopologyFacts
            {
                LogicalCpuCount = host.Processor.LogicalCount,
                CoreCount = host.Processor.CoreCount,
                IsSmtActive = host.Processor is { LogicalCount: { } logical, CoreCount: { } cores }
                    ? logical > cores
                    : null,
                MemoryBytes = host.Computer.MemoryBytes,
                FreeMemoryBytes = host.Windows.FreeMemoryBytes,
            },
        };
    }

    private static (Verdict Verdict, NestedState Nested, Finding Reason) Judge(
        HyperVHost host,
        VirtualizationState extension
    )
    {
        HostNesting nesting = HostNesting.Of(host);
        bool isHome = host.Windows.IsHome && !host.DoesAnswer;
        bool hasNoRole = host.Role == HyperVRole.NotInstalled || (host.Role == HyperVRole.Unknown && host.LacksClasses);
        return (nesting, extension) switch
        {
            ({ IsPossible: false, Reason: { } reason }, _) => (Verdict.Blocked, NestedState.Off, reason),
            _ when isHome => (Verdict.Blocked, NestedState.NotApplicable, HyperVFindings.EditionUnable(host)),
            (_, VirtualizationState.DisabledInFirmware) => (
                Verdict.Blocked,
                NestedState.NotApplicable,
                HyperVFindings.FirmwareOff(host)
            ),
            (_, VirtualizationState.NotAvailable) => (
                Verdict.Blocked,
                NestedState.NotApplicable,
                HyperVFindings.NoExtension(host)
            ),
            _ when hasNoRole => (Verdict.Configurable, NestedState.NotApplicable, HyperVFindings.RoleMissing(host)),
            _ when host.LacksClasses || (host.DoesAnswer && host.Computer.HasHypervisor == false) => (
                Verdict.Configurable,
                NestedState.Off,
                HyperVFindings.NotRunning(host)
            ),
            ({ IsPossible: null, Reason: { } reason }, _) => (Verdict.Unknown, NestedState.Unknown, reason),
            _ when !host.DoesAnswer || host.Computer.HasHypervisor is null => (
                Verdict.Unknown,
                NestedState.Unknown,
                HyperVFindings.Unread(host)
            ),
            _ when host.Place.Layer == HostLayer.L1 => (
                Verdict.Unknown,
                NestedState.Unknown,
                HyperVFindings.InGuest(host)
            ),
            _ => (Verdict.Ready, NestedState.On, HyperVFindings.Ready(host)),
        };
    }

    // Under a hypervisor the flags of the processor read false, and it is the hypervisor that proves the extension: of
    // Hyper-V on the machine itself; a virtual machine has one below it, whatever it has been given.
    private static VirtualizationFacts VirtualizationOf(HyperVHost host)
    {
        ProcessorFacts cpu = host.Processor;
        string? extension = cpu.Kind switch
        {
            ProcessorKind.Intel => "VT-x",
            ProcessorKind.Amd => "AMD-V",
            _ => null,
        };
        VirtualizationState state = host.Computer.HasHypervisor switch
        {
            _ when cpu.Kind is ProcessorKind.Arm or ProcessorKind.Unknown => VirtualizationState.Unknown,
            true => host.Place.Layer == HostLayer.L0 ? VirtualizationState.Available : VirtualizationState.Unknown,
            false => cpu switch
            {
                { IsEnabledInFirmware: true } => VirtualizationState.Available,
                { IsEnabledInFirmware: false, HasMonitorMode: true } or { IsEnabledInFirmware: false, HasSlat: true } =>
                    VirtualizationState.DisabledInFirmware,
                { IsEnabledInFirmware: false } => VirtualizationState.NotAvailable,
                _ => VirtualizationState.Unknown,
            },
            null => VirtualizationState.Unknown,
        };
        string[] features = (cpu.HasSlat, cpu.Kind) switch
        {
            (true, ProcessorKind.Intel) => ["ept"],
            (true, ProcessorKind.Amd) => ["npt"],
            _ => [],
        };
        return new VirtualizationFacts(extension, state, features)
        {
            Evidence =
                state == VirtualizationState.Unknown ? null
                : host.Computer.HasHypervisor == true ? "Win32_ComputerSystem.HypervisorPresent: true"
                : $"Win32_Processor.VirtualizationFirmwareEnabled: {(cpu.IsEnabledInFirmware == true ? "true" : "false")}",
        };
    }
}
