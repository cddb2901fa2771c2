using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.HyperV.Settings;
using NestVirt.Model;

namespace NestVirt.Core.Tests.HyperV.Settings;

/// <summary>Plans over recorded answers.</summary>
public sealed class VMPlannerTests
{
    private static readonly HostTarget s_host = new("hv1", new WsManAddress("hv1"));

    [Fact]
    public void A_plan_names_the_machine_by_its_uuid_and_outlives_another_reading()
    {
        WindowsHost host = new() { VMs = [new WindowsVM()] };

        ChangePlan plan = Plan(host, new NestingRequest(Enable: true));

        Assert.Equal("4c4c4544-0043-3510-8052-b4c04f564231", plan.Identity.MachineId);
        Assert.Equal(plan.Fingerprint, Plan(host, new NestingRequest(Enable: true)).Fingerprint);
        Assert.NotEqual(
            plan.Fingerprint,
            Plan(host, new NestingRequest(Enable: true) { VmNames = ["lab"] }).Fingerprint
        );
        ReviewedPlan read = PlanDocument.Read(PlanDocument.Write(plan), "plan.json");
        Assert.Equal((plan.Fingerprint, s_host), (read.Fingerprint, read.Plan.Target));
        Assert.Equal(
            plan.Changes.Select(static change => change.Step),
            read.Plan.Changes.Select(static change => change.Step)
        );
    }

    [Fact]
    public void Fingerprints_of_kvm_hosts_stay_as_they_were()
    {
        ChangePlan plan = new(HostTarget.Local, new NestingRequest(Enable: true), new HostIdentity("m", "b", "k"), []);

        Assert.DoesNotContain("vmNames", PlanDocument.Write(plan), StringComparison.Ordinal);
        Assert.DoesNotContain("address", PlanDocument.Write(plan), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_dynamic_or_bridged_is_told_of_what_will_nest()
    {
        WindowsHost host = new() { VMs = [new WindowsVM { IsDynamic = true, AllowsMacSpoofing = false }] };

        ChangePlan plain = Plan(host, new VmCpuRequest(["lab"]) { Expose = true });
        ChangePlan whole = Plan(
            host,
            new VmCpuRequest(["lab"])
            {
                Expose = true,
                StaticMemory = true,
                MacSpoofing = true,
            }
        );

        Assert.Equal(
            [FindingCodes.VmDynamicMemory, FindingCodes.VmNoMacSpoofing],
            plain.Findings.Select(static finding => finding.Code)
        );
        Assert.All(plain.Findings, static finding => Assert.StartsWith("lab: ", finding.Message));
        Assert.Empty(whole.Findings);
        Assert.Equal(3, whole.Changes.Count);
    }

    [Fact]
    public void A_weight_on_a_host_without_virtual_functions_is_planned_and_the_host_says_why_it_has_no_effect()
    {
        WindowsHost able = new() { VMs = [new WindowsVM { State = 2 }] };
        VmCpuRequest on = new(["lab"]) { IovWeight = 100 };
        WindowsHost unable = able with { Iov = false, IovReasons = ["The BIOS must be updated.", "No IOMMU."] };

        ChangePlan plan = Plan(able, on);
        Finding against = Assert.Single(Plan(unable, on).Findings);
        Finding untold = Assert.Single(Plan(able with { Iov = null }, on).Findings);

        Assert.Equal("lab: IOVOffloadWeight: 0 -> 100", Assert.Single(plan.Changes).ToString());
        Finding unseen = Assert.Single(plan.Findings);
        Assert.Equal((FindingCodes.SriovSwitchUnseen, Severity.Information), (unseen.Code, unseen.Severity));
        Assert.Equal(
            (FindingCodes.HyperVIovUnsupported, Severity.Warning, "The BIOS must be updated. No IOMMU."),
            (against.Code, against.Severity, against.Evidence)
        );
        Assert.Equal((FindingCodes.HyperVUnknown, Severity.Warning), (untold.Code, untold.Severity));
        Assert.Empty(Plan(unable, on with { IovWeight = 0 }).Changes);
        Assert.Empty(Plan(unable, on with { IovWeight = 0 }).Findings);
        Assert.Empty(Plan(able, on with { IovWeight = 0 }).Findings);
    }

    // The first sentence is one of Microsoft's KB 2762297, which is known; no more than the words of the second is.
    [Theory]
    [InlineData(
        "The chipset on the system does not do interrupt remapping, without which SR-IOV cannot be supported.",
        "interrupt remapping in the firmware's setup"
    )]
    [InlineData("理由", "Do what Windows says of it")]
    [InlineData(null, "Turn on VT-d or AMD-Vi (IOMMU) and SR-IOV")]
    public void What_to_do_for_virtual_functions_is_what_helps_with_the_reason(string? reason, string remedy)
    {
        WindowsHost host = new()
        {
            Iov = false,
            IovReasons = reason is null ? [] : [reason],
            VMs = [new WindowsVM()],
        };

        Finding against = Assert.Single(Plan(host, new VmCpuRequest(["lab"]) { IovWeight = 100 }).Findings);

        Assert.Contains(remedy, against.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("nesting", against.Remedy, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith(".", against.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_on_Windows_for_clients_has_no_effect_and_its_plan_says_so()
    {
        WindowsHost host = new() { ProductType = 1, VMs = [new WindowsVM()] };

        ChangePlan plan = Plan(host, new VmCpuRequest(["lab"]) { IovWeight = 100 });

        Assert.Single(plan.Changes);
        Finding limits = Assert.Single(plan.Findings);
        Assert.Equal((FindingCodes.HyperVClientLimits, Severity.Warning), (limits.Code, limits.Severity));
    }

    [Fact]
    public void A_weight_that_was_not_told_is_not_set()
    {
        WindowsHost host = new() { VMs = [new WindowsVM { IovWeight = null }] };

        ChangeRefusedException refused = Assert.Throws<ChangeRefusedException>(() =>
            Plan(host, new VmCpuRequest(["lab"]) { IovWeight = 0 })
        );

        Assert.Contains("IOVOffloadWeight", Assert.Single(refused.Reasons).Message);
    }

    [Fact]
    public void A_machine_without_adapters_is_in_the_way_of_what_adapters_are_to_have_alone()
    {
        const string Bare = "5D1B6E00-0000-4000-8000-000000000002";
        WindowsHost host = new()
        {
            VMs =
            [
                new WindowsVM { IovWeight = 50, AllowsMacSpoofing = true },
                new WindowsVM
                {
                    Id = Bare,
                    Name = "bare",
                    HasAdapter = false,
                },
            ],
        };
        VmCpuRequest gathered = new([WindowsVM.FirstId, Bare]);

        ChangePlan off = Plan(host, gathered with { IovWeight = 0, MacSpoofing = false });
        ChangeRefusedException on = Assert.Throws<ChangeRefusedException>(() =>
            Plan(host, gathered with { IovWeight = 100 })
        );

        Assert.Equal(
            ["lab: AllowMacSpoofing: true -> false", "lab: IOVOffloadWeight: 50 -> 0"],
            off.Changes.Select(static change => change.ToString())
        );
        Finding reason = Assert.Single(on.Reasons);
        Assert.Equal(FindingCodes.VmNoAdapters, reason.Code);
        Assert.StartsWith("bare: The virtual machine has no network adapters", reason.Message);
    }

    [Fact]
    public void What_holds_of_many_is_said_once()
    {
        WindowsHost host = new()
        {
            VMs =
            [
                new WindowsVM(),
                .. Enumerable
                    .Range(2, 7)
                    .Select(static at => new WindowsVM
                    {
                        Id = $"5D1B6E00-0000-4000-8000-{at:D12}",
                        Name = $"vm{at}",
                        State = 2,
                    }),
            ],
        };

        ChangePlan plan = Plan(host, new NestingRequest(Enable: true));

        Finding left = Assert.Single(plan.Findings, static finding => finding.Code == FindingCodes.VmNotOff);
        Assert.StartsWith("vm2, vm3, vm4, vm5, vm6 and 2 others: left as it is. ", left.Message);
        Assert.Equal((null, Severity.Warning), (left.Evidence, left.Severity));
    }

    [Fact]
    public void An_unknown_that_is_in_the_way_is_passed_by_whoever_says_so()
    {
        WindowsHost host = new()
        {
            VMs = [new WindowsVM()],
            Maker = "QEMU",
            Model = "Standard PC",
        };

        ChangeRefusedException refused = Assert.Throws<ChangeRefusedException>(() =>
            Plan(host, new VmCpuRequest(["lab"]) { Expose = true })
        );

        Assert.Equal(FindingCodes.HyperVInGuest, Assert.Single(refused.Reasons).Code);
        Assert.Single(Plan(host, new VmCpuRequest(["lab"]) { Expose = true, Force = true }).Changes);
    }

    [Fact]
    public void A_word_that_is_a_name_stands_for_no_other()
    {
        WindowsHost host = new()
        {
            VMs =
            [
                new WindowsVM { Name = "lab*" },
                new WindowsVM { Id = "5D1B6E00-0000-4000-8000-000000000002", Name = "lab2" },
            ],
        };

        Assert.Single(Plan(host, new VmCpuRequest(["LAB*"]) { CpuCount = 8 }).Changes);
        Assert.Equal(2, Plan(host, new VmCpuRequest(["la*"]) { CpuCount = 8 }).Changes.Count);
        Assert.Single(Plan(host, new VmCpuRequest(["lab`*"]) { CpuCount = 8 }).Changes);
        Assert.Single(
            Plan(host, new VmCpuRequest(["{5d1b6e00-0000-4000-8000-000000000002}"]) { CpuCount = 8 }).Changes
        );
        Assert.Equal(2, Plan(host, new VmCpuRequest(["lab2", "*"]) { CpuCount = 8 }).Changes.Count);
    }

    [Theory]
    [InlineData(2016)]
    [InlineData(2012)]
    public void A_host_without_the_setting_says_so(int year)
    {
        WindowsHost host = new()
        {
            Build = year == 2012 ? 9600 : 14393,
            VMs = [new WindowsVM { HasSetting = year != 2012, Version = year == 2012 ? "5.0" : "8.0" }],
        };

        if (year == 2012)
        {
            ChangeRefusedException refused = Assert.Throws<ChangeRefusedException>(() =>
                Plan(host, new NestingRequest(Enable: true))
            );
            Assert.Equal(FindingCodes.HyperVWithoutNesting, refused.Reasons[0].Code);
        }
        else
        {
            Assert.Single(Plan(host, new NestingRequest(Enable: true)).Changes);
        }
    }

    [Fact]
    public void Requests_that_make_no_sense_are_faults()
    {
        Assert.NotEmpty(new VmCpuRequest([]) { Expose = true }.FindFaults());
        Assert.NotEmpty(new VmCpuRequest(["lab"]) { IovWeight = 101 }.FindFaults());
        Assert.NotEmpty(new VmCpuRequest(["lab"]) { IovWeight = -1 }.FindFaults());
        Assert.Empty(new VmCpuRequest(["lab"]) { IovWeight = 0 }.FindFaults());
        Assert.NotEmpty(new VmCpuRequest(["lab"]).FindFaults());
        Assert.NotEmpty(new VmCpuRequest(["lab"]) { CpuCount = 0 }.FindFaults());
        Assert.NotEmpty(new VmCpuRequest(["lab"]) { ThreadsPerCore = 9 }.FindFaults());
        Assert.NotEmpty(new VmCpuRequest(["la\u200Bb"]) { Expose = true }.FindFaults());
        Assert.NotEmpty(new VmCpuRequest([" "]) { Expose = true }.FindFaults());
        Assert.NotEmpty(new NestingRequest(Enable: true) { VmNames = [""] }.FindFaults());
        Assert.Empty(new VmCpuRequest(["lab"]) { VbsOptOut = false }.FindFaults());
        Assert.Equal(
            "set nesting on, 4 processors, the host's threads per core, static memory, IOV weight 100 of a, b",
            new VmCpuRequest(["a", "b"])
            {
                Expose = true,
                CpuCount = 4,
                ThreadsPerCore = 0,
                StaticMemory = true,
                IovWeight = 100,
            }.Title
        );
        Assert.Equal(
            "enable nesting of 1, 2, 3, 4, 5 and 2 others",
            new NestingRequest(Enable: true) { VmNames = ["1", "2", "3", "4", "5", "6", "7"] }.Title
        );
    }

    private static ChangePlan Plan(WindowsHost host, ChangeRequest request) =>
        request switch
        {
            NestingRequest nesting => VMPlanner.Plan(s_host, nesting, host.Answers()),
            _ => VMPlanner.Plan(s_host, (VmCpuRequest)request, host.Answers()),
        };
}
