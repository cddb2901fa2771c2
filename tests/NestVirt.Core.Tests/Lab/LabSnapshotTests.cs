using System.Text.Json;
using System.Text.Json.Nodes;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Probing;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Lab;

/// <summary>A snapshot, taken on one machine and read on another, answers as the host did.</summary>
[Trait("Category", "Lab")]
[Collection("Lab")]
public sealed class LabSnapshotTests : IDisposable
{
    // What changes from one moment to the next, or names how the host was reached, as commands that mend it do.
    private static readonly string[] s_moments =
    [
        "Target",
        "Command",
        "HostName",
        "Uptime",
        "FreeMemoryBytes",
        "FreeCount",
        "UseCount",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_amd_host_and_its_snapshot_give_the_same_answers()
    {
        Needs.Lab(LabHost.Amd);
        await LabHost.RunAsync(
            LabHost.Amd,
            """
            for cpu in passthrough model; do
              virsh -q define /dev/stdin <<END
            <domain type='kvm'><name>nv-$cpu</name><memory unit='MiB'>64</memory><os><type arch='x86_64'>hvm</type></os>
            <cpu mode='host-$cpu'/><devices><interface type='user'/><memballoon model='none'/></devices></domain>
            END
            done
            virsh -q start nv-model --paused
            """
        );
        try
        {
            await CompareAsync(LabHost.Amd, redact: false, guest: "nv-model");
        }
        finally
        {
            await LabHost.RunAsync(
                LabHost.Amd,
                "virsh -q destroy nv-model; virsh -q undefine nv-model; virsh -q undefine nv-passthrough; true"
            );
        }
    }

    [Fact]
    [Trait("Host", "Intel")]
    public Task An_intel_host_and_its_snapshot_give_the_same_answers()
    {
        Needs.Lab(LabHost.Intel);
        return CompareAsync(LabHost.Intel, redact: false);
    }

    [Fact]
    public Task A_host_with_nested_switches_and_its_snapshot_give_the_same_answers()
    {
        Needs.Lab(LabHost.Deep);
        return CompareAsync(LabHost.Deep, redact: false);
    }

    private static async Task<string> AnswersAsync<T>(IHostQuery<T> query, HostTarget target)
    {
        List<T> answers = await query.RunAsync(target, CancellationToken.None).ToListAsync();
        JsonNode node = JsonSerializer.SerializeToNode(answers)!;
        RemoveMoments(node);
        return node.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    private static void RemoveMoments(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (JsonNode? item in array)
            {
                RemoveMoments(item);
            }
        }
        else if (node is JsonObject record)
        {
            foreach (string name in s_moments)
            {
                record.Remove(name);
            }

            foreach ((string _, JsonNode? value) in record)
            {
                RemoveMoments(value);
            }
        }
    }

    private async Task CompareAsync(string host, bool redact, string? guest = null)
    {
        HostTarget live = LabHost.Target(host);
        SnapshotDocument document = await HostQueries
            .Record(redact)
            .RunAsync(live, CancellationToken.None)
            .SingleAsync();
        string path = Path.Combine(_folder, "host.json");
        await File.WriteAllBytesAsync(path, document.Utf8);
        HostTarget recorded = new("host", new SnapshotAddress(path));
        ProbeReader reader = ProbeReader.Default;

        Assert.Equal(
            await AnswersAsync(HostQueries.Ask(HostQuestions.Support), live),
            await AnswersAsync(HostQueries.Ask(HostQuestions.Support), recorded)
        );
        Assert.Equal(
            await AnswersAsync(HostQueries.Ask(HostQuestions.IommuGroups), live),
            await AnswersAsync(HostQueries.Ask(HostQuestions.IommuGroups), recorded)
        );
        Assert.Equal(
            await AnswersAsync(HostQueries.Ask(HostQuestions.PciDevices), live),
            await AnswersAsync(HostQueries.Ask(HostQuestions.PciDevices), recorded)
        );
        Assert.Equal(
            await AnswersAsync(HostQueries.Ask(HostQuestions.SriovDevices), live),
            await AnswersAsync(HostQueries.Ask(HostQuestions.SriovDevices), recorded)
        );
        Assert.Equal(
            await AnswersAsync(HostQueries.Ask(HostQuestions.KvmModules), live),
            await AnswersAsync(HostQueries.Ask(HostQuestions.KvmModules), recorded)
        );
        if (guest is not null)
        {
            string guests = await AnswersAsync(HostQueries.Ask(HostQuestions.VmNestedCpus), live);
            Assert.Equal(guests, await AnswersAsync(HostQueries.Ask(HostQuestions.VmNestedCpus), recorded));
            Assert.Contains(guest, guests, StringComparison.Ordinal);
        }
    }
}
