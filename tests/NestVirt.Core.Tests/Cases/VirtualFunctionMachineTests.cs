using System.Diagnostics;
using System.Text;
using NestVirt.Changes;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Cases;

/// <summary>Who else makes virtual functions at boot, and drivers that make none while their interface is down.</summary>
public sealed class VirtualFunctionMachineTests
{
    private const string Line = "devices/pci0000:00/0000:00:02.0/sriov_numvfs = 7";
    private const string Write = "echo 7 > /sys/bus/pci/devices/0000:00:02.0/sriov_numvfs";
    private const string Unread = "nothing reads it: the service sysfsutils is not installed";

    [Theory]
    [InlineData("16-sysfs-conf", "/etc/sysfs.conf:1:" + Line, Unread)]
    [InlineData("zz-s1", "/etc/sysfs.d/i915.conf:1:" + Line, Unread)]
    [InlineData(
        "zz-s4",
        "/boot/config/go:1:echo 7 > /sys/devices/pci0000:00/0000:00:02.0/sriov_numvfs",
        "which of the two"
    )]
    [InlineData(
        "zz-s9",
        "/etc/systemd/system/vfs.service.d/x.conf:1:ExecStart=/bin/sh -c \"" + Write + "\"",
        "which of the two"
    )]
    public async Task The_line_that_asks_for_functions_today_is_named(string name, string evidence, string message)
    {
        using ReportedMachine machine = ReportedMachine.Build(name);

        Finding finding = await ConflictAsync(machine, "0000:00:02.0", 3);

        Assert.Equal(evidence, finding.Evidence);
        Assert.Contains(message, finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("var/spool/cron/crontabs/root", "@reboot " + Write)]
    [InlineData("var/spool/cron/root", "@reboot " + Write)]
    [InlineData("etc/cron.daily/vfs", Write)]
    [InlineData("usr/local/lib/systemd/system/vfs.service", "ExecStart=/bin/sh -c '" + Write + "'")]
    [InlineData("lib/systemd/system/vfs.service", "ExecStart=/bin/sh -c '" + Write + "'")]
    [InlineData("run/systemd/network/10-igpu.link", "SR-IOVVirtualFunctions=7")]
    [InlineData("etc/udev/rules.d/90-vf.rules", "ACTION==\"add\", KERNEL==\"0000:00:02.0\", ATTR{sriov_numvfs}=\"7\"")]
    public async Task So_it_is_wherever_it_stands(string path, string line)
    {
        using ReportedMachine machine = ReportedMachine.Build("16-sysfs-conf");
        machine.Without("etc/sysfs.conf").With(path, $"# once\n{line}\n");

        Assert.Equal($"/{path}:2:{line}", (await ConflictAsync(machine, "0000:00:02.0", 3)).Evidence);
    }

    [Fact]
    public async Task A_line_that_sysfsutils_reads_counts()
    {
        using ReportedMachine machine = ReportedMachine.Build("16-sysfs-conf");
        machine.With("etc/init.d/sysfsutils", string.Empty);

        Assert.Equal(Severity.Warning, (await ConflictAsync(machine, "0000:00:02.0", 3)).Severity);
    }

    [Theory]
    [InlineData("# " + Line)]
    [InlineData("devices/pci0000:00/0000:01:00.0/sriov_numvfs = 7")]
    public async Task Comments_and_other_devices_are_not_named(string line)
    {
        using ReportedMachine machine = ReportedMachine.Build("16-sysfs-conf");
        machine.With("etc/sysfs.conf", line + "\n").With("etc/modprobe.d/i915.conf", "options i915 max_vfs=7\n");

        Assert.DoesNotContain(
            (await PlanAsync(machine, "0000:00:02.0", 3)).Findings,
            static finding => finding.Code == "LineConflicts"
        );
    }

    [Fact]
    public async Task Options_and_words_that_have_the_driver_make_functions_are_two_owners_more()
    {
        using ReportedMachine machine = ReportedMachine.Build("32-ixgbe-maxvfs");
        machine
            .With("etc/modprobe.d/other.conf", "options i40e max_vfs=8\n# options ixgbe max_vfs=8\n")
            .With("etc/rc.local", "modprobe ixgbe max_vfs=5\nmodprobe igb max_vfs=5\n");

        ChangePlan plan = await PlanAsync(machine, "0000:03:00.0", 4);

        Assert.Equal(
            [
                "/etc/modprobe.d/ixgbe.conf:1:options ixgbe max_vfs=3",
                "/etc/rc.local:1:modprobe ixgbe max_vfs=5",
                "/proc/cmdline: ixgbe.max_vfs=3",
            ],
            plan.Findings.Where(static finding => finding.Code == "LineConflicts")
                .Select(static finding => finding.Evidence)
                .Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData(true, 0, "4")]
    [InlineData(false, 1, "0")]
    public async Task The_unit_sets_the_interface_up_where_the_driver_made_none_and_fails_aloud(
        bool makesWhenUp,
        int exitCode,
        string count
    )
    {
        // A file of the kernel that reads 0 and takes nothing stands for a driver that makes none.
        const string TakesNothing = "/sys/class/net/lo/addr_assign_type";
        Needs.Shell();
        Assert.SkipUnless(File.Exists(TakesNothing), "this machine has no /sys/class/net/lo");
        using ReportedMachine machine = ReportedMachine.Build("31-bnxt-link");
        string device = Path.Combine(machine.Tree.Path, "sys/devices/pci0000:00/0000:01:00.0");
        string numbers = Path.Combine(device, "sriov_numvfs");
        string script = await ScriptAsync(machine);
        File.Delete(numbers);
        File.CreateSymbolicLink(numbers, TakesNothing);
        machine.With("etc/nestvirt/sriov.conf", "0000:01:00.0 count 4\n");
        machine.With(
            "bin/ip",
            "#!/bin/sh\n"
                + $"echo \"$*\" >>'{machine.Tree.Path}/asked'\n"
                + (makesWhenUp ? $"rm -f '{numbers}'; echo 0 >'{numbers}'\n" : string.Empty)
        );
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path.Combine(machine.Tree.Path, "bin/ip"), (UnixFileMode)0b111_101_101);
        }

        (int code, string said) = Run(
            script
                .Replace("PATH=/usr/sbin", $"PATH={machine.Tree.Path}/bin:/usr/sbin", StringComparison.Ordinal)
                .Replace("/sys/bus", $"{machine.Tree.Path}/sys/bus", StringComparison.Ordinal)
                .Replace("</etc/nestvirt", $"<{machine.Tree.Path}/etc/nestvirt", StringComparison.Ordinal)
        );

        Assert.Equal((exitCode, $"{count}\n"), (code, File.ReadAllText(numbers)));
        Assert.Equal("link set dev wan up\n", File.ReadAllText(Path.Combine(machine.Tree.Path, "asked")));
        Assert.Equal(
            makesWhenUp,
            !said.Contains("0000:01:00.0 has 0 virtual functions, not 4: they were refused", StringComparison.Ordinal)
        );
    }

    private static async Task<ChangePlan> PlanAsync(ReportedMachine machine, string address, int count) =>
        await machine.PlanAsync(new VirtualFunctionRequest(address, count));

    private static async Task<Finding> ConflictAsync(ReportedMachine machine, string address, int count) =>
        ReportedMachine.One((await PlanAsync(machine, address, count)).Findings, "LineConflicts");

    private static async Task<string> ScriptAsync(ReportedMachine machine)
    {
        ChangePlan plan = await PlanAsync(machine, "0000:01:00.0", 4);
        return Encoding.UTF8.GetString(
            plan.Changes.Single(static change => change.Setting == "/etc/nestvirt/sriov.sh").Step.Content!.Value.Span
        );
    }

    private static (int Code, string Said) Run(string script)
    {
        using Process process = Process.Start(
            new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardError = true }
        )!;
        process.StandardInput.Write(script);
        process.StandardInput.Close();
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said);
    }
}
