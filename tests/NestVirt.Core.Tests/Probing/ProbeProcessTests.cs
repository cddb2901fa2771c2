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

        int few = CountPrograms(small);
        int many = CountPrograms(large);

        Assert.InRange(few, 1, Budget);
        Assert.Equal(few, many);
    }

    [Fact]
    public void A_full_probe_of_this_machine_starts_no_more_programs_than_the_budget()
    {
        Needs.Tools("strace");
        Assert.InRange(CountPrograms(root: string.Empty), 1, Budget);
    }

    private int CountPrograms(string root)
    {
        string log = Path.Combine(_folder, Path.GetRandomFileName());
        string script = Path.Combine(_folder, Path.GetRandomFileName());
        LinuxPlatform platform = new();
        File.WriteAllText(
            script,
            ProbeScript.Compose([.. platform.Probes, .. platform.PlanProbes], "0123456789abcdef", allowSudo: true)
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
        // only the second has the result. The shell that runs the script is the first; a remote host has it anyway.
        return File.ReadLines(log)
                .Count(static line =>
                    line.Contains("execve", StringComparison.Ordinal) && line.EndsWith("= 0", StringComparison.Ordinal)
                ) - 1;
    }
}
