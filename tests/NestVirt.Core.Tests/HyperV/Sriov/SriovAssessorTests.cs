using NestVirt.Hosts;
using NestVirt.HyperV.Sriov;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.HyperV.Sriov;

public sealed class SriovAssessorTests
{
    private static readonly HostTarget s_target = new("hv1", new SnapshotAddress("hv1.json"));

    [Fact]
    public void An_adapter_is_joined_with_its_device_by_segment_bus_device_and_function()
    {
        SriovDevice adapter = Assert.Single(
            Assess(new WindowsHost { Devices = [new WindowsDevice()], Adapters = [new WindowsAdapter()] })
        );

        Assert.Equal(
            ("0000:3b:00.1", 64, 2, "i40ea"),
            (adapter.Address, adapter.TotalCount, adapter.Count, adapter.Driver)
        );
        Assert.Equal(
            (0x8086, "SLOT 3 Port 1"),
            ((int)adapter.Device.VendorId, Assert.Single(adapter.Device.NetworkInterfaces))
        );
        Assert.True(adapter.Device.IsAssignable);
        Assert.Empty(adapter.Reasons);
    }

    // MSFT_NetAdapterSriovSettingData: NumVFs is what can be allocated on the switch. An adapter without one has none of it.
    [Theory]
    [InlineData(64, 32, 2, 64, 2, null)]
    [InlineData(64, null, null, 64, 0, null)]
    [InlineData(64, 0, 0, 64, 0, null)]
    [InlineData(null, 32, 2, 32, 2, null)]
    [InlineData(null, null, null, null, 0, FindingCodes.SriovCountUnknown)]
    [InlineData(null, 0, 0, null, 0, FindingCodes.SriovCountUnknown)]
    [InlineData(64, 32, null, 64, null, FindingCodes.SriovCountUnknown)]
    public void What_the_adapter_can_have_is_among_its_capabilities_and_what_is_not_told_is_said(
        int? most,
        int? ofSwitch,
        int? allocated,
        int? total,
        int? count,
        string? code
    )
    {
        SriovDevice adapter = Assert.Single(
            Assess(
                new WindowsHost
                {
                    Adapters =
                    [
                        new WindowsAdapter
                        {
                            Most = most,
                            OfSwitch = ofSwitch,
                            Allocated = allocated,
                        },
                    ],
                }
            )
        );

        Assert.Equal((total, count), (adapter.TotalCount, adapter.Count));
        Assert.Equal(code, adapter.Reasons.SingleOrDefault()?.Code);
    }

    // Microsoft's page of Get-NetAdapterSriov, by the numbers of the class.
    [Theory]
    [InlineData(0, FindingCodes.SriovUnknown)]
    [InlineData(1, null)]
    [InlineData(2, FindingCodes.NoAcsOnPath)]
    [InlineData(3, FindingCodes.SriovDriverMissing)]
    [InlineData(4, FindingCodes.SriovNoBusNumbers)]
    [InlineData(5, FindingCodes.SriovNoIommu)]
    [InlineData(6, FindingCodes.SriovNoMemory)]
    [InlineData(7, FindingCodes.FirmwareKeepsPcie)]
    [InlineData(8, FindingCodes.SriovUnknown)]
    [InlineData(null, FindingCodes.SriovUnknown)]
    public void Each_number_has_its_meaning(int? support, string? code)
    {
        SriovDevice adapter = Assert.Single(
            Assess(new WindowsHost { Adapters = [new WindowsAdapter { Support = support }] })
        );

        Assert.Equal(code, adapter.Reasons.SingleOrDefault()?.Code);
    }

    [Fact]
    public void An_adapter_that_is_off_and_a_host_that_cannot_say_so()
    {
        SriovDevice adapter = Assert.Single(
            Assess(
                new WindowsHost
                {
                    Iov = false,
                    IovReasons = ["理由"],
                    ProductType = 1,
                    Adapters = [new WindowsAdapter { IsEnabled = false, Allocated = 0 }],
                }
            )
        );

        Assert.Equal(
            [FindingCodes.HyperVIovUnsupported, FindingCodes.HyperVClientLimits, FindingCodes.SriovDisabled],
            adapter.Reasons.Select(static reason => reason.Code)
        );
    }

    // Microsoft, "Introduction to Hyper-V on Windows": SR-IOV networking is a feature of Windows Server alone.
    [Fact]
    public void Windows_for_clients_gives_no_virtual_functions_whatever_the_adapter_can()
    {
        SriovDevice adapter = Assert.Single(
            Assess(new WindowsHost { ProductType = 1, Adapters = [new WindowsAdapter()] })
        );

        Assert.Equal(FindingCodes.HyperVClientLimits, Assert.Single(adapter.Reasons).Code);
    }

    [Fact]
    public void An_adapter_whose_place_is_not_told_is_named_as_Windows_does()
    {
        SriovDevice[] adapters = Assess(
            new WindowsHost
            {
                Devices = null,
                Adapters =
                [
                    new WindowsAdapter { Place = null },
                    new WindowsAdapter
                    {
                        Id = "{2}",
                        Name = "B",
                        Place = (0, 300, 0, 0),
                    },
                ],
            }
        );

        Assert.Equal(["B", "SLOT 3 Port 1"], adapters.Select(static one => one.Address));
        Assert.Equal("Intel(R) Ethernet Converged Network Adapter X710", adapters[1].Device.Device);
    }

    [Fact]
    public void A_host_that_does_not_tell_of_its_adapters_says_why()
    {
        ProbeAnswers answers = new WindowsHost().Answers();
        answers.Set("hvnicsriov", new ProbeAnswer(string.Empty, WindowsHost.Denied));

        Assert.Equal(
            NestVirtErrorKind.HostPermissionDenied,
            Assert.Throws<NestVirtException>(() => SriovAssessor.Assess(answers, s_target).ToArray()).Kind
        );
    }

    private static SriovDevice[] Assess(WindowsHost host) => [.. SriovAssessor.Assess(host.Answers(), s_target)];
}
