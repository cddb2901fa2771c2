using NestVirt.Client;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Lab;

/// <summary>Whether nesting of a guest is used, of guests that run nested guests, ran one, and did not.</summary>
[Trait("Category", "Lab")]
[Collection("Lab")]
public sealed class LabGuestUseTests : IAsyncLifetime
{
    private const string Host = LabHost.Amd;
    private const string Passthrough = "<cpu mode='host-passthrough'/>";

    private static readonly string[] s_names = ["nv-spinning", "nv-halting", "nv-plain", "nv-without"];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (Environment.GetEnvironmentVariable(Host) is { Length: > 0 })
        {
            await RunAsync(
                string.Concat(
                    s_names.Select(static name =>
                        $"virsh -q destroy {name} 2>/dev/null; rm -f /tmp/{name}.* /var/log/libvirt/qemu/{name}.log\n"
                    )
                ) + "true"
            );
        }
    }

    [Fact]
    public async Task What_is_told_of_use_is_what_runs_in_the_guests()
    {
        Needs.Lab(Host);
        await RunAsync(
            "udevadm settle\n"
                + NestedGuestFirmware.Write("/tmp/nv-spinning.rom", NestedGuestFirmware.Spinning)
                + NestedGuestFirmware.Write("/tmp/nv-halting.rom", NestedGuestFirmware.Halting)
                + Create("nv-spinning", Passthrough, "/tmp/nv-spinning.rom")
                + Create("nv-halting", Passthrough, "/tmp/nv-halting.rom")
                + Create("nv-plain", Passthrough, null)
                + Create(
                    "nv-without",
                    "<cpu mode='host-passthrough'><feature policy='disable' name='svm'/></cpu>",
                    null
                )
        );
        await WaitAsync();

        Dictionary<string, VmNestedCpu> told = (
            await HostQueries
                .Ask(HostQuestions.VmNestedCpus)
                .RunAsync(LabHost.Target(Host), CancellationToken.None)
                .ToListAsync()
        ).ToDictionary(static guest => guest.VmName);

        Assert.Equal((true, true, 1L), Use(told["nv-spinning"]));
        Assert.Equal((false, true, 1L), Use(told["nv-halting"]));
        Assert.Equal((false, false, 0L), Use(told["nv-plain"]));
        Assert.Equal((false, false, 0L), Use(told["nv-without"]));
        Assert.Equal(
            (VmNesting.Now, VmNesting.Now, VmNesting.Off),
            (told["nv-spinning"].Nesting, told["nv-plain"].Nesting, told["nv-without"].Nesting)
        );
    }

    private static (bool? IsInUse, bool? WasUsed, long? Count) Use(VmNestedCpu guest) =>
        (guest.IsInUse, guest.WasUsed, guest.NestedRunCount);

    private static string Create(string name, string cpu, string? firmware) =>
        $"""
            virsh -q create /dev/stdin <<'END'
            <domain type='kvm'><name>{name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
            <os><type arch='x86_64' machine='pc'>hvm</type>{(
                firmware is null ? null : $"<loader readonly='yes' type='rom'>{firmware}</loader>"
            )}</os>{cpu}
            <devices><emulator>/usr/bin/qemu-system-x86_64</emulator><memballoon model='none'/></devices></domain>
            END

            """;

    // Past libvirt and past us: QEMU's own answer.
    private static Task<string> WaitAsync() =>
        RunAsync(
            """
            for i in $(seq 60); do
              n=$(for g in nv-spinning nv-halting; do
                virsh -q qemu-monitor-command $g '{"execute":"query-stats","arguments":{"target":"vcpu","providers":[{"provider":"kvm","names":["nested_run"]}]}}'
              done | grep -c '"value":1[,}]')
              [ "$n" != 2 ] || exit 0
              sleep 0.5
            done
            echo 'no nested guest was entered' >&2
            exit 1
            """
        );

    private static Task<string> RunAsync(string script) => LabHost.RunAsync(Host, script);
}
