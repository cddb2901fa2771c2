using NestVirt.Hosts;
using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Linux.Pci;

public sealed class PciInventoryTests
{
    private const string Functions =
        "f\t0000:00:1f.0\t\t0x060100\t0x8086\t0x2918\t\t\t\t-1\t\n"
        + "f\t0000:00:1f.2\t\t0x010601\t0x8086\t0x2922\t\t\t\t-1\t\n"
        + "f\t0000:01:00.0\t0000:00:03.0\t0x020000\t0x8086\t0x10c9\t\t\t\t-1\t\ns\t7\t2\t128\t2\t10ca\t1\nd\tigb\n"
        + "f\t0000:01:10.2\t0000:00:03.0\t0x020000\t0x8086\t0x10ca\t\t\t\t-1\t\np\t0000:01:00.0\n"
        + "f\t0000:01:10.0\t0000:00:03.0\t0x020000\t0x8086\t0x10ca\t\t\t\t-1\t\np\t0000:01:00.0\n";

    private static readonly HostTarget s_target = new("kvm1", new SshAddress("kvm1"));

    [Fact]
    public void Read_joins_virtual_functions_to_their_physical_one()
    {
        IReadOnlyList<PciDevice> devices = Read(Functions);

        Assert.Equal(["0000:01:10.0", "0000:01:10.2"], devices[2].Sriov!.VirtualFunctions);
        Assert.Equal((7, 2), (devices[2].Sriov!.TotalCount, devices[2].Sriov!.Count));
        Assert.Equal("0000:01:00.0", devices[3].PhysicalFunction);
        Assert.All(devices, static device => Assert.Equal("kvm1", device.HostName));
    }

    [Fact]
    public void Read_says_why_acs_is_unknown_without_root()
    {
        IReadOnlyList<PciDevice> devices = Read(
            Functions,
            new ProbeAnswer(string.Empty, "it needs root, and the host has no sudo")
        );

        Assert.All(devices, static device => Assert.Null(device.Acs));
        Assert.Equal(
            "its config space was not read: it needs root, and the host has no sudo",
            devices[0].AcsUnknownReason
        );
        Assert.Equal("it is a virtual function, whose config space is not read", devices[3].AcsUnknownReason);
    }

    [Fact]
    public void Read_takes_slots_with_two_functions_for_multifunction_without_a_config_space()
    {
        IReadOnlyList<PciDevice> devices = Read(Functions);

        Assert.Equal([true, true, null, false, false], devices.Select(static device => device.IsMultifunction));
    }

    [Fact]
    public void Read_names_vendors_and_classes_where_the_host_has_no_list()
    {
        PciDevice device = Read(Functions)[2];

        Assert.Equal(("Intel", null, "Ethernet controller"), (device.Vendor, device.Device, device.Class));
    }

    [Fact]
    public void Read_takes_names_from_the_list_of_the_host()
    {
        PciDevice device = Read(
            Functions,
            names: "v\t8086\tIntel Corporation\nd\t8086\t10c9\t82576 $(touch pwned)\ns\t02\t00\tNIC\n"
        )[2];

        Assert.Equal(
            ("Intel Corporation", "82576 $(touch pwned)", "NIC"),
            (device.Vendor, device.Device, device.Class)
        );
    }

    [Fact]
    public void Read_lists_sriov_that_only_the_config_space_shows()
    {
        byte[] config = ConfigBytes.Express(type: 0);
        ConfigBytes.Put(config, 0x100, [0x10, 0x00, 0x01, 0x00]);
        config[0x108] = 1;
        config[0x10E] = 8;
        config[0x110] = 4;
        config[0x11A] = 0x0A;
        config[0x11B] = 0x15;
        string functions = Functions.Replace("s\t7\t2\t128\t2\t10ca\t1\n", string.Empty, StringComparison.Ordinal);

        SriovState state = Read(functions, new ProbeAnswer(ConfigBytes.Listing(("0000:01:00.0", config))))[2].Sriov!;

        Assert.Equal((8, 4, (ushort?)0x150A), (state.TotalCount, state.Count, state.VirtualDeviceId));
        Assert.Equal(2, state.VirtualFunctions.Count);
    }

    [Fact]
    public void UnavailableReason_is_null_for_a_host_without_pci_and_given_for_one_without_sysfs()
    {
        Assert.Null(PciInventory.UnavailableReason(Answers("k\t6.12.0\n")));
        Assert.Equal(
            "there is no sysfs: no directory /sys/bus",
            PciInventory.UnavailableReason(Answers("x\tmissing\n"))
        );
        Assert.Equal(
            "the answer to the pci probe was not recorded",
            PciInventory.UnavailableReason(new ProbeAnswers())
        );
    }

    [Fact]
    public void Read_tells_of_a_device_that_does_not_answer()
    {
        byte[] config = new byte[64];
        Array.Fill(config, (byte)0xFF);
        ProbeAnswer answer = new(
            ConfigBytes.Listing(("0000:01:00.0", config), ("0000:00:1f.2", ConfigBytes.Express(type: 0)))
        );

        // Of virtual functions that is not known.
        Assert.Equal(
            ["0000:01:00.0"],
            Read(Functions, answer).Where(static device => device.IsLost).Select(static device => device.Address)
        );
    }

    private static IReadOnlyList<PciDevice> Read(string functions, ProbeAnswer? configs = null, string names = "")
    {
        ProbeAnswers answers = Answers(functions);
        answers.Set(PciConfigProbe.Probe.Name, configs ?? new ProbeAnswer(string.Empty));
        answers.Set(PciNameProbe.Probe.Name, new ProbeAnswer(names));
        return PciInventory.Read(answers, s_target);
    }

    private static ProbeAnswers Answers(string functions)
    {
        ProbeAnswers answers = new();
        answers.Set(PciProbe.Probe.Name, new ProbeAnswer(functions));
        return answers;
    }
}
