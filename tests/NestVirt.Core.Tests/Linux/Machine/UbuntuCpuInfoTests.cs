using NestVirt.Linux.Machine;
using NestVirt.Linux.Virtualization;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Linux.Machine;

/// <summary>
/// Reads /proc/cpuinfo of real machines (cpu-checker, GPL-3.0) and compares with what kvm-ok makes of the flags.
/// </summary>
public sealed class UbuntuCpuInfoTests
{
    // kvm-ok looks for a flag and nothing else; where there is no flags line at all, nothing is known.
    private static readonly Dictionary<string, string> s_unknown = new()
    {
        ["4a03b2238bc756460f533a8f0c2b736b.txt"] =
            "An anonymizer made hostname of each g, so that there is no line called flags.",
    };

    [Fact]
    public void Flags_lead_to_the_verdict_of_kvm_ok()
    {
        Needs.Data("cpuinfo-ubuntu");
        string data = TestData.Folder("cpuinfo-ubuntu")!;
        foreach (IReadOnlyDictionary<string, string> row in MachineTrees.ReadTable(Path.Combine(data, "expected.tsv")))
        {
            IEnumerable<string> lines = File.ReadLines(Path.Combine(data, "files", row["file"]));
            ProbeAnswers answers = new();
            answers.Set(CpuProbe.Probe.Name, new ProbeAnswer("@/proc/cpuinfo\n|" + string.Join("\n|", lines)));

            MachineFacts facts = MachineAssessor.Assess(answers);

            VirtualizationState expected =
                row["kvm_ok_flag_verdict"] == "supported" ? VirtualizationState.Available
                : s_unknown.ContainsKey(row["file"]) ? VirtualizationState.Unknown
                : VirtualizationState.NotAvailable;
            Assert.Equal((row["file"], expected), (row["file"], facts.Virtualization.State));

            // The table knows x86's words only; Itanium says vendor, SPARC says cpu.
            Assert.True(row["vendor"].Length == 0 || row["vendor"] == facts.Cpu.Vendor, row["file"]);
            Assert.True(row["model_name"].Length == 0 || row["model_name"] == facts.Cpu.Model, row["file"]);
            Assert.Equal(row["ept"] == "1", facts.Virtualization.Features.Contains("ept"));
            Assert.Equal(row["npt"] == "1", facts.Virtualization.Features.Contains("npt"));
            Assert.Equal(row["hypervisor"] == "1", facts.Layer == HostLayer.L1);
        }
    }
}
