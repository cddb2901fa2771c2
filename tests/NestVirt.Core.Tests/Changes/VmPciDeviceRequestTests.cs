using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Hosts;

namespace NestVirt.Core.Tests.Changes;

/// <summary>What becomes of a wish for devices: a phrase, a command, and a part of a plan.</summary>
public sealed class VmPciDeviceRequestTests
{
    private static readonly VmPciDeviceRequest s_plain = new("lab", ["0000:01:00.0"], Add: true);

    // Every wish, though no request can have them all.
    private static readonly VmPciDeviceRequest s_full = s_plain with
    {
        WholeGroup = true,
        Unmanaged = true,
        MacAddress = "52:54:00:12:34:56",
        VlanId = 100,
        GuestAddress = "0000:05:00.0",
        Multifunction = true,
        NoRom = true,
        RomFile = "/srv/it's <a> ROM & more.bin",
        StopGuests = true,
        Force = true,
    };

    private static readonly string[] s_words =
    [
        "wholeGroup",
        "unmanaged",
        "macAddress",
        "vlanId",
        "guestAddress",
        "multifunction",
        "noRom",
        "romFile",
    ];

    public static TheoryData<string, string> Wishes =>
        new()
        {
            { "wholeGroup", "whole IOMMU groups" },
            { "unmanaged", "drivers that are left as they are" },
            { "macAddress", "a MAC address" },
            { "vlanId", "a VLAN" },
            { "guestAddress", "an address in the virtual machine" },
            { "multifunction", "an address in the virtual machine" },
            { "noRom", "another ROM" },
            { "romFile", "another ROM" },
        };

    [Fact]
    public void A_title_names_the_devices_and_the_virtual_machine()
    {
        VmPciDeviceRequest several = s_plain with { Devices = ["0000:01:00.0", "0000:01:00.1"] };

        Assert.Equal("give 0000:01:00.0, 0000:01:00.1 to lab", several.Title);
        Assert.Equal("take 0000:01:00.0, 0000:01:00.1 back from lab", (several with { Add = false }).Title);
    }

    [Fact]
    public void The_command_says_every_wish()
    {
        CommandCall call = s_full.Call!;

        Assert.Equal(OwnCommand.AddVmPci, call.Command);
        Assert.Equal(
            [
                (CommandArgument.Device, "0000:01:00.0"),
                (CommandArgument.VmName, "lab"),
                (CommandArgument.MacAddress, "52:54:00:12:34:56"),
                (CommandArgument.VlanId, "100"),
                (CommandArgument.GuestAddress, "0000:05:00.0"),
                (CommandArgument.RomFile, "/srv/it's <a> ROM & more.bin"),
            ],
            call.Arguments
        );
        Assert.Equal(
            [
                ChangeSwitch.WholeGroup,
                ChangeSwitch.Unmanaged,
                ChangeSwitch.Multifunction,
                ChangeSwitch.NoRom,
                ChangeSwitch.StopGuests,
                ChangeSwitch.Force,
            ],
            call.Switches
        );
    }

    [Fact]
    public void The_command_says_no_more_than_was_wished()
    {
        CommandCall call = (s_plain with { Add = false, WholeGroup = true }).Call!;

        Assert.Equal(OwnCommand.RemoveVmPci, call.Command);
        Assert.Equal([CommandArgument.Device, CommandArgument.VmName], call.Arguments.Select(static one => one.Name));
        Assert.Equal([ChangeSwitch.WholeGroup], call.Switches);
    }

    [Theory]
    [MemberData(nameof(Wishes))]
    public void A_wish_of_KVM_hosts_is_known_as_one(string wish, string phrase)
    {
        Assert.Equal([phrase], Only(wish).KvmWishes);
        Assert.Empty(Only(wish).HyperVWishes);
    }

    [Fact]
    public void A_wish_of_Hyper_V_hosts_is_known_as_one()
    {
        Assert.Empty(s_plain.KvmWishes);
        Assert.Empty(s_plain.HyperVWishes);
        Assert.All(
            [s_plain with { LowMmioMebibytes = 256 }, s_plain with { HighMmioMebibytes = 1024 }],
            static request =>
            {
                Assert.Equal(["space for memory of devices"], request.HyperVWishes);
                Assert.Empty(request.KvmWishes);
            }
        );
    }

    [Fact]
    public void A_plan_in_a_file_keeps_every_wish()
    {
        string text = PlanDocument.Write(Plan(s_full));

        Assert.Equal(s_full, PlanDocument.Read(text, "plan.json").Plan.Request);
        Assert.All(s_words, word => Assert.Contains($"\"{word}\"", text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_plan_without_wishes_is_written_as_before_there_were_any()
    {
        string text = PlanDocument.Write(Plan(s_plain));

        Assert.Equal(s_plain, PlanDocument.Read(text, "plan.json").Plan.Request);
        Assert.All(s_words, word => Assert.DoesNotContain($"\"{word}\"", text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_plan_that_was_reviewed_is_one_of_the_same_wishes()
    {
        string[] prints =
        [
            .. s_words.Select(Only).Prepend(s_plain).Select(static request => Plan(request).Fingerprint),
        ];

        Assert.Equal(s_words.Length + 1, prints.Distinct(StringComparer.Ordinal).Count());
    }

    private static VmPciDeviceRequest Only(string wish) =>
        wish switch
        {
            "wholeGroup" => s_plain with { WholeGroup = true },
            "unmanaged" => s_plain with { Unmanaged = true },
            "macAddress" => s_plain with { MacAddress = s_full.MacAddress },
            "vlanId" => s_plain with { VlanId = s_full.VlanId },
            "guestAddress" => s_plain with { GuestAddress = s_full.GuestAddress },
            "multifunction" => s_plain with { Multifunction = true },
            "noRom" => s_plain with { NoRom = true },
            "romFile" => s_plain with { RomFile = s_full.RomFile },
            _ => throw new ArgumentOutOfRangeException(nameof(wish)),
        };

    private static ChangePlan Plan(ChangeRequest request) =>
        new(
            new HostTarget("kvm1", new SshAddress("kvm1")),
            request,
            new HostIdentity("0123456789abcdef0123456789abcdef", "boot", "6.12.0"),
            []
        );
}
