using System.Globalization;
using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Virtualization;

/// <summary>
/// Tells what a machine is from the answers of the processor, hypervisor, kernel-log and register probes.
/// </summary>
internal static class MachineAssessor
{
    private const int ShownLength = 400;
    private const string BogusMessage =
        "lscpu names a hypervisor that does not exist, which old versions do on bare metal; it was passed over.";

    private static readonly string[] s_extensionFlags = ["vmx", "svm"];

    private static readonly string[] s_shownFacts =
    [
        "dmi.sys_vendor",
        "dmi.product_name",
        "hypervisor.type",
        "clocksources",
        "tree.hypervisor.compatible",
    ];

    /// <summary>Gets the probes whose answers are weighed.</summary>
    public static IReadOnlyList<HostProbe> Probes { get; } =
    [CpuProbe.Probe, HypervisorProbe.Probe, KernelLogProbe.Probe, KernelLogProbe.PrivilegedProbe, MsrProbe.Probe];

    /// <summary>Weighs the answers.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <returns>What they prove, and Unknown with a reason for the rest.</returns>
    /// <exception cref="ProbeFormatException">An answer cannot be read.</exception>
    public static MachineFacts Assess(ProbeAnswers answers)
    {
        CpuReading cpu = answers.Read(CpuProbe.Reading);
        HypervisorReading reading = answers.Read(HypervisorProbe.Reading);
        KernelLog log = KernelLogProbe.Parse(answers);
        MsrReading msr = MsrProbe.Parse(answers[MsrProbe.Probe]);
        ProcessorFamily shown = ProcessorFamilies.Of(cpu.Info);
        ProcessorFamily kernel = ProcessorFamilies.OfName(cpu.KernelArchitecture);
        Finding? emulated = null;
        if (AreDifferent(kernel, shown))
        {
            emulated = ArchitectureFindings.CpuInfo(cpu.KernelArchitecture!, shown);
            cpu = cpu with { Info = new CpuInfo([]) };
        }

        ProcessorFamily family = kernel == ProcessorFamily.Unknown ? shown : kernel;
        if (AreDifferent(family, reading.Lscpu.Family))
        {
            reading = reading with { Lscpu = new LscpuReading() };
        }

        family = family == ProcessorFamily.Unknown ? reading.Lscpu.Family : family;
        bool mayBeX86 = family is ProcessorFamily.X86 or ProcessorFamily.Unknown;
        X86Flags flags = mayBeX86 ? X86Flags.Read(cpu, reading.Lscpu) : new X86Flags([]) { HasHypervisor = null };
        HypervisorVerdict hypervisor = HypervisorAssessor.Assess(reading, cpu.Info, flags, log);
        X86Processor processor = new(cpu.Info, flags, reading.Lscpu);
        VirtualizationVerdict virtualization =
            mayBeX86 && processor.IsX86
                ? new X86Virtualization(cpu, flags, processor, hypervisor, log, msr).Assess()
                : new OtherVirtualization(cpu, shown, reading, hypervisor, log).Assess();
        return new MachineFacts(
            CpuAssessor.Assess(cpu.Info, reading.Lscpu),
            new VirtualizationFacts(virtualization.Extension, virtualization.State, Plain(virtualization.Features))
            {
                Evidence = Shown(virtualization.Evidence),
            },
            new HypervisorFacts(Shown(hypervisor.Sign?.Vendor), Shown(hypervisor.Sign?.ShownType))
            {
                Evidence = Shown(hypervisor.Sign?.Evidence ?? hypervisor.BareMetalEvidence),
            },
            hypervisor.Layer
        )
        {
            Container = hypervisor.Container,
            Architecture = cpu.KernelArchitecture ?? ProcessorFamilies.Name(family),
            NestingObstacle = virtualization.NestingObstacle,
            IsXenControlDomain = hypervisor.IsXenControlDomain,
            VirtualizationReason = Shown(virtualization.Reason),
            VirtualizationRemedy = virtualization.Remedy,
            Maker = Shown(reading.Has("dmi.sys_vendor") ? reading["dmi.sys_vendor"] : null),
            Product = Shown(reading.Has("dmi.product_name") ? reading["dmi.product_name"] : null),
            IsWsl = OtherSigns.FindWsl(reading) is not null,
            VirtualizationEvidence = [.. VirtualizationEvidence(cpu, log, msr).Select(Shown).OfType<string>()],
            HypervisorEvidence = [.. HypervisorEvidence(reading, flags, log).Select(Shown).OfType<string>()],
            Findings = [.. emulated is null ? [] : (Finding[])[emulated], .. Findings(cpu, flags, reading.Lscpu)],
        };
    }

    private static bool AreDifferent(ProcessorFamily one, ProcessorFamily other) =>
        one != other && one != ProcessorFamily.Unknown && other != ProcessorFamily.Unknown;

    private static IEnumerable<string?> VirtualizationEvidence(CpuReading cpu, KernelLog log, MsrReading msr)
    {
        yield return cpu.ItlbMultihit is string itlb ? $"itlb_multihit: {itlb}" : null;
        yield return cpu.L1tf is string l1tf ? $"l1tf: {l1tf}" : null;
        yield return msr.Control is ulong control
            ? string.Create(CultureInfo.InvariantCulture, $"control register: 0x{control:x}")
            : null;
        foreach ((string module, string state) in cpu.Modules)
        {
            yield return $"/sys/module/{module}: {state}";
        }

        yield return cpu.HasKvmDevice is bool has ? $"/sys/class/misc/kvm: {(has ? "present" : "absent")}" : null;
        foreach (string line in log.Telling)
        {
            yield return $"kernel log: {line}";
        }
    }

    private static IEnumerable<string?> HypervisorEvidence(HypervisorReading reading, X86Flags flags, KernelLog log)
    {
        yield return flags.HasHypervisor is bool has
            ? $"/proc/cpuinfo: flags {(has ? "with" : "without")} hypervisor"
            : null;
        yield return reading.Lscpu.HypervisorVendor is string vendor ? $"lscpu: Hypervisor vendor: {vendor}" : null;
        yield return OtherSigns.FindInLog(log)?.Evidence;
        foreach (string name in s_shownFacts)
        {
            yield return reading.Has(name) ? $"{name}: {reading[name]}" : null;
        }
    }

    private static List<Finding> Findings(CpuReading cpu, X86Flags flags, LscpuReading lscpu)
    {
        List<Finding> findings = [];
        string? uneven = s_extensionFlags.FirstOrDefault(flag => flags.Any(flag) && !flags.All(flag));
        if (uneven is not null)
        {
            string message = $"Some CPUs have {uneven} and others do not: KVM refuses to load.";
            findings.Add(
                new Finding(FindingCodes.CpusDiffer, Severity.Error, message)
                {
                    Evidence = $"/proc/cpuinfo: {cpu.Info.Words("flags").Count} different flags lines",
                    Remedy = "Update the firmware, or turn the extension on for every CPU in it.",
                }
            );
        }

        if (flags.HasHypervisor != true && lscpu.BogusVendor is string bogus)
        {
            findings.Add(
                new Finding(FindingCodes.LscpuVendorBogus, Severity.Information, BogusMessage)
                {
                    Evidence = HostText.ForDisplay($"lscpu: Hypervisor vendor: {bogus}", ShownLength),
                }
            );
        }

        return findings;
    }

    // The kernel's names are such words; what else stands among them is not from a kernel.
    private static string[] Plain(IReadOnlyList<string> words) =>
        [.. words.Where(static word => word.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '_'))];

    private static string? Shown(string? text) => text is null ? null : HostText.ForDisplay(text, ShownLength);
}
