using NestVirt.Hosts;
using NestVirt.HyperV.Support;
using NestVirt.Model;

namespace NestVirt.Core.Tests.HyperV.Support;

public sealed class VMNestingAssessorTests
{
    private static readonly HostTarget s_target = new("hv1", new SnapshotAddress("hv1.json"));
    private static readonly WindowsHost s_amd2019 = new() { Vendor = "AuthenticAMD", Build = 17763 };

    [Fact]
    public void Assess_tells_all_of_a_machine()
    {
        WindowsVM vm = new()
        {
            State = 2,
            IsExposed = true,
            AllowsMacSpoofing = true,
            IovWeight = 100,
            Devices =
            [
                @"\\HV1\root\virtualization\v2:Msvm_PciExpress.CreationClassName=""Msvm_PciExpress"",DeviceID=""PCIP\\VEN_8086&DEV_1572\\3&1158"",SystemName=""HV1""",
            ],
        };

        VmNestedCpu told = Assess(new WindowsHost(), vm);

        Assert.Equal(("lab", WindowsVM.FirstId, "hv1"), (told.VmName, told.Id, told.HostName));
        Assert.Equal(
            (VmState.Running, VmNesting.Now, Verdict.Ready, true),
            (told.State, told.Nesting, told.Verdict, told.IsExposed)
        );
        Assert.Equal(
            (4, null, "10.0", 2),
            (told.CpuCount, told.ThreadsPerCore, told.ConfigurationVersion, told.Generation)
        );
        Assert.Equal(
            (4L << 30, null, null, false),
            (told.MemoryBytes, told.MinimumMemoryBytes, told.MaximumMemoryBytes, told.HasDynamicMemory)
        );
        Assert.Equal(
            (1, true, 1, false),
            (told.AdapterCount, told.AllowsMacSpoofing, told.SriovAdapterCount, told.IsVbsOptedOut)
        );
        Assert.Equal([@"PCIP\VEN_8086&DEV_1572\3&1158"], told.AssignedDevices);
        Assert.Equal(
            [FindingCodes.VmDeviceAndNesting, FindingCodes.VmNestingReady],
            told.Reasons.Select(static reason => reason.Code)
        );
        Assert.Equal("lab: Now", told.ToString());
    }

    [Theory]
    [InlineData(2, VmState.Running, VmNesting.Now)]
    [InlineData(3, VmState.Off, VmNesting.NextStart)]
    [InlineData(4, VmState.Stopping, VmNesting.Unknown)]
    [InlineData(6, VmState.Saved, VmNesting.NextStart)]
    [InlineData(32769, VmState.Saved, VmNesting.NextStart)]
    [InlineData(9, VmState.Paused, VmNesting.Now)]
    [InlineData(32768, VmState.Paused, VmNesting.Now)]
    [InlineData(10, VmState.Starting, VmNesting.NextStart)]
    [InlineData(32773, VmState.Changing, VmNesting.Unknown)]
    [InlineData(32782, VmState.Critical, VmNesting.Unknown)]
    [InlineData(0, VmState.Unknown, VmNesting.Unknown)]
    [InlineData(54321, VmState.Unknown, VmNesting.Unknown)]
    public void Assess_tells_from_when_on_by_the_state(int number, VmState state, VmNesting nesting)
    {
        VmNestedCpu told = Assess(new WindowsHost(), new WindowsVM { State = number, IsExposed = true });

        Assert.Equal((state, nesting, Verdict.Ready), (told.State, told.Nesting, told.Verdict));
    }

    // Intel takes 8.0, AMD 9.3; 10.0 is more than 9.3, and 9.10 would be, too.
    [Theory]
    [InlineData("GenuineIntel", "5.0", Verdict.Configurable)]
    [InlineData("GenuineIntel", "7.1", Verdict.Configurable)]
    [InlineData("GenuineIntel", "8.0", Verdict.Ready)]
    [InlineData("GenuineIntel", "12.0", Verdict.Ready)]
    [InlineData("AuthenticAMD", "8.0", Verdict.Configurable)]
    [InlineData("AuthenticAMD", "9.2", Verdict.Configurable)]
    [InlineData("AuthenticAMD", "9.3", Verdict.Ready)]
    [InlineData("AuthenticAMD", "9.10", Verdict.Ready)]
    [InlineData("AuthenticAMD", "10.0", Verdict.Ready)]
    [InlineData("AuthenticAMD", "none", Verdict.Unknown)]
    [InlineData("AuthenticAMD", null, Verdict.Unknown)]
    public void Assess_holds_the_version_against_the_processor(string vendor, string? version, Verdict verdict)
    {
        VmNestedCpu told = Assess(
            new WindowsHost { Vendor = vendor },
            new WindowsVM { Version = version, IsExposed = true }
        );

        Assert.Equal(verdict, told.Verdict);
        Assert.Equal(verdict == Verdict.Ready ? VmNesting.NextStart : VmNesting.Unknown, told.Nesting);
        if (verdict == Verdict.Configurable)
        {
            Finding old = told.Reasons[0];
            Assert.Equal(FindingCodes.VmVersionTooOld, old.Code);
            Assert.Contains("Update-VMVersion", old.Remedy, StringComparison.Ordinal);
            Assert.Contains("cannot be undone", old.Remedy, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Assess_says_that_a_machine_will_not_start()
    {
        VmNestedCpu set = Assess(s_amd2019, new WindowsVM { Version = "9.0", IsExposed = true });
        VmNestedCpu clear = Assess(s_amd2019, new WindowsVM { Version = "9.0", IsDynamic = true });

        Assert.Equal((VmNesting.WillNotStart, Verdict.Blocked), (set.Nesting, set.Verdict));
        Assert.Equal(
            [FindingCodes.HyperVTooOldForAmd, FindingCodes.VmWillNotStart],
            set.Reasons.Where(static reason => reason.Severity == Severity.Error).Select(static reason => reason.Code)
        );
        Assert.Equal((VmNesting.Off, Verdict.Blocked), (clear.Nesting, clear.Verdict));
        Assert.Equal([FindingCodes.HyperVTooOldForAmd], clear.Reasons.Select(static reason => reason.Code));
    }

    [Fact]
    public void Assess_says_what_keeps_a_change_from_being_made()
    {
        string[] Codes(WindowsVM vm) =>
            [
                .. Assess(new WindowsHost(), vm)
                    .Reasons.Select(static reason => reason.Code)
                    .Order(StringComparer.Ordinal),
            ];

        Assert.Equal([FindingCodes.VmNestingOff], Codes(new WindowsVM()));
        Assert.Equal([FindingCodes.VmNestingOff, FindingCodes.VmNotOff], Codes(new WindowsVM { State = 2 }));
        Assert.Equal([FindingCodes.VmNestingOff, FindingCodes.VmSaved], Codes(new WindowsVM { State = 6 }));
        Assert.Equal([FindingCodes.VmNestingOff, FindingCodes.VmSaved], Codes(new WindowsVM { IsSaved = true }));
        Assert.Equal([FindingCodes.VmBusy, FindingCodes.VmNestingOff], Codes(new WindowsVM { Status = [2, 32774] }));
        Assert.Equal([FindingCodes.VmBusy, FindingCodes.VmNestingOff], Codes(new WindowsVM { Status = [11] }));
        Assert.Equal(
            [FindingCodes.VmDynamicMemory, FindingCodes.VmNestingOff],
            Codes(new WindowsVM { IsDynamic = true })
        );
    }

    [Fact]
    public void Assess_does_not_call_a_machine_ready_whose_memory_keeps_it_from_starting()
    {
        WindowsVM vm = new()
        {
            IsExposed = true,
            Devices = ["x"],
            IsDynamic = true,
        };

        VmNestedCpu faulty = Assess(new WindowsHost(), vm);
        VmNestedCpu whole = Assess(new WindowsHost(), vm with { MinimumMegabytes = 4096 });

        Assert.Equal((Verdict.Configurable, VmNesting.WillNotStart), (faulty.Verdict, faulty.Nesting));
        Assert.Equal(FindingCodes.VmMemoryNotFixed, faulty.Reasons[0].Code);
        Assert.Equal((Verdict.Ready, VmNesting.NextStart), (whole.Verdict, whole.Nesting));
    }

    [Fact]
    public void Assess_warns_of_what_does_not_go_well_with_nesting()
    {
        (string, Severity)[] Found(WindowsVM vm) =>
            [.. Assess(new WindowsHost(), vm).Reasons.Select(static reason => (reason.Code, reason.Severity))];
        WindowsVM vm = new() { IsExposed = true };

        Assert.Contains((FindingCodes.VmDynamicMemory, Severity.Warning), Found(vm with { IsDynamic = true }));
        Assert.Contains((FindingCodes.VmDeviceAndNesting, Severity.Warning), Found(vm with { Devices = ["x"] }));
        Assert.Contains(
            (FindingCodes.VmMemoryNotFixed, Severity.Error),
            Found(vm with { Devices = ["x"], IsDynamic = true })
        );
        Assert.DoesNotContain(
            FindingCodes.VmMemoryNotFixed,
            Found(vm with { Devices = ["x"], IsDynamic = true, MinimumMegabytes = 4096 })
                .Select(static one => one.Item1)
        );
        Assert.Contains((FindingCodes.VmNoMacSpoofing, Severity.Information), Found(vm));
        Assert.DoesNotContain(
            FindingCodes.VmNoMacSpoofing,
            Found(vm with { AllowsMacSpoofing = true }).Select(static one => one.Item1)
        );
    }

    [Fact]
    public void Assess_refuses_a_host_that_does_not_tell_of_its_machines()
    {
        NestVirtErrorKind Kind(WindowsHost host) =>
            Assert
                .ThrowsAny<NestVirtException>(() => VMNestingAssessor.Assess(host.Answers(), s_target).ToArray())
                .Kind;

        Assert.Equal(
            NestVirtErrorKind.FeatureNotSupported,
            Kind(new WindowsHost { HyperVReason = WindowsHost.Missing })
        );
        Assert.Equal(
            NestVirtErrorKind.HostPermissionDenied,
            Kind(new WindowsHost { HyperVReason = WindowsHost.Denied })
        );
    }

    [Fact]
    public void FindingsOf_tells_of_security_and_jobs_of_the_host()
    {
        WindowsHost host = new()
        {
            Vbs = 2,
            Others = [("hvjobs", CimInstanceText.Of("Msvm_ConcreteJob", ("JobState", 4), ("JobType", 2)))],
        };

        Assert.Equal(
            [FindingCodes.HostVbsRunning, FindingCodes.HyperVJobsRunning],
            VMNestingAssessor.FindingsOf(host.Answers()).Select(static finding => finding.Code)
        );
        Assert.Empty(VMNestingAssessor.FindingsOf(new WindowsHost().Answers()));
    }

    private static VmNestedCpu Assess(WindowsHost host, WindowsVM vm) =>
        Assert.Single(VMNestingAssessor.Assess((host with { VMs = [vm] }).Answers(), s_target));
}
