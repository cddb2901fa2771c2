using System.Diagnostics;
using System.Text;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Virtualization;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Linux.Machine;

/// <summary>Runs the scripts of the machine's probes over trees, by every shell that is installed.</summary>
public sealed class MachineProbeTests : IDisposable
{
    private const string Token = "0123456789abcdef";
    private const string Secret = "hunter2";
    private const string Registers = "msr\t 0000000000000005\ncpuid\t 00800f12 00000000 00000175 2dd3fbfd\n";

    private const string Program = "VM00 Control Program: z/VM    6.1.0";

    private const string Hostile = "-n $(touch pwned) `touch pwned` '\";\\ %s";

    private readonly HostTree _tree = new HostTree()
        .Write(
            "proc/cpuinfo",
            string.Concat(
                Enumerable
                    .Range(0, 512)
                    .Select(static cpu =>
                        $"processor\t: {cpu}\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon {Hostile}\ncpu MHz\t\t: {cpu}.1\n"
                        + $"apicid\t\t: {cpu}\nflags\t\t: fpu tsc vmx aperfmperf\nvmx flags\t: vnmi ept\nbugs\t\t: none\n\n"
                    )
            )
        )
        .Write("proc/sys/kernel/osrelease", "6.1.0-56-amd64\n")
        .Write("proc/cmdline", "root=/dev/sda1 clearcpuid=514 quiet\n")
        .Write("sys/devices/system/cpu/vulnerabilities/itlb_multihit", "KVM: Mitigation: VMX disabled\n")
        .Write("sys/module/kvm_intel/initstate", "live\n")
        .Write("sys/module/kvm/parameters/halt_poll_ns", "200000\n")
        .Write("sys/class/misc/kvm/dev", "10:232\n")
        .Write("sys/class/dmi/id/sys_vendor", Hostile + "\n")
        .Write("sys/class/dmi/id/product_name", "\u001b[31m\n")
        .Write("sys/class/dmi/id/product_uuid", Secret)
        .Write("proc/1/environ", $"PASSWORD={Secret}\0container=podman\0TOKEN={Secret}\0")
        .Write("proc/self/cgroup", $"0::/machine.slice/libpod-{Secret}.scope\n")
        .Write("proc/self/status", "Name:\tsh\nVxID:\t0\nenvID:\t0\n")
        .Write("proc/device-tree/compatible", "ibm,powernv\0ibm,p9\0")
        .Write("proc/device-tree/hypervisor/compatible", "linux,kvm\0")
        .Write("proc/device-tree/hmc-managed?", string.Empty)
        .Write("proc/bus/pci/devices", string.Empty)
        .Write("proc/sysinfo", $"LPAR Number: 41\nLPAR Name: {Secret}\nVM00 Name: {Secret}\n{Program}\n")
        .Write("var/log/dmesg", "[    0.0] Linux version 6.1.0\n[    1.0] usb 1-1\n[    2.0] kvm: disabled by bios\n");

    private static readonly string[] s_shells = ["dash", "bash", "mksh", "ksh", "busybox"];

    public static TheoryData<string> Shells => [.. s_shells.Where(Needs.IsOnPath)];

    public void Dispose() => _tree.Dispose();

    [Theory]
    [MemberData(nameof(Shells))]
    public void Scripts_say_the_same_under_every_shell(string shell)
    {
        ProbeAnswers answers = Run(shell);

        CpuReading cpu = CpuProbe.Parse(answers[CpuProbe.Probe].Text);
        Assert.Equal(["vendor_id", "model name", "flags", "vmx flags", "bugs"], cpu.Info.Fields.Select(Key));
        Assert.Equal("Xeon " + Hostile, cpu.Info["model name"]);
        Assert.Equal("6.1.0-56-amd64", cpu.KernelRelease);
        Assert.Equal(["clearcpuid=514"], cpu.Options);
        Assert.Equal(["kvm", "kvm_intel"], cpu.Modules.Select(Key));
        Assert.Equal(["builtin", "live"], cpu.Modules.Values);
        Assert.True(cpu.HasKvmDevice);
        Assert.True(cpu.Runs("kvm_intel"));

        HypervisorReading reading = HypervisorProbe.Parse(answers[HypervisorProbe.Probe].Text);
        Assert.Equal(Hostile, reading["dmi.sys_vendor"]);
        Assert.Equal("podman", reading["container.environ"]);
        Assert.Equal(["read", "podman"], reading.Facts["cgroup"]);
        Assert.Equal("ibm,powernvibm,p9", reading["tree.compatible"]);
        Assert.Equal("linux,kvm", reading["tree.hypervisor.compatible"]);
        Assert.Equal(Program, reading["sysinfo.program"]);
        Assert.True(reading.Has("tree.hmc") && reading.Has("sysinfo.lpar") && reading.Has("tree.hypervisor"));
        Assert.False(reading.Has("xen") || reading.Has("vz") || reading.Lscpu.IsPresent);

        KernelLog log = KernelLogProbe.Parse(answers[KernelLogProbe.Probe], answers[KernelLogProbe.PrivilegedProbe]);
        Assert.Equal(["Linux version 6.1.0", "kvm: disabled by bios"], log.Lines);
        Assert.False(File.Exists(Path.Combine(_tree.Path, "pwned")) || File.Exists("pwned"));
    }

    [Fact]
    public async Task Answers_hold_no_secret_of_the_environment_and_no_identity()
    {
        ProbeAnswers answers = await _tree.ReadAsync([.. MachineAssessor.Probes]);

        string everything = string.Concat(answers.All.Values.Select(static answer => answer.Text));
        Assert.DoesNotContain(Secret, everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_of_512_CPUs_are_as_short_as_those_of_one()
    {
        ProbeAnswers answers = await _tree.ReadAsync(CpuProbe.Probe);

        Assert.InRange(answers[CpuProbe.Probe].Text.Length, 100, 1000);
    }

    [Fact]
    public async Task An_empty_tree_answers_nothing_and_fails_nowhere()
    {
        using HostTree empty = new();

        MachineFacts facts = MachineAssessor.Assess(await empty.ReadAsync([.. MachineAssessor.Probes]));

        Assert.Equal((VirtualizationState.Unknown, HostLayer.Unknown), (facts.Virtualization.State, facts.Layer));
    }

    [Fact]
    public async Task Damaged_answers_are_read_or_refused_by_name()
    {
        ProbeAnswers answers = await _tree.ReadAsync([.. MachineAssessor.Probes]);
        foreach (HostProbe probe in MachineAssessor.Probes)
        {
            ProbeAnswer whole = answers[probe];
            string text = whole.Text.Length > 0 ? whole.Text : Registers;
            Mutation.Check(
                text,
                damaged =>
                {
                    answers.Set(probe.Name, new ProbeAnswer(damaged));
                    MachineAssessor.Assess(answers);
                }
            );
            answers.Set(probe.Name, whole);
        }
    }

    private static string Key(KeyValuePair<string, string> pair) => pair.Key;

    private ProbeAnswers Run(string shell)
    {
        ProcessStartInfo start = new(shell, shell == "busybox" ? ["sh"] : [])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _tree.Path,
        };
        start.Environment["NESTVIRT_ROOT"] = _tree.Path;
        using Process process = Process.Start(start)!;
        ShellProbe[] probes = [.. MachineAssessor.Probes.Cast<ShellProbe>()];
        process.StandardInput.Write(ProbeScript.Compose(probes, Token, allowSudo: false));
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return ProbeScript.Split(Encoding.UTF8.GetBytes(output), probes, Token);
    }
}
