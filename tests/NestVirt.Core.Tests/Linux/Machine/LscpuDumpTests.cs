using NestVirt.Linux.Machine;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Machine;

/// <summary>Holds our answers over the dumps of util-linux against what its lscpu prints of them.</summary>
public sealed class LscpuDumpTests : IDisposable
{
    private const string ModelName = "Model name:";

    // What the dump shows beyond lscpu's summary. A dump without DMI, device tree and kernel log leaves the layer of
    // anything but x86 unknown; so it does ARM's exception level; s390 before 4.10 did not print "sie".
    private static readonly Dictionary<string, (VirtualizationState State, HostLayer Layer)> s_beyond = new()
    {
        ["arm-A510-A710-A715-X3"] = (VirtualizationState.Unknown, HostLayer.Unknown),
        ["armv7"] = (VirtualizationState.Unknown, HostLayer.Unknown),
        ["ppc-qemu"] = (VirtualizationState.NotAvailable, HostLayer.Unknown),
        ["ppc64-POWER7-64cpu"] = (VirtualizationState.NotAvailable, HostLayer.L1),
        ["rv64-milkvpioneer"] = (VirtualizationState.NotAvailable, HostLayer.Unknown),
        ["rv64-visionfive2"] = (VirtualizationState.NotAvailable, HostLayer.Unknown),
        ["s390-kvm"] = (VirtualizationState.Unknown, HostLayer.L1),
        ["s390-zvm"] = (VirtualizationState.Unknown, HostLayer.L1),
        ["vmware_fpe"] = (VirtualizationState.Available, HostLayer.L0),
        ["x86_64-64cpu-linux6.2"] = (VirtualizationState.Available, HostLayer.L0),
        ["x86_64-epyc_7451"] = (VirtualizationState.Available, HostLayer.L0),
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-lscpu-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_dump_agrees_with_lscpu_without_exception()
    {
        Needs.Data("lscpu");
        string data = TestData.Folder("lscpu")!;
        foreach (
            IReadOnlyDictionary<string, string> row in MachineTrees.ReadTable(
                Path.Combine(data, "expected-summary.tsv")
            )
        )
        {
            string dump = row["dump"];
            string archive = Path.Combine(data, "tarballs", $"{dump}.tar.gz");
            string[] summary = File.ReadAllLines(Path.Combine(data, "expected", $"lscpu-{dump}"));

            MachineFacts facts = await MachineTrees.AssessAsync(MachineTrees.Unpack(archive, _folder));

            Assert.Equal((dump, LscpuSays(row, summary)), (dump, Ours(facts)));
            if (s_beyond.TryGetValue(dump, out (VirtualizationState State, HostLayer Layer) beyond))
            {
                Assert.Equal((dump, beyond), (dump, (facts.Virtualization.State, facts.Layer)));
            }
        }
    }

    private static (string?, string?, string?, string?, string?) LscpuSays(
        IReadOnlyDictionary<string, string> row,
        string[] summary
    )
    {
        // "-" stands for a model that has no name.
        string? model = summary.FirstOrDefault(static line => line.StartsWith(ModelName, StringComparison.Ordinal));
        model = model?[ModelName.Length..].Trim();
        return (
            MachineTrees.OrNull(row["Vendor_ID"]),
            model == "-" ? null : model,
            MachineTrees.OrNull(row["Virtualization"]),
            MachineTrees.OrNull(row["Hypervisor_vendor"]),
            MachineTrees.OrNull(row["Virtualization_type"])
        );
    }

    private static (string?, string?, string?, string?, string?) Ours(MachineFacts facts) =>
        (
            facts.Cpu.Vendor,
            facts.Cpu.Model,
            facts.Virtualization.Extension,
            facts.Hypervisor.Vendor,
            facts.Hypervisor.Type
        );
}
