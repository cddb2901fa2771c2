using NestVirt.Changes;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Cases;

/// <summary>Why a device has no virtual functions, or fewer than are asked for, as sriov and set sriov tell.</summary>
public sealed class VirtualFunctionCauseTests
{
    private const string Igpu = "0000:00:02.0";
    private const string Dmesg = "var/log/dmesg";
    private const string Zeros = "0x0000000000000000 0x0000000000000000 0x0000000000000000";
    private const string Boot = "[    0.000000] Linux version 6.5.11-6-pve\n";
    private const string NoMmio = "i915 0000:00:02.0: not enough MMIO resources for SR-IOV";
    private const string Rows = $"/sys/bus/pci/devices/{Igpu}/resource: lines 8 to 13 are {Zeros}";

    [Fact]
    public async Task Without_memory_addresses_sriov_and_its_change_say_so()
    {
        using ReportedMachine machine = ReportedMachine.Build("14-sriov-mmio");

        Finding told = ReportedMachine.One(await ReasonsAsync(machine), "SriovNoMemory");
        Finding planned = ReportedMachine.One(
            (await machine.PlanAsync(new VirtualFunctionRequest(Igpu, 3))).Findings,
            "SriovNoMemory"
        );

        Assert.Equal($"kernel log: {NoMmio}; {Rows}", told.Evidence);
        Assert.Contains("Above 4G Decoding", told.Remedy, StringComparison.Ordinal);
        Assert.Contains("pci=realloc", told.Remedy, StringComparison.Ordinal);
        Assert.Equal(
            (told.Severity, told.Message, told.Evidence, told.Remedy),
            (planned.Severity, planned.Message, planned.Evidence, planned.Remedy)
        );
        Finding line = ReportedMachine.One(await ReasonsAsync(machine), "SriovFewerMade");
        Assert.StartsWith("/etc/sysfs.conf asks for 7 ", line.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bar_that_keeps_its_size_is_named_for_its_device_alone()
    {
        using ReportedMachine machine = ReportedMachine.Build("vf-no-memory-nic");

        Finding told = ReportedMachine.One(await ReasonsAsync(machine), "SriovNoMemory");

        Assert.Equal(
            "/sys/bus/pci/devices/0000:01:00.0/resource:8: 0x0000000000000000 0x00000000007fffff 0x000000002014220c",
            told.Evidence
        );
        Assert.Contains("add realloc to the word pci=", told.Remedy, StringComparison.Ordinal);
        machine.With("proc/cmdline", "ro pci=noaer,realloc\n");
        Assert.StartsWith(
            "The kernel tries already (pci=realloc).",
            ReportedMachine.One(await ReasonsAsync(machine), "SriovNoMemory").Remedy,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("can't enable 8 VFs (bus 05 out of range of [bus 04])")]
    [InlineData("SR-IOV: bus number out of range")]
    public async Task Without_bus_numbers_it_is_said(string line)
    {
        using ReportedMachine machine = ReportedMachine.Build("vf-no-buses");
        machine.With(Dmesg, $"{Boot}[    9.1] ixgbe 0000:04:00.0: {line}\n");

        Finding told = ReportedMachine.One(await ReasonsAsync(machine), "SriovNoBusNumbers");
        ChangePlan plan = await machine.PlanAsync(new VirtualFunctionRequest("0000:04:00.0", 8));

        Assert.Equal(
            $"kernel log: ixgbe 0000:04:00.0: {line}; "
                + "/sys/bus/pci/devices/0000:00:01.0/subordinate_bus_number: 4, with /sys/bus/pci/devices/0000:04:00.0/sriov_offset: 384 and sriov_stride: 2",
            told.Evidence
        );
        Assert.Contains("pci=assign-busses", told.Remedy, StringComparison.Ordinal);
        ReportedMachine.One(plan.Findings, "SriovNoBusNumbers");
    }

    [Theory]
    [InlineData("driver does not support SR-IOV configuration via sysfs")]
    [InlineData("Driver doesn't support SRIOV configuration via sysfs")]
    public async Task A_driver_that_cannot_is_named(string text)
    {
        using ReportedMachine machine = ReportedMachine.Build("16-sysfs-conf");
        machine.With(Dmesg, $"{Boot}[    9.1] i915 {Igpu}: {text}\n").With("etc/init.d/sysfsutils", string.Empty);

        Finding told = ReportedMachine.One(await ReasonsAsync(machine), "SriovDriverUnable");

        Assert.Equal($"kernel log: i915 {Igpu}: {text}", told.Evidence);
        Assert.Contains("i915-sriov-dkms", told.Remedy, StringComparison.Ordinal);
        Assert.EndsWith(
            "has 0: the driver i915 makes none through sysfs.",
            ReportedMachine.One(await ReasonsAsync(machine), "SriovFewerMade").Message,
            StringComparison.Ordinal
        );
        machine.With(Dmesg, $"{Boot}[    9.1] xe {Igpu}: {text}\n");
        Assert.DoesNotContain(await ReasonsAsync(machine), static reason => reason.Code == "SriovDriverUnable");
    }

    [Theory]
    [InlineData("vf-no-memory-nic", "0000:01:00.1", "mstconfig -d 0000:01:00.1 set SRIOV_EN=1")]
    [InlineData("vf-asked-fewer", "0000:03:00.0", "pages of the firmware setup")]
    [InlineData("16-sysfs-conf", Igpu, "i915.max_vfs=7")]
    public async Task A_device_that_allows_none_is_told_from_one_that_makes_none(
        string name,
        string address,
        string remedy
    )
    {
        using ReportedMachine machine = ReportedMachine.Build(name);
        machine
            .With($"sys/devices/pci0000:00/{address}/sriov_totalvfs", "0\n")
            .With($"sys/devices/pci0000:00/{address}/sriov_numvfs", "0\n");

        Finding told = (await ReasonsAsync(machine, address))[0];
        ChangeRefusedException refused = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            machine.PlanAsync(new VirtualFunctionRequest(address, 1))
        );

        Assert.Equal(
            ("SriovTurnedOff", $"/sys/bus/pci/devices/{address}/sriov_totalvfs: 0"),
            (told.Code, told.Evidence)
        );
        Assert.Contains(remedy, told.Remedy, StringComparison.Ordinal);
        Assert.Equal("SriovTurnedOff", refused.Reasons[0].Code);
    }

    [Fact]
    public async Task I915_that_allows_none_for_want_of_addresses_is_told_so()
    {
        using ReportedMachine machine = ReportedMachine.Build("14-sriov-mmio");
        machine.With($"sys/devices/pci0000:00/{Igpu}/sriov_totalvfs", "0\n");

        IReadOnlyList<Finding> reasons = await ReasonsAsync(machine);

        ReportedMachine.One(reasons, "SriovNoMemory");
        Assert.DoesNotContain(reasons, static reason => reason.Code == "SriovTurnedOff");
    }

    [Theory]
    [InlineData(
        "16-sysfs-conf",
        "/etc/sysfs.conf:1:devices/pci0000:00/0000:00:02.0/sriov_numvfs = 7; /sys/bus/pci/devices/0000:00:02.0/sriov_numvfs: 0",
        "has 0: nothing reads that file, because the service sysfsutils is not installed."
    )]
    [InlineData(
        "31-bnxt-link",
        "/etc/systemd/network/10-wan.link:8:SR-IOVVirtualFunctions=4; /sys/bus/pci/devices/0000:01:00.0/sriov_numvfs: 0",
        "has 0: bnxt_en makes none while its interface is down, as it is early in the boot."
    )]
    [InlineData(
        "vf-asked-fewer",
        "/etc/udev/rules.d/80-vf.rules:1:ACTION==\"add\", SUBSYSTEM==\"net\", ENV{ID_NET_DRIVER}==\"igb\", KERNEL==\"eno1\", ATTR{device/sriov_numvfs}=\"8\"; /sys/bus/pci/devices/0000:03:00.0/sriov_numvfs: 4",
        "has 4: the driver made only so many (kernel log: igb 0000:03:00.0: 8 VFs requested; only 4 enabled)."
    )]
    [InlineData(
        "zz-s9",
        "/etc/systemd/system/vfs.service.d/x.conf:1:ExecStart=/bin/sh -c \"echo 7 > /sys/bus/pci/devices/0000:00:02.0/sriov_numvfs\"; /sys/bus/pci/devices/0000:00:02.0/sriov_numvfs: 0",
        "has 0: why is not known."
    )]
    public async Task Asked_for_and_made_are_compared(string name, string evidence, string message)
    {
        using ReportedMachine machine = ReportedMachine.Build(name);

        Finding told = ReportedMachine.One(await ReasonsAsync(machine), "SriovFewerMade");

        Assert.Equal((evidence, Severity.Warning), (told.Evidence, told.Severity));
        Assert.EndsWith(message, told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parameters_are_lines_that_ask()
    {
        using ReportedMachine machine = ReportedMachine.Build("32-ixgbe-maxvfs");
        machine.With(Dmesg, Boot + "[    9.1] ixgbe: unknown parameter 'max_vfs' ignored\n");

        IReadOnlyList<Finding> reasons = await ReasonsAsync(machine);

        Assert.Equal(
            ["/etc/modprobe.d/ixgbe.conf:1:options ixgbe max_vfs=3", "/proc/cmdline: ixgbe.max_vfs=3"],
            reasons.Select(static reason => reason.Evidence!.Split(';')[0])
        );
        Assert.All(
            reasons,
            static reason =>
                Assert.Contains("unknown parameter 'max_vfs' ignored", reason.Message, StringComparison.Ordinal)
        );
        machine.With("sys/devices/pci0000:00/0000:03:00.0/sriov_numvfs", "3\n");
        Assert.All(await ReasonsAsync(machine), static reason => Assert.Equal("SriovSetAtBoot", reason.Code));
    }

    [Theory]
    [InlineData(true, "has 0: why is not known.")]
    [InlineData(false, "has 0: nestvirt-sriov.service is not enabled.")]
    public async Task Our_own_unit_is_one_that_asks(bool isEnabled, string message)
    {
        using ReportedMachine machine = ReportedMachine.Build("32-ixgbe-maxvfs");
        machine
            .Without("etc/modprobe.d/ixgbe.conf")
            .With("proc/cmdline", "ro\n")
            .With(
                "etc/nestvirt/sriov.conf",
                "# ours\n0000:03:00.0 autoprobe 0\n0000:03:00.0 count 5\n0000:09:00.0 count 5\n"
            );
        if (isEnabled)
        {
            machine.Tree.Link(
                "etc/systemd/system/multi-user.target.wants/nestvirt-sriov.service",
                "../nestvirt-sriov.service"
            );
        }

        Finding told = Assert.Single(await ReasonsAsync(machine));

        Assert.StartsWith("/etc/nestvirt/sriov.conf:3:0000:03:00.0 count 5;", told.Evidence, StringComparison.Ordinal);
        Assert.EndsWith(message, told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_names_no_device_is_only_perhaps_about_one_of_several()
    {
        using ReportedMachine machine = ReportedMachine.Build("vf-no-memory-nic");
        machine.With("etc/rc.local", "echo 4 > \"$d/sriov_numvfs\"\n");

        Finding[] told = [.. (await ReasonsAsync(machine)).Where(static reason => reason.Code == "SriovSetAtBoot")];

        Assert.Equal(2, told.Length);
        Assert.All(told, static one => Assert.Contains("may be about", one.Message, StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<Finding>> ReasonsAsync(ReportedMachine machine, string? address = null) =>
        [
            .. (await machine.AskAsync(HostQuestions.SriovDevices))
                .Where(device => address is null || device.Address == address)
                .SelectMany(static device => device.Reasons),
        ];
}
