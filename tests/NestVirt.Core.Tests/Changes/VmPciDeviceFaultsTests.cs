using NestVirt.Changes;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Changes;

/// <summary>What virtual machines can be asked to get, and how, before any host is reached.</summary>
public sealed class VmPciDeviceFaultsTests
{
    private const string Card = "0000:01:00.0";
    private const string Sound = "0000:01:00.1";
    private const string Slot = "0000:05:00.0";
    private const string Mac = "52:54:00:12:34:56";
    private const string Rom = "/srv/card.rom";

    private const string RemoveAlone = "How a virtual machine has a device is set where devices are added alone.";

    private const string OfOneDevice =
        "A MAC address, a VLAN, a ROM and an address in the virtual machine are of one device, and several are named.";

    private const string OfOneSlot =
        "Functions of one device in the virtual machine are functions of one device of the host, too.";

    private static readonly Dictionary<string, (VmPciDeviceRequest Request, string Fault)> s_requests = new()
    {
        ["all of a network adapter"] = (
            Add(Card) with
            {
                MacAddress = Mac,
                VlanId = 100,
                GuestAddress = Slot,
                RomFile = Rom,
                WholeGroup = true,
                Unmanaged = true,
            },
            ""
        ),
        ["several whole groups that are not managed"] = (
            Add(Card, "0000:02:00.0") with
            {
                WholeGroup = true,
                Unmanaged = true,
            },
            ""
        ),
        ["no ROM"] = (Add(Card) with { NoRom = true }, ""),
        ["an address of one"] = (Add(Card) with { GuestAddress = "05:00.3" }, ""),
        ["functions of one card"] = (Add(Card, Sound) with { GuestAddress = Slot, Multifunction = true }, ""),
        ["functions of one card in another spelling"] = (
            Add("01:00.0", Sound) with
            {
                GuestAddress = Slot,
                Multifunction = true,
            },
            ""
        ),
        ["the first function alone"] = (Add(Card) with { GuestAddress = Slot, Multifunction = true }, ""),
        ["a group taken back"] = (Remove(Card, Sound) with { WholeGroup = true }, ""),

        ["a MAC address taken back"] = (Remove(Card) with { MacAddress = Mac }, RemoveAlone),
        ["a VLAN taken back"] = (Remove(Card) with { VlanId = 1 }, RemoveAlone),
        ["an address taken back"] = (Remove(Card) with { GuestAddress = Slot }, RemoveAlone),
        ["functions taken back"] = (Remove(Card) with { Multifunction = true }, RemoveAlone),
        ["no ROM taken back"] = (Remove(Card) with { NoRom = true }, RemoveAlone),
        ["a ROM taken back"] = (Remove(Card) with { RomFile = Rom }, RemoveAlone),
        ["a driver taken back"] = (Remove(Card) with { Unmanaged = true }, RemoveAlone),

        ["two ROMs"] = (
            Add(Card) with
            {
                NoRom = true,
                RomFile = Rom,
            },
            "A device has no ROM, or that of a file, and not both."
        ),
        ["functions without an address"] = (
            Add(Card, Sound) with
            {
                Multifunction = true,
            },
            "Functions of one device need an address in the virtual machine."
        ),
        ["functions of two cards"] = (
            Add(Card, "0000:02:00.0") with
            {
                GuestAddress = Slot,
                Multifunction = true,
            },
            OfOneSlot
        ),
        ["functions of two slots"] = (
            Add(Card, "0000:01:01.0") with
            {
                GuestAddress = Slot,
                Multifunction = true,
            },
            OfOneSlot
        ),
        ["functions of two domains"] = (
            Add(Card, "0001:01:00.1") with
            {
                GuestAddress = Slot,
                Multifunction = true,
            },
            OfOneSlot
        ),
        ["a MAC address of two"] = (Add(Card, Sound) with { MacAddress = Mac }, OfOneDevice),
        ["a VLAN of two"] = (Add(Card, Sound) with { VlanId = 1 }, OfOneDevice),
        ["an address of two"] = (Add(Card, Sound) with { GuestAddress = Slot }, OfOneDevice),
        ["no ROM of two"] = (Add(Card, Sound) with { NoRom = true }, OfOneDevice),
        ["a ROM of two"] = (Add(Card, Sound) with { RomFile = Rom }, OfOneDevice),
        ["a ROM of functions of one card"] = (
            Add(Card, Sound) with
            {
                GuestAddress = Slot,
                Multifunction = true,
                RomFile = Rom,
            },
            OfOneDevice
        ),
    };

    public static TheoryData<string> Requests => [.. s_requests.Keys];

    [Theory]
    [MemberData(nameof(Requests))]
    public void Wishes_are_judged_together(string which) =>
        Assert.Equal(s_requests[which].Fault, Shown(s_requests[which].Request));

    [Theory]
    [InlineData("52:54:00:ab:CD:ef", true)]
    [InlineData("00:00:00:00:00:01", true)]
    [InlineData("00:00:00:00:00:00", false)]
    [InlineData("53:54:00:12:34:56", false)]
    [InlineData("ff:ff:ff:ff:ff:ff", false)]
    [InlineData("52:54:00:12:34", false)]
    [InlineData("52:54:00:12:34:56:78", false)]
    [InlineData("52:54:00:12:34:56\n", false)]
    [InlineData("52-54-00-12-34-56", false)]
    [InlineData("'/><x a='", false)]
    [InlineData("", false)]
    public void A_MAC_address_is_that_of_one_device(string word, bool isOne) =>
        Assert.Equal(
            isOne ? "" : $"'{word.Replace('\n', '\uFFFD')}' is no MAC address of one device.",
            Shown(Add(Card) with { MacAddress = word })
        );

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(4094, true)]
    [InlineData(4095, false)]
    public void A_VLAN_has_a_number_that_switches_take(int number, bool isOne) =>
        Assert.Equal(isOne ? "" : $"{number} is no VLAN.", Shown(Add(Card) with { VlanId = number }));

    [Theory]
    [InlineData("0000:05:00.0", true)]
    [InlineData("05:1f.7", true)]
    [InlineData("0001:05:00.0", false)]
    [InlineData("0000:00:00.0", false)]
    [InlineData("0000:05:20.0", false)]
    [InlineData("0000:05:00.8", false)]
    [InlineData("PCIROOT(0)", false)]
    [InlineData("", false)]
    public void An_address_in_the_virtual_machine_is_of_its_only_domain(string word, bool isOne) =>
        Assert.Equal(
            isOne ? "" : $"'{word}' is no PCI address in a virtual machine.",
            Shown(Add(Card) with { GuestAddress = word })
        );

    [Theory]
    [InlineData("/srv/it's <a> ROM & more.bin", true)]
    [InlineData("card.rom", false)]
    [InlineData("~/card.rom", false)]
    [InlineData("/", false)]
    [InlineData("", false)]
    public void A_ROM_is_a_whole_path(string path, bool isOne) =>
        Assert.Equal(
            isOne ? "" : $"'{path}' is no whole path of a file of the host.",
            Shown(Add(Card) with { RomFile = path })
        );

    [Theory]
    [InlineData("/srv/a\nb")]
    [InlineData("/srv/a\u202Eb")]
    [InlineData("/srv/a\0")]
    public void A_path_is_shown_as_it_is(string path) =>
        Assert.EndsWith(
            "is no whole path of a file of the host.",
            Shown(Add(Card) with { RomFile = path }),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_path_has_a_length()
    {
        Assert.Empty(Shown(Add(Card) with { RomFile = "/" + new string('a', 399) }));
        Assert.NotEmpty(Shown(Add(Card) with { RomFile = "/" + new string('a', 400) }));
    }

    [Fact]
    public void No_device_is_a_fault() => Assert.Equal("No device is named.", Shown(Add()));

    private static VmPciDeviceRequest Add(params string[] devices) => new("lab", devices, Add: true);

    private static VmPciDeviceRequest Remove(params string[] devices) => new("lab", devices, Add: false);

    private static string Shown(VmPciDeviceRequest request)
    {
        IReadOnlyList<Finding> faults = request.FindFaults();
        Assert.All(
            faults,
            static fault =>
                Assert.Equal(
                    (FindingCodes.SettingInvalid, Severity.Error, true),
                    (fault.Code, fault.Severity, fault.Remedy is { Length: > 0 })
                )
        );
        return string.Join('|', faults.Select(static fault => fault.Message));
    }
}
