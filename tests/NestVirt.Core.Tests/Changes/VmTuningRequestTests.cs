using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Changes;

/// <summary>What becomes of a wish to fit virtual machines to their host: a phrase, a command, and a part of a plan.</summary>
public sealed class VmTuningRequestTests
{
    private static readonly VmTuningRequest s_plain = new(["lab"]);

    private static readonly VmTuningRequest s_full = new(["lab", "db*"])
    {
        Tunings = [VmTuning.Disks, VmTuning.Cpu, VmTuning.HugePages],
        Siblings = VmSiblingUse.Pair,
        Node = 1,
        PageSizeKiB = 1048576,
        IOThreadCount = 2,
        StopGuests = true,
        GuestTimeoutSeconds = 30,
        Force = true,
    };

    public static TheoryData<string, VmTuningRequest> Faults =>
        new()
        {
            { "No virtual machine is named.", new([]) },
            { "A blank word names no virtual machine.", new([" "]) },
            { "Virtual machines have no such tuning.", s_plain with { Tunings = [(VmTuning)6] } },
            { "This is no use of threads of a core.", s_plain with { Siblings = (VmSiblingUse)2 } },
            { "No host has a NUMA node -1.", s_plain with { Node = -1 } },
            { "No host has a NUMA node 1024.", s_plain with { Node = 1024 } },
            { "Huge pages have a size.", s_plain with { PageSizeKiB = 0 } },
            { "A virtual machine cannot have -1 threads for its disks.", s_plain with { IOThreadCount = -1 } },
            { "A virtual machine cannot have 65 threads for its disks.", s_plain with { IOThreadCount = 65 } },
            {
                "The size of huge pages is a matter of the tuning hugepages.",
                s_plain with
                {
                    Tunings = [VmTuning.Memory],
                    PageSizeKiB = 2048,
                }
            },
            {
                "Threads for disks are a matter of the tuning disks.",
                s_plain with
                {
                    Tunings = [VmTuning.Cpu],
                    IOThreadCount = 0,
                }
            },
            {
                "Threads of cores are a matter of the tuning cpu.",
                s_plain with
                {
                    Tunings = [VmTuning.Memory],
                    Siblings = VmSiblingUse.Pair,
                }
            },
            {
                "A NUMA node is a matter of the tunings cpu and memory.",
                s_plain with
                {
                    Tunings = [VmTuning.HugePages, VmTuning.Balloon],
                    Node = 0,
                }
            },
        };

    public static TheoryData<VmTuningRequest> Faultless =>
        [
            s_plain,
            s_full,
            s_plain with
            {
                Node = 1023,
                PageSizeKiB = 4,
                IOThreadCount = 64,
                Siblings = VmSiblingUse.Pair,
            },
            s_plain with
            {
                IOThreadCount = 0,
                Node = 0,
            },
            s_plain with
            {
                Tunings = [VmTuning.Memory],
                Node = 0,
            },
            new VmTuningRequest(["*"]) { Tunings = Enum.GetValues<VmTuning>() },
        ];

    [Theory]
    [MemberData(nameof(Faults))]
    public void It_is_judged_without_a_host(string sentence, VmTuningRequest request)
    {
        Finding fault = Assert.Single(request.FindFaults());

        Assert.Equal((FindingCodes.SettingInvalid, Severity.Error), (fault.Code, fault.Severity));
        Assert.Equal(sentence, fault.Message);
        Assert.NotNull(fault.Remedy);
    }

    [Theory]
    [MemberData(nameof(Faultless))]
    public void What_is_in_order_has_no_fault(VmTuningRequest request) => Assert.Empty(request.FindFaults());

    [Fact]
    public void Every_tuning_is_one_that_can_be_named() =>
        Assert.All(
            Enum.GetValues<VmTuning>(),
            static one =>
            {
                VmTuningRequest request = s_plain with { Tunings = [one] };

                Assert.Empty(request.FindFaults());
                Assert.Equal($"fit {VmTuningRequest.WordOf(one)} of lab to the host", request.Title);
                Assert.All(Enum.GetValues<VmTuning>(), other => Assert.Equal(other == one, request.Has(other)));
                Assert.True(s_plain.Has(one));
            }
        );

    [Fact]
    public void A_title_names_what_is_fitted_and_the_virtual_machines()
    {
        Assert.Equal("fit all of lab to the host", s_plain.Title);
        Assert.Equal("fit cpu, hugepages, disks of lab, db* to the host", s_full.Title);
        Assert.Equal(
            "fit all of a, b, c, d, e and 1 others to the host",
            new VmTuningRequest(["a", "b", "c", "d", "e", "f"]).Title
        );
    }

    [Fact]
    public void The_command_says_every_wish()
    {
        CommandCall call = s_full.Call!;

        Assert.Equal(OwnCommand.TuneVm, call.Command);
        Assert.Equal(
            [
                (CommandArgument.VmName, "lab"),
                (CommandArgument.VmName, "db*"),
                (CommandArgument.Tuning, "cpu"),
                (CommandArgument.Tuning, "hugepages"),
                (CommandArgument.Tuning, "disks"),
                (CommandArgument.SiblingUse, "pair"),
                (CommandArgument.Node, "1"),
                (CommandArgument.VmPageSizeKiB, "1048576"),
                (CommandArgument.IOThreadCount, "2"),
            ],
            call.Arguments
        );
        Assert.Equal([ChangeSwitch.StopGuests, ChangeSwitch.Force], call.Switches);
    }

    [Fact]
    public void The_command_says_no_more_than_was_wished()
    {
        CommandCall call = s_plain.Call!;

        Assert.Equal(OwnCommand.TuneVm, call.Command);
        Assert.Equal([(CommandArgument.VmName, "lab")], call.Arguments);
        Assert.Empty(call.Switches);
    }

    [Fact]
    public void Tunings_are_a_set()
    {
        VmTuningRequest twice = s_plain with { Tunings = [VmTuning.Memory, VmTuning.Cpu, VmTuning.Memory] };

        Assert.Equal([VmTuning.Cpu, VmTuning.Memory], twice.Tunings);
        Assert.Equal(s_plain with { Tunings = [VmTuning.Cpu, VmTuning.Memory] }, twice);
    }

    [Fact]
    public void A_plan_in_a_file_keeps_every_wish()
    {
        string text = PlanDocument.Write(Plan(s_full));

        Assert.Equal(s_full, PlanDocument.Read(text, "plan.json").Plan.Request);
        Assert.Contains("\"kind\": \"tuning\"", text, StringComparison.Ordinal);
        Assert.Contains("\"HugePages\"", text, StringComparison.Ordinal);
        Assert.Contains("\"siblings\": \"Pair\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_without_wishes_says_none()
    {
        string text = PlanDocument.Write(Plan(s_plain));

        Assert.Equal(s_plain, PlanDocument.Read(text, "plan.json").Plan.Request);
        Assert.All(
            ["\"node\"", "\"pageSizeKiB\"", "\"ioThreadCount\""],
            word => Assert.DoesNotContain(word, text, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_plan_that_was_reviewed_is_one_of_the_same_wishes()
    {
        VmTuningRequest[] requests =
        [
            s_plain,
            s_plain with
            {
                Tunings = [VmTuning.Cpu],
            },
            s_plain with
            {
                Siblings = VmSiblingUse.Pair,
            },
            s_plain with
            {
                Node = 0,
            },
            s_plain with
            {
                PageSizeKiB = 2048,
            },
            s_plain with
            {
                IOThreadCount = 0,
            },
        ];

        Assert.Equal(
            requests.Length,
            requests.Select(static request => Plan(request).Fingerprint).Distinct(StringComparer.Ordinal).Count()
        );
    }

    private static ChangePlan Plan(ChangeRequest request) =>
        new(
            new HostTarget("kvm1", new SshAddress("kvm1")),
            request,
            new HostIdentity("0123456789abcdef0123456789abcdef", "boot", "6.12.0"),
            []
        );
}
