using NestVirt.HyperV.Dda;
using NestVirt.HyperV.Machine;
using NestVirt.Model;
using NestVirt.Transport.Cim;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.HyperV.Dda;

/// <summary>The order and the numbers are those of SurveyDDA.ps1 (MicrosoftDocs/Virtualization-Documentation).</summary>
public sealed class DeviceSurveyTests
{
    private static readonly DeviceSurvey s_host = new(new IovFacts(true, []), WindowsKind.Server);

    private static readonly HostDevice s_good = new(@"PCI\VEN_8086&DEV_1572\1")
    {
        RequiresReservedMemoryRegion = false,
        AcsCompatibleUpHierarchy = 3,
        DeviceType = 2,
        BaseClass = 2,
        ProblemCode = 0,
        Interrupts = DeviceInterrupts.MessageSignalled,
        Memory = [new MemoryRange(0, 0x1F_FFFF), new MemoryRange(0x100_0000, 0x100_0FFF)],
    };

    // Reserved memory, ACS, type, base class, problem, interrupts; verdict and code.
    public static TheoryData<bool?, int?, int?, int?, int, string, bool?, string> Rows =>
        new()
        {
            { false, 3, 2, 2, 0, "MessageSignalled", true, FindingCodes.DeviceAssignable },
            { false, 1, 2, 2, 0, "None", true, FindingCodes.DeviceAssignable },
            { false, 2, 4, 12, 0, "MessageSignalled", true, FindingCodes.DeviceAssignable },
            { false, 3, 3, 3, 0, "MessageSignalled", true, FindingCodes.DeviceAssignable },
            // One obstacle each.
            { true, 3, 2, 2, 0, "MessageSignalled", false, FindingCodes.DeviceReservedMemory },
            { false, 0, 2, 2, 0, "MessageSignalled", false, FindingCodes.NoAcsOnPath },
            { false, 3, 3, 1, 0, "MessageSignalled", false, FindingCodes.DeviceNotEndpoint },
            { false, 3, 5, 2, 0, "MessageSignalled", false, FindingCodes.FirmwareKeepsPcie },
            { false, 3, 0, 2, 0, "MessageSignalled", false, FindingCodes.DeviceNotEndpoint },
            { false, 3, 1, 2, 0, "MessageSignalled", false, FindingCodes.DeviceNotEndpoint },
            { false, 3, 14, 8, 0, "MessageSignalled", false, FindingCodes.DeviceNotEndpoint },
            { false, 3, 8, 6, 0, "MessageSignalled", false, FindingCodes.IsBridge },
            // No other slot and no other firmware makes a bridge an endpoint.
            { true, 0, 8, 6, 0, "LineBased", false, FindingCodes.IsBridge },
            { null, 0, 14, 8, 0, "Unknown", false, FindingCodes.DeviceNotEndpoint },
            { false, 3, 2, 2, 0, "LineBased", false, FindingCodes.DeviceLineInterrupts },
            { false, 3, 2, 2, 22, "None", null, FindingCodes.DeviceDisabled },
            // The first in the order of the script.
            { true, 0, 5, 2, 22, "LineBased", false, FindingCodes.DeviceReservedMemory },
            { false, 0, 5, 2, 22, "LineBased", false, FindingCodes.NoAcsOnPath },
            { false, 3, 5, 2, 22, "LineBased", false, FindingCodes.FirmwareKeepsPcie },
            { false, 3, 2, 2, 22, "LineBased", null, FindingCodes.DeviceDisabled },
            { false, 3, 2, 2, 28, "LineBased", false, FindingCodes.DeviceLineInterrupts },
            { false, 3, 2, 2, 28, "Unknown", null, FindingCodes.DeviceNotTold },
            // What was not told is unknown, and what was told against it wins.
            { null, 3, 2, 2, 0, "MessageSignalled", null, FindingCodes.DeviceNotTold },
            { false, null, 2, 2, 0, "MessageSignalled", null, FindingCodes.DeviceNotTold },
            { false, 3, null, 2, 0, "MessageSignalled", null, FindingCodes.DeviceNotTold },
            { false, 3, 3, null, 0, "MessageSignalled", null, FindingCodes.DeviceNotTold },
            { false, 3, 2, null, 0, "MessageSignalled", true, FindingCodes.DeviceAssignable },
            { false, 3, 2, 2, 0, "Unknown", null, FindingCodes.DeviceNotTold },
            { null, 0, null, null, 0, "Unknown", false, FindingCodes.NoAcsOnPath },
            { null, null, null, null, 0, "LineBased", false, FindingCodes.DeviceLineInterrupts },
        };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Judge_is_the_survey_of_Microsoft(
        bool? reserved,
        int? acs,
        int? type,
        int? baseClass,
        int problem,
        string interrupts,
        bool? isAssignable,
        string code
    )
    {
        DeviceVerdict verdict = s_host.Judge(
            s_good with
            {
                RequiresReservedMemoryRegion = reserved,
                AcsCompatibleUpHierarchy = acs,
                DeviceType = type,
                BaseClass = baseClass,
                ProblemCode = problem,
                Interrupts = Enum.Parse<DeviceInterrupts>(interrupts),
            }
        );

        Assert.Equal((isAssignable, code), (verdict.IsAssignable, verdict.Finding.Code));
    }

    /// <summary>An NVSwitch (10de:22a3) is of the class 0680, and an endpoint.</summary>
    [Theory]
    [InlineData(0x068000, 2, false)]
    [InlineData(0x068000, 6, true)]
    [InlineData(0x068000, null, true)]
    [InlineData(0x060400, 2, true)]
    [InlineData(0x020000, 2, false)]
    public void What_else_is_called_a_bridge_is_one_unless_its_type_is_that_of_an_endpoint(
        int classCode,
        int? type,
        bool expected
    ) =>
        Assert.Equal(
            expected,
            (
                s_good with
                {
                    Ids = new HardwareIds { ClassCode = classCode },
                    DeviceType = type,
                }
            ).IsBridge
        );

    [Fact]
    public void Memory_is_rounded_up_to_whole_MiB() =>
        Assert.Equal(
            "DeviceType: 2, AcsCompatibleUpHierarchy: 3, interrupts: messages, MMIO: 3 MiB",
            s_host.Judge(s_good).Finding.Evidence
        );

    [Fact]
    public void A_host_that_can_give_nothing_away_comes_first()
    {
        DeviceSurvey unable = new(new IovFacts(false, ["Warum auch immer."]), WindowsKind.Server);
        DeviceSurvey client = new(new IovFacts(true, []), WindowsKind.Client);
        HostDevice bad = s_good with { RequiresReservedMemoryRegion = true };

        Assert.Equal((false, FindingCodes.HyperVIovUnsupported, "Warum auch immer."), Of(unable.Judge(bad)));
        Assert.Equal(
            (false, FindingCodes.HyperVClientLimits),
            (client.Judge(s_good).IsAssignable, client.Judge(s_good).Finding.Code)
        );
    }

    [Fact]
    public void Windows_that_gives_nothing_away_comes_before_what_could_be_mended()
    {
        DeviceSurvey client = new(new IovFacts(false, ["Warum auch immer."]), WindowsKind.Client);
        DeviceSurvey old = new(new IovFacts(true, []), WindowsKind.Server) { Build = 9600 };
        DeviceSurvey without = new(new IovFacts(null, []), WindowsKind.Server)
        {
            Build = 20348,
            Iov = new ProbeAnswer(string.Empty, CimReasons.Missing + "Invalid namespace"),
        };

        Assert.Equal(
            [FindingCodes.HyperVClientLimits, FindingCodes.HyperVIovUnsupported],
            client.Obstacles.Select(static one => one.Code)
        );
        Assert.Equal(
            (false, FindingCodes.HyperVWithoutAssignment, "Win32_OperatingSystem.BuildNumber: 9600"),
            Of(old.Judge(s_good))
        );
        Assert.Equal(
            (false, FindingCodes.HyperVRoleMissing),
            (without.Judge(s_good).IsAssignable, without.Judge(s_good).Finding.Code)
        );
    }

    [Fact]
    public void What_failed_is_no_matter_of_rights()
    {
        DeviceSurvey slow = new(new IovFacts(true, []), WindowsKind.Server)
        {
            Resources = new ProbeAnswer(string.Empty, "The host took too long to list them."),
        };
        DeviceSurvey denied = new(new IovFacts(null, []), WindowsKind.Server)
        {
            Iov = new ProbeAnswer(string.Empty, CimReasons.Denied + " ask that."),
        };

        Finding ofSlow = slow.Judge(s_good with { Interrupts = DeviceInterrupts.Unknown }).Finding;
        Finding ofDenied = denied.Judge(s_good).Finding;

        Assert.Equal("The host took too long to list them.", ofSlow.Evidence);
        Assert.Contains("winmgmt", ofSlow.Remedy, StringComparison.Ordinal);
        Assert.Contains("Administrators", ofDenied.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void What_waits_for_a_machine_is_said_where_it_is_known_that_none_has_it()
    {
        HostDevice device = new(@"PCIP\VEN_10DE&DEV_1EB8\6&3415A8A")
        {
            AssignablePath = NestVirt.Transport.Cim.CimPath.Of("root/virtualization/v2", "Msvm_PciExpress"),
        };

        Assert.Contains("was not told", s_host.Judge(device).Finding.Message, StringComparison.Ordinal);
        Assert.Contains(
            "waits for",
            s_host.Judge(device with { IsOwnerKnown = true }).Finding.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_host_that_does_not_say_whether_it_can_leaves_it_unknown_and_no_obstacle_out()
    {
        DeviceSurvey unsure = new(new IovFacts(null, []), WindowsKind.Server);

        Assert.Null(unsure.Judge(s_good).IsAssignable);
        Assert.False(unsure.Judge(s_good with { AcsCompatibleUpHierarchy = 0 }).IsAssignable);
    }

    [Fact]
    public void What_Hyper_V_lists_can_be_given_away_though_Windows_tells_nothing_of_it()
    {
        HostDevice device = new(@"PCIP\VEN_10DE&DEV_1EB8\6&3415A8A")
        {
            AssignablePath = NestVirt.Transport.Cim.CimPath.Of("root/virtualization/v2", "Msvm_PciExpress"),
        };

        Assert.Equal(
            (true, FindingCodes.DeviceDismounted),
            (s_host.Judge(device).IsAssignable, s_host.Judge(device).Finding.Code)
        );
        Assert.Null(s_host.Judge(device with { AssignablePath = null }).IsAssignable);

        DeviceSurvey unable = new(new IovFacts(false, []), WindowsKind.Server);
        Assert.False(unable.Judge(device).IsAssignable);
        Assert.True(unable.Judge(device with { Owner = Guid.NewGuid() }).IsAssignable);
    }

    [Theory]
    [InlineData(
        "To use SR-IOV on this system, the system BIOS must be updated to allow Windows to control PCI Express. Contact your system manufacturer for an update.",
        "The firmware keeps control of PCI Express"
    )]
    [InlineData(
        "The chipset on the system does not do interrupt remapping, without which SR-IOV cannot be supported.",
        "Turn on VT-d"
    )]
    [InlineData(
        "Um SR-IOV auf diesem System zu verwenden, muss das System-BIOS aktualisiert werden.",
        "Do what Windows says of it"
    )]
    public void Reasons_of_the_host_are_shown_and_understood_in_English_alone(string reason, string remedy)
    {
        Finding finding = Assert.Single(AssignmentObstacles.Of(new IovFacts(false, [reason]), WindowsKind.Server));

        Assert.Equal(reason, finding.Evidence);
        Assert.StartsWith(remedy, finding.Remedy, StringComparison.Ordinal);
    }

    private static (bool?, string, string?) Of(DeviceVerdict verdict) =>
        (verdict.IsAssignable, verdict.Finding.Code, verdict.Finding.Evidence);
}
