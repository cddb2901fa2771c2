using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace NestVirt.Benchmarks;

/// <summary>The guests of a host with very many, by a real libvirtd in namespaces of its own.</summary>
internal static class ManyGuests
{
    private const int Guests = 500;

    /// <summary>All that is told of 500 guests, against one list of them and one batch that dumps them.</summary>
    internal static async Task RunAsync(Budgets run)
    {
        if (!Environment.IsPrivilegedProcess || !File.Exists("/usr/sbin/libvirtd"))
        {
            run.PrintLine(
                $"{Guests} guests",
                "not root, or no libvirtd",
                string.Empty,
                string.Empty,
                string.Empty,
                true
            );
            return;
        }

        string folder = Directory.CreateDirectory(Path.Combine(run.Folder, "guests")).FullName;
        string[] ids = [.. Enumerable.Range(0, Guests).Select(static _ => Guid.NewGuid().ToString("D"))];
        await WriteAsync(folder, ids).ConfigureAwait(false);
        using Process keeper = Process.Start(
            new ProcessStartInfo(
                "unshare",
                [
                    "--mount",
                    "--pid",
                    "--fork",
                    "--kill-child",
                    "--mount-proc",
                    "sh",
                    "-c",
                    Testing.LibvirtNamespaces.Prepare
                        + "\nvirtlogd -d; libvirtd -d\nuntil virsh -q uri >/dev/null 2>&1; do sleep 0.2; done\nvirsh -q \"$(cat \"$1\")\" >&2\necho ready\nexec cat",
                    "sh",
                    Path.Combine(folder, "define"),
                ]
            )
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        try
        {
            Task<string> complaints = keeper.StandardError.ReadToEndAsync();
            if (await keeper.StandardOutput.ReadLineAsync().ConfigureAwait(false) != "ready")
            {
                throw new InvalidOperationException(await complaints.ConfigureAwait(false));
            }

            string init = (
                await File.ReadAllTextAsync($"/proc/{keeper.Id}/task/{keeper.Id}/children").ConfigureAwait(false)
            ).Trim();
            string[] inside = ["-t", init, "--mount", "--pid", "--"];
            (TimeSpan ours, TimeSpan peer) = await Measure
                .AlternateAsync(
                    9,
                    () =>
                        Measure.RunAsync(
                            "nsenter",
                            [.. inside, Path.GetFullPath(Budgets.Program), "guests", "-o", "json"]
                        ),
                    () =>
                        Measure.RunAsync(
                            "nsenter",
                            [
                                .. inside,
                                "sh",
                                "-c",
                                "virsh -q list --all --uuid; virsh -q \"$(cat \"$1\")\"",
                                "sh",
                                Path.Combine(folder, "dump"),
                            ]
                        )
                )
                .ConfigureAwait(false);
            run.Print($"nestvirt guests, {Guests} guests / list and a batch of dumpxml", ours, peer, most: 2);
        }
        finally
        {
            keeper.StandardInput.Close();
            await keeper.WaitForExitAsync().ConfigureAwait(false);
        }
    }

    private static async Task WriteAsync(string folder, string[] ids)
    {
        StringBuilder define = new();
        foreach (string id in ids)
        {
            string file = Path.Combine(folder, $"{id}.xml");
            await File.WriteAllTextAsync(file, Definition(id)).ConfigureAwait(false);
            define.Append(CultureInfo.InvariantCulture, $"define {file};");
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "define"), define.ToString()).ConfigureAwait(false);
        await File.WriteAllTextAsync(
                Path.Combine(folder, "dump"),
                string.Concat(ids.Select(static id => $"dumpxml {id};"))
            )
            .ConfigureAwait(false);
    }

    // As much as virt-install defines: libvirt adds controllers and addresses.
    private static string Definition(string id) =>
        $"""
            <domain type='qemu'><name>guest-{id}</name><uuid>{id}</uuid><memory unit='GiB'>4</memory><vcpu>4</vcpu>
            <os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/><apic/></features>
            <cpu mode='custom' match='exact'><model>EPYC</model><feature policy='require' name='svm'/></cpu>
            <devices>
            <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/var/lib/libvirt/images/{id}.qcow2'/><target dev='vda' bus='virtio'/></disk>
            <interface type='user'><model type='virtio'/></interface>
            <console type='pty'/><channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
            <graphics type='vnc' port='-1'/><video><model type='virtio'/></video><rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
            </devices></domain>
            """;
}
