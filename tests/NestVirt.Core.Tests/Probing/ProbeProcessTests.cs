using System.Diagnostics;
using NestVirt.Linux;
using NestVirt.Probing;
using NestVirt.Testing;

namespace NestVirt.Core.Tests.Probing;

/// <summary>Counts the programs that a full probe starts on a host (DESIGN.md, budgets).</summary>
public sealed class ProbeProcessTests : IDisposable
{
    private const int Budget = 25;

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_full_probe_starts_as_many_programs_for_2000_devices_as_for_10()
    {
        Needs.Tools("strace");
        string small = Path.Combine(_folder, "small");
        string large = Path.Combine(_folder, "large");
        SyntheticHost.Write(small, deviceCount: 10, cpuCount: 4);
        SyntheticHost.Write(large, deviceCount: 2000, cpuCount: 512);

        int few = Programs(small).Length;
        int many = Programs(large).Length;

        Assert.InRange(few, 1, Budget);
        Assert.Equal(few, many);
    }

    [Fact]
    public void A_full_probe_of_this_machine_stays_in_the_budget_and_looks_at_all_processes_once()
    {
        Needs.Tools("strace");
        string[] programs = Programs(root: string.Empty);

        Assert.InRange(programs.Length, 1, Budget);
        Assert.Single(programs, static line => line.Contains("\"-lnq\"", StringComparison.Ordinal));
    }

    // The calls that start a program.
    private string[] Programs(string root)
    {
        string log = Path.Combine(_folder, Path.GetRandomFileName());
        string script = Path.Combine(_folder, Path.GetRandomFileName());
        LinuxPlatform platform = new();
        File.WriteAllText(
            script,
            ProbeScript.Compose(
                [.. platform.Probes.Concat(platform.PlanProbes).Cast<ShellProbe>()],
                "0123456789abcdef",
                allowSudo: true
            )
        );

        // With the filter, strace stops only at these calls: at each of them all, 2,000 devices would take minutes.
        ProcessStartInfo start = new(
            "strace",
            ["-f", "--seccomp-bpf", "-qq", "-e", "trace=execve", "-e", "signal=none", "-o", log, "/bin/sh", script]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["NESTVIRT_ROOT"] = root;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Contains("0123456789abcdef .", output, StringComparison.Ordinal);
        Assert.NotNull(error.Result);

        // A call that another process interrupts has two lines, "execve(… <unfinished ...>" and "<... execve resumed>…":
        // the first has the words. The shell that runs the script is the first; a remote host has it anyway.
        return
        [
            .. File.ReadLines(log)
                .Where(static line =>
                    line.Contains("execve(", StringComparison.Ordinal)
                    && (
                        line.EndsWith("= 0", StringComparison.Ordinal)
                        || line.EndsWith("<unfinished ...>", StringComparison.Ordinal)
                    )
                )
                .Skip(1),
        ];
    }
}
