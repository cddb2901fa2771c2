using NestVirt.Linux.Machine;
using NestVirt.Linux.Virtualization;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Linux.Machine;

/// <summary>Puts answers together as a host would give them.</summary>
internal sealed class MachineAnswers
{
    /// <summary>Gets an Intel processor's lines, of a kernel that has the bugs line.</summary>
    public const string IntelWithoutVmx = """
        vendor_id	: GenuineIntel
        cpu family	: 6
        model		: 85
        model name	: Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz
        flags		: fpu tsc msr pae lm constant_tsc cpuid aperfmperf pni ssse3 sse4_2 aes avx
        bugs		: cpu_meltdown spectre_v1
        """;

    /// <summary>Gets an AMD processor's lines, of a kernel that has the bugs line.</summary>
    public const string AmdWithoutSvm = """
        vendor_id	: AuthenticAMD
        cpu family	: 25
        model		: 33
        model name	: AMD Ryzen 9 5900X 12-Core Processor
        flags		: fpu tsc msr pae lm constant_tsc cpuid aperfmperf pni ssse3 sse4_2 aes avx npt lbrv
        bugs		: sysret_ss_attrs spectre_v1
        """;

    private readonly ProbeAnswers _answers = new();

    /// <summary>Sets /proc/cpuinfo, and facts beside it.</summary>
    /// <param name="cpuinfo">The lines.</param>
    /// <param name="facts">Each <c>name=value</c>.</param>
    /// <returns>These answers.</returns>
    public MachineAnswers Cpu(string cpuinfo, params string[] facts) =>
        Set(CpuProbe.Probe, $"@/proc/cpuinfo\n{Lines(cpuinfo)}\n{Facts(facts)}");

    /// <summary>Sets what the machine shows of a hypervisor.</summary>
    /// <param name="facts">Each <c>name=value</c>.</param>
    /// <returns>These answers.</returns>
    public MachineAnswers Shows(params string[] facts) => Set(HypervisorProbe.Probe, Facts(facts));

    /// <summary>Sets what lscpu prints, and facts beside it.</summary>
    /// <param name="lscpu">Its lines.</param>
    /// <param name="facts">Each <c>name=value</c>.</param>
    /// <returns>These answers.</returns>
    public MachineAnswers Lscpu(string lscpu, params string[] facts) =>
        Set(HypervisorProbe.Probe, $"{Facts(facts)}@lscpu\n{Lines(lscpu)}");

    /// <summary>Sets the kernel's log.</summary>
    /// <param name="lines">Its lines.</param>
    /// <returns>These answers.</returns>
    public MachineAnswers Log(params string[] lines) =>
        Set(KernelLogProbe.Probe, "@dmesg\n" + string.Join('\n', lines));

    /// <summary>Sets the registers.</summary>
    /// <param name="facts">Each <c>name=value</c>.</param>
    /// <returns>These answers.</returns>
    public MachineAnswers Msr(params string[] facts) => Set(MsrProbe.Probe, Facts(facts));

    /// <summary>Weighs them.</summary>
    /// <returns>What the machine is.</returns>
    public MachineFacts Assess() => MachineAssessor.Assess(_answers);

    private static string Lines(string text) => $"|{text.Replace("\n", "\n|", StringComparison.Ordinal)}";

    private static string Facts(string[] facts) => string.Concat(facts.Select(static fact => $"{Tabbed(fact)}\n"));

    private static string Tabbed(string fact)
    {
        int equals = fact.IndexOf('=', StringComparison.Ordinal);
        return $"{fact[..equals]}\t{fact[(equals + 1)..]}";
    }

    private MachineAnswers Set(HostProbe probe, string text)
    {
        _answers.Set(probe.Name, new ProbeAnswer(text));
        return this;
    }
}
