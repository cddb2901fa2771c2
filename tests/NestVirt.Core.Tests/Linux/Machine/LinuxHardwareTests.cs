using NestVirt.Linux.Machine;
using NestVirt.Linux.Virtualization;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Linux.Machine;

/// <summary>
/// Reads lscpu reports of linux-hardware.org (CC-BY-4.0), bugs of old versions and British spelling included.
/// </summary>
public sealed class LinuxHardwareTests
{
    // lscpu printed memory beyond its table of vendors. The processors are real, and without the flag hypervisor.
    private static readonly Dictionary<string, string> s_bogusVendors = new()
    {
        ["84BFD4A5C2.txt"] = "vertical",
        ["77EAEEE79D.txt"] = "(null)",
        ["9BB2C9E5C9.txt"] = "vertical",
        ["7F5766D5DA.txt"] = "vertical",
        ["74C5E232BA.txt"] = "vertical",
    };

    [Fact]
    public void Reports_give_the_extension_and_the_hypervisor_that_they_name_but_for_vendors_that_do_not_exist()
    {
        Needs.Data("linuxhw-lscpu");
        foreach ((IReadOnlyDictionary<string, string> row, MachineFacts facts) in Reports())
        {
            string name = row["file"];
            string? vendor = MachineTrees.OrNull(row["Hypervisor_vendor"]);
            string? type = MachineTrees.OrNull(row["Virtualization_type"]);
            if (s_bogusVendors.TryGetValue(name, out string? bogus))
            {
                Assert.Equal(bogus, vendor);
                Assert.Contains(facts.Findings, static finding => finding.Code == "LscpuVendorBogus");
                (vendor, type) = (null, null);
            }

            Assert.Equal((name, vendor, type), (name, facts.Hypervisor.Vendor, facts.Hypervisor.Type));
            Assert.Equal(
                (name, MachineTrees.OrNull(row["vendor"]), MachineTrees.OrNull(row["lscpu_Virtualization"])),
                (name, facts.Cpu.Vendor, facts.Virtualization.Extension)
            );
        }
    }

    [Fact]
    public void Reports_that_name_an_extension_find_it_available_and_no_other_does()
    {
        Needs.Data("linuxhw-lscpu");
        foreach ((IReadOnlyDictionary<string, string> row, MachineFacts facts) in Reports())
        {
            bool isNamed = row["lscpu_Virtualization"].Length > 0;
            bool isAvailable = facts.Virtualization.State == VirtualizationState.Available;
            Assert.Equal((row["file"], isNamed), (row["file"], isAvailable));
        }
    }

    private static IEnumerable<(IReadOnlyDictionary<string, string> Row, MachineFacts Facts)> Reports()
    {
        string data = TestData.Folder("linuxhw-lscpu")!;
        foreach (IReadOnlyDictionary<string, string> row in MachineTrees.ReadTable(Path.Combine(data, "expected.tsv")))
        {
            IEnumerable<string> lines = File.ReadLines(Path.Combine(data, "files", row["file"]));
            ProbeAnswers answers = new();
            answers.Set(HypervisorProbe.Probe.Name, new ProbeAnswer("@lscpu\n|" + string.Join("\n|", lines)));
            yield return (row, MachineAssessor.Assess(answers));
        }
    }
}
