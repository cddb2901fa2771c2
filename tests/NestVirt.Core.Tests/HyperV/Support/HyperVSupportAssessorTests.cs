using NestVirt.Hosts;
using NestVirt.HyperV.Support;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.HyperV.Support;

public sealed class HyperVSupportAssessorTests
{
    private static readonly HostTarget s_target = new("hv1", new SnapshotAddress("hv1.json"));

    [Fact]
    public void Assess_tells_what_a_server_is()
    {
        NestedSupport support = Assess(new WindowsHost());

        Assert.Equal(
            (HostPlatform.HyperV, Verdict.Ready, HostLayer.L0),
            (support.Platform, support.Verdict, support.Layer)
        );
        Assert.Equal(new NestedFacts(null, NestedState.On, null, NestedState.On), support.Nested);
        Assert.Equal(new CpuFacts("GenuineIntel", "Some CPU @ 2.00GHz"), support.Cpu);
        Assert.Equal(
            ("VT-x", VirtualizationState.Available),
            (support.Virtualization.Extension, support.Virtualization.State)
        );
        Assert.Equal("none", support.Hypervisor.ToString());
        Assert.Equal(IommuState.On, support.Iommu.State);
        Assert.Equal(("x86_64", "10.0.20348"), (support.Architecture, support.System.KernelRelease));
        Assert.Equal(TimeSpan.FromHours(24), support.System.Uptime);
        Assert.Equal(
            (128, 64, true, 256L << 30, 1L << 30),
            (
                support.Topology.LogicalCpuCount,
                support.Topology.CoreCount,
                support.Topology.IsSmtActive,
                support.Topology.MemoryBytes,
                support.Topology.FreeMemoryBytes
            )
        );
        Assert.Equal([FindingCodes.HyperVReady], support.Reasons.Select(static reason => reason.Code));
        Assert.Null(support.FirstStep);
    }

    // HYPERV rules of Microsoft's page, edge by edge.
    [Theory]
    [InlineData(9600, 3, "GenuineIntel", 9, Verdict.Blocked, FindingCodes.HyperVWithoutNesting)]
    [InlineData(10586, 1, "GenuineIntel", 9, Verdict.Blocked, FindingCodes.HyperVWithoutNesting)]
    [InlineData(14393, 3, "GenuineIntel", 9, Verdict.Ready, FindingCodes.HyperVReady)]
    [InlineData(14393, 1, "GenuineIntel", 9, Verdict.Ready, FindingCodes.HyperVReady)]
    [InlineData(9600, 3, "AuthenticAMD", 9, Verdict.Blocked, FindingCodes.HyperVWithoutNesting)]
    [InlineData(17763, 3, "AuthenticAMD", 9, Verdict.Blocked, FindingCodes.HyperVTooOldForAmd)]
    [InlineData(20347, 3, "AuthenticAMD", 9, Verdict.Blocked, FindingCodes.HyperVTooOldForAmd)]
    [InlineData(20348, 2, "AuthenticAMD", 9, Verdict.Ready, FindingCodes.HyperVReady)]
    [InlineData(20348, 1, "AuthenticAMD", 9, Verdict.Blocked, FindingCodes.HyperVTooOldForAmd)]
    [InlineData(21999, 1, "AuthenticAMD", 9, Verdict.Blocked, FindingCodes.HyperVTooOldForAmd)]
    [InlineData(22000, 1, "AuthenticAMD", 9, Verdict.Ready, FindingCodes.HyperVReady)]
    [InlineData(22000, 9, "AuthenticAMD", 9, Verdict.Ready, FindingCodes.HyperVReady)]
    [InlineData(20348, 9, "AuthenticAMD", 9, Verdict.Unknown, FindingCodes.HyperVUnknown)]
    [InlineData(26100, 1, "Qualcomm Technologies Inc", 12, Verdict.Blocked, FindingCodes.HyperVOnArm)]
    [InlineData(26200, 1, "Qualcomm Technologies Inc", 12, Verdict.Unknown, FindingCodes.HyperVOnArm)]
    [InlineData(26100, 1, "CentaurHauls", 9, Verdict.Unknown, FindingCodes.HyperVCpuUnknown)]
    public void Assess_judges_by_build_kind_and_processor(
        int build,
        int productType,
        string vendor,
        int architecture,
        Verdict verdict,
        string code
    )
    {
        NestedSupport support = Assess(
            new WindowsHost
            {
                Build = build,
                ProductType = productType,
                Vendor = vendor,
                Architecture = architecture,
            }
        );

        Assert.Equal((verdict, code), (support.Verdict, support.Reasons[0].Code));
    }

    [Fact]
    public void Assess_says_where_the_role_is_missing()
    {
        WindowsHost bare = new() { HasHypervisor = false, Flags = (true, true, true) };

        Assert.Equal(
            (Verdict.Configurable, NestedState.NotApplicable, FindingCodes.HyperVRoleMissing),
            Told(bare with { Role = 2, HyperVReason = WindowsHost.Missing })
        );
        Assert.Equal(
            (Verdict.Configurable, NestedState.NotApplicable, FindingCodes.HyperVRoleMissing),
            Told(bare with { Role = null, HyperVReason = WindowsHost.Missing })
        );
        Assert.Equal(
            (Verdict.Configurable, NestedState.Off, FindingCodes.HyperVNotRunning),
            Told(bare with { HyperVReason = WindowsHost.Missing })
        );
        Assert.Equal((Verdict.Configurable, NestedState.Off, FindingCodes.HyperVNotRunning), Told(bare));
        Assert.Equal(
            (Verdict.Blocked, NestedState.NotApplicable, FindingCodes.HyperVEditionUnable),
            Told(
                bare with
                {
                    Role = null,
                    HyperVReason = WindowsHost.Missing,
                    ProductType = 1,
                    Sku = 101,
                    Build = 22631,
                }
            )
        );
    }

    [Fact]
    public void Assess_believes_the_firmware_only_where_no_hypervisor_runs()
    {
        WindowsHost bare = new() { HasHypervisor = false };

        Assert.Equal(Verdict.Ready, Assess(new WindowsHost()).Verdict);
        Assert.Equal((Verdict.Blocked, NestedState.NotApplicable, FindingCodes.VirtualizationNotAvailable), Told(bare));
        Assert.Equal(
            (Verdict.Blocked, NestedState.NotApplicable, FindingCodes.VirtualizationDisabledInFirmware),
            Told(bare with { Flags = (true, false, true) })
        );
        Assert.Equal(["ept"], Assess(bare with { Flags = (true, true, true) }).Virtualization.Features);
    }

    [Fact]
    public void Assess_knows_nothing_of_a_host_that_does_not_tell()
    {
        NestedSupport denied = Assess(
            new WindowsHost { HyperVReason = WindowsHost.Denied, WindowsReason = WindowsHost.Denied }
        );
        NestedSupport half = Assess(new WindowsHost { HyperVReason = WindowsHost.Denied });

        Assert.Equal(
            (Verdict.Unknown, NestedState.Unknown, HostLayer.Unknown, IommuState.Unknown, VirtualizationState.Unknown),
            (denied.Verdict, denied.Nested.Effective, denied.Layer, denied.Iommu.State, denied.Virtualization.State)
        );
        Assert.Equal(
            (FindingCodes.HyperVUnknown, WindowsHost.Denied),
            (denied.FirstStep?.Code, denied.FirstStep?.Evidence)
        );
        Assert.Equal((Verdict.Unknown, FindingCodes.HyperVUnknown), (half.Verdict, half.Reasons[0].Code));
        Assert.Equal("GenuineIntel", half.Cpu.Vendor);
    }

    [Theory]
    [InlineData("Microsoft Corporation", "Virtual Machine", HostLayer.L1, "Microsoft")]
    [InlineData("Microsoft Corporation", "Surface Book 2", HostLayer.L0, null)]
    [InlineData("VMware, Inc.", "VMware20,1", HostLayer.L1, "VMware")]
    [InlineData("QEMU", "Standard PC (Q35 + ICH9, 2009)", HostLayer.L1, "QEMU")]
    [InlineData("Amazon EC2", "m7i.large", HostLayer.L1, "KVM")]
    [InlineData("Amazon EC2", "m7i.metal-24xl", HostLayer.L0, null)]
    [InlineData("", "", HostLayer.Unknown, null)]
    public void Assess_tells_the_layer_from_maker_and_model(string maker, string model, HostLayer layer, string? vendor)
    {
        NestedSupport support = Assess(new WindowsHost { Maker = maker, Model = model });

        Assert.Equal((layer, vendor), (support.Layer, support.Hypervisor.Vendor));
        Assert.Equal(layer == HostLayer.L1 ? Verdict.Unknown : Verdict.Ready, support.Verdict);
        Assert.Equal(
            layer == HostLayer.L1 ? FindingCodes.HyperVInGuest : FindingCodes.HyperVReady,
            support.Reasons[0].Code
        );
    }

    [Fact]
    public void Assess_proves_an_IOMMU_and_never_the_want_of_one()
    {
        // Recorded: the text of Windows where the firmware keeps PCI Express to itself.
        const string Reason =
            "To use SR-IOV on this system, the system BIOS must be updated to allow Windows to control PCI Express. Contact your system manufacturer for an update.";
        NestedSupport none = Assess(
            new WindowsHost
            {
                Guard = [1, 2],
                Iov = false,
                IovReasons = [Reason],
            }
        );

        Assert.Equal(IommuState.Unknown, none.Iommu.State);
        Finding told = Assert.Single(none.Reasons, static reason => reason.Code == FindingCodes.HyperVIovUnsupported);
        Assert.Equal((Severity.Information, Reason), (told.Severity, told.Evidence));
        Assert.Equal(IommuState.On, Assess(new WindowsHost { Guard = [3], Iov = false }).Iommu.State);
        Assert.Equal(IommuState.On, Assess(new WindowsHost { Guard = [] }).Iommu.State);
    }

    [Fact]
    public void Assess_takes_no_rows_for_no_answer()
    {
        ProbeAnswers answers = new WindowsHost().Answers();
        answers.Set("hviov", new ProbeAnswer(string.Empty));

        NestedSupport support = HyperVSupportAssessor.Assess(answers, s_target);

        Assert.Equal(
            (Verdict.Unknown, NestedState.Unknown, FindingCodes.HyperVUnknown),
            (support.Verdict, support.Nested.Effective, support.Reasons[0].Code)
        );
        Assert.Contains("vmms", support.Reasons[0].Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("QEMU", "Standard PC (Q35 + ICH9, 2009)", HostLayer.L1)]
    [InlineData("Some Cloud", "Standard PC (i440FX + PIIX, 1996)", HostLayer.L1)]
    [InlineData("Hetzner", "vServer", HostLayer.L1)]
    [InlineData("DigitalOcean", "Droplet", HostLayer.L1)]
    [InlineData("Red Hat", "RHEV Hypervisor", HostLayer.L1)]
    [InlineData("Hetzner", "AX102", HostLayer.L0)]
    public void Assess_knows_a_virtual_machine_by_its_firmware(string maker, string model, HostLayer layer) =>
        Assert.Equal(layer, Assess(new WindowsHost { Maker = maker, Model = model }).Layer);

    private static (Verdict, NestedState, string) Told(WindowsHost host) =>
        Assess(host) is var support
            ? (support.Verdict, support.Nested.Effective, support.Reasons[0].Code)
            : throw new InvalidOperationException();

    private static NestedSupport Assess(WindowsHost host) => HyperVSupportAssessor.Assess(host.Answers(), s_target);
}
