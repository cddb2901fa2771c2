using System.Text.Json.Nodes;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Lab;

/// <summary>What is said of guests before a start, held against whether libvirt starts them and what QEMU then gives them.</summary>
[Trait("Category", "Lab")]
[Collection("Lab")]
public sealed class LabGuestNestingTests : IAsyncLifetime
{
    private const string Host = LabHost.Amd;

    private static readonly Dictionary<string, string> s_cpus = new(StringComparer.Ordinal)
    {
        ["nv-none"] = "",
        ["nv-passthrough"] = "<cpu mode='host-passthrough'/>",
        ["nv-without"] = "<cpu mode='host-passthrough'><feature policy='disable' name='svm'/></cpu>",
        ["nv-full"] = "<cpu mode='host-passthrough' check='full'><feature policy='require' name='svm'/></cpu>",
        ["nv-model"] = "<cpu mode='host-model'/>",
        ["nv-model-svm"] = "<cpu mode='host-model'><feature policy='require' name='svm'/></cpu>",
        ["nv-model-vmx"] = "<cpu mode='host-model'><feature policy='require' name='vmx'/></cpu>",
        ["nv-named"] =
            "<cpu mode='custom' check='none'><model>kvm64</model><feature policy='require' name='svm'/></cpu>",
        // QEMU cannot give kvm64 its vme here, of which libvirt makes nothing: said to be a doubt.
        ["nv-doubtful"] = "<cpu mode='custom'><model>kvm64</model><feature policy='require' name='svm'/></cpu>",
        ["nv-forbidden"] = "<cpu mode='custom'><model>kvm64</model><feature policy='forbid' name='svm'/></cpu>",
        ["nv-least"] =
            "<cpu mode='custom' match='minimum'><model>kvm64</model><feature policy='require' name='svm'/></cpu>",
    };

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (Environment.GetEnvironmentVariable(Host) is { Length: > 0 })
        {
            await RemoveAsync();
            await NestAsync("1");
        }
    }

    [Theory]
    [InlineData("1")]
    [InlineData("0")]
    public async Task What_is_said_of_guests_is_what_libvirt_and_QEMU_do(string nested)
    {
        Needs.Lab(Host);
        await NestAsync(nested);
        await RunAsync(string.Concat(s_cpus.Select(static cpu => Define(cpu.Key, cpu.Value))));
        Dictionary<string, VmNestedCpu> before = await AskAsync();

        string started = await RunAsync(
            string.Concat(s_cpus.Keys.Select(static name => $"virsh -q start {name} --paused 2>&1 && echo {name}\n"))
        );
        HashSet<string> running = [.. started.Split('\n').Intersect(s_cpus.Keys)];
        Dictionary<string, VmNestedCpu> after = await AskAsync();

        foreach (string name in s_cpus.Keys)
        {
            bool sees = running.Contains(name) && await SeesSvmAsync(name);
            Assert.True(
                running.Contains(name) == (before[name].Nesting != VmNesting.WillNotStart),
                $"{name} was said to be {before[name].Nesting}: {started}"
            );
            bool isDoubtful = before[name].Reasons.Any(static reason => reason.Code == FindingCodes.VmCpuNotUsable);
            Assert.Equal((name, name is "nv-doubtful" or "nv-forbidden"), (name, isDoubtful));
            Assert.True(
                isDoubtful || sees == (before[name].Nesting == VmNesting.NextStart),
                $"{name} was said to be {before[name].Nesting}, and sees svm: {sees}"
            );
            if (running.Contains(name))
            {
                Assert.Equal((name, sees), (name, after[name].IsExposedNow));
                Assert.Equal((name, sees), (name, after[name].Nesting == VmNesting.Now));
                Assert.Equal((name, false), (name, after[name].IsRestartPending ?? false));
            }
        }
    }

    private static string Define(string name, string cpu) =>
        $"""
            cat >/tmp/{name}.xml <<'END'
            <domain type='kvm'><name>{name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
            <os><type arch='x86_64' machine='pc'>hvm</type></os><features><acpi/></features>{cpu}
            <devices><emulator>/usr/bin/qemu-system-x86_64</emulator><memballoon model='none'/></devices></domain>
            END
            virsh -q define /tmp/{name}.xml && rm /tmp/{name}.xml

            """;

    private static async Task<Dictionary<string, VmNestedCpu>> AskAsync() =>
        (await HostQueries.Ask(HostQuestions.VmNestedCpus).RunAsync(Target(), CancellationToken.None).ToListAsync())
            .Where(static guest => guest.VmName?.StartsWith("nv-", StringComparison.Ordinal) == true)
            .ToDictionary(static guest => guest.VmName!);

    // By QEMU's monitor, past libvirt and past us.
    private static async Task<bool> SeesSvmAsync(string name)
    {
        string answer = await RunAsync(
            $$$"""
            virsh -q qemu-monitor-command {{{name}}} '{"execute":"qom-get","arguments":{"path":"/machine/unattached/device[0]","property":"svm"}}'
            """
        );
        return JsonNode.Parse(answer)!["return"]!.GetValue<bool>();
    }

    private static HostTarget Target() => LabHost.Target(Host);

    private static Task<string> RunAsync(string script) => LabHost.RunAsync(Host, script);

    private static Task<string> NestAsync(string nested) =>
        RunAsync(
            $"modprobe -r kvm_amd && modprobe kvm_amd nested={nested} && udevadm settle && systemctl restart libvirtd && virsh -q uri >/dev/null"
        );

    private static Task<string> RemoveAsync() =>
        RunAsync(
            string.Concat(
                s_cpus.Keys.Select(static name =>
                    $"virsh -q destroy {name} 2>/dev/null; virsh -q undefine {name} 2>/dev/null; rm -f /var/log/libvirt/qemu/{name}.log\n"
                )
            ) + "true"
        );
}
