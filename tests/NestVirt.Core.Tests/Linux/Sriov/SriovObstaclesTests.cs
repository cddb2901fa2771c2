using NestVirt.Linux.Machine;
using NestVirt.Linux.Pci;
using NestVirt.Linux.Sriov;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Sriov;

public sealed class SriovObstaclesTests
{
    private const string Address = "0000:04:00.0";
    private const string Port = "0000:00:01.0";
    private const string Zeros = "0x0000000000000000 0x0000000000000000 0x0000000000000000";
    private const string Assigned = "0x00000000fc000000 0x00000000fc7fffff 0x000000000014220c";
    private const string Unset = "0x0000000000000000 0x00000000007fffff 0x000000002014220c";
    private const string NoFlags = "0x0000000000000000 0x00000000007fffff 0x000000000014220c";
    private static readonly string s_none = string.Join('\n', Enumerable.Repeat(Zeros, 6));

    [Theory]
    [InlineData(
        "",
        "ixgbe 0000:04:00.0: not enough MMIO resources for SR-IOV",
        "kernel log: ixgbe 0000:04:00.0: not enough MMIO resources for SR-IOV"
    )]
    [InlineData(
        "",
        "ixgbe 0000:04:00.0: SR-IOV: IOV BARS not allocated",
        "kernel log: ixgbe 0000:04:00.0: SR-IOV: IOV BARS not allocated"
    )]
    [InlineData(Unset, "", $"/sys/bus/pci/devices/{Address}/resource:8: {Unset}")]
    [InlineData($"{Assigned}\n{Zeros}\n{NoFlags}", "", $"/sys/bus/pci/devices/{Address}/resource:10: {NoFlags}")]
    [InlineData("zeros", "", $"/sys/bus/pci/devices/{Address}/resource: lines 8 to 13 are {Zeros}")]
    [InlineData($"{Assigned}\n{Zeros}", "", null)]
    [InlineData(Zeros, "", null)]
    [InlineData("0x1\n\n0x0 0x0 nonsense", "", null)]
    [InlineData("", "ixgbe 0000:04:00.1: not enough MMIO resources for SR-IOV", null)]
    [InlineData("", "ixgbe 10000:04:00.0: not enough MMIO resources for SR-IOV", null)]
    public void Bars_without_addresses_are_found_in_log_and_sysfs(string bars, string line, string? evidence)
    {
        PciDevice device = Device() with { VirtualBars = Rows(bars) };

        Assert.Equal(evidence, Find(device, line).SingleOrDefault()?.Finding.Evidence);
        Assert.Empty(Find(device with { Sriov = new SriovState(63, 8) }, line));
        Assert.Empty(Find(device, line, wanted: 0));
    }

    [Theory]
    [InlineData("ro", "pci=realloc", "First, in the firmware setup")]
    [InlineData("ro pci=noaer", null, "First, in the firmware setup")]
    [InlineData("ro pci=noaer,realloc", null, "The kernel tries already (pci=realloc).")]
    public void The_remedy_is_none_that_is_there_already(string commandLine, string? word, string remedy)
    {
        Finding told = Find(Device() with { VirtualBars = Rows("zeros") }, commandLine: commandLine).Single().Finding;

        Assert.StartsWith(remedy, told.Remedy, StringComparison.Ordinal);
        Assert.Equal(word, told.Mend?.Arguments[0].Value);
    }

    [Theory]
    [InlineData(128, 2, 4, 63, null)]
    [InlineData(250, 1, 4, 6, null)]
    [InlineData(250, 1, 4, 7, "0000:00:01.0 has bus numbers for 6 ")]
    [InlineData(384, 2, 4, 1, "Virtual functions of 0000:04:00.0 need bus numbers")]
    [InlineData(384, 2, 5, 63, null)]
    [InlineData(384, 2, null, 63, null)]
    [InlineData(0, 0, 4, 63, null)]
    public void Bus_numbers_are_counted(int offset, int stride, int? last, int wanted, string? message)
    {
        PciDevice device = Device() with
        {
            LastBus = last,
            Sriov = new SriovState(63, 0) { Offset = offset, Stride = stride },
        };

        IReadOnlyList<SriovObstacle> found = Find(device, wanted: wanted);

        Assert.Equal(message is null ? [] : ["SriovNoBusNumbers"], found.Select(static one => one.Finding.Code));
        Assert.StartsWith(
            message ?? string.Empty,
            found.SingleOrDefault()?.Finding.Message ?? string.Empty,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(false, "ro", "Put the card into a slot")]
    [InlineData(true, "ro pci=noari", "Remove noari")]
    [InlineData(true, "ro", "Turn ARI on")]
    public void Ari_that_is_off_is_told_where_bus_numbers_are_short(bool isAble, string commandLine, string remedy)
    {
        PciDevice device = Device() with
        {
            LastBus = 4,
            HasAri = true,
            Sriov = new SriovState(63, 0) { Offset = 384, Stride = 2 },
        };
        PciDevice port = new(Port, 0x060400, 0x8086, 0x1901) { AriForwarding = new AriForwarding(isAble, IsOn: false) };

        Finding told = Find(device, port: port, commandLine: commandLine).Select(static one => one.Finding).Last();

        Assert.Equal(
            ("SriovAriOff", $"{Port}: DevCap2 ARIFwd{(isAble ? '+' : '-')}, DevCtl2 ARIFwd-"),
            (told.Code, told.Evidence)
        );
        Assert.StartsWith(remedy, told.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain(
            Find(device, port: port with { AriForwarding = new AriForwarding(true, IsOn: true) })
                .Concat(Find(device with { LastBus = 6 }, port: port))
                .Concat(Find(device with { HasAri = false }, port: port)),
            static one => one.Finding.Code == "SriovAriOff"
        );
    }

    [Theory]
    [InlineData("bnxt_en", "0x1002", true)]
    [InlineData("bnx2x", "0x1002", true)]
    [InlineData("bnxt_en", "0x1003", false)]
    [InlineData("bnxt_en", null, false)]
    [InlineData("ixgbe", "0x1002", false)]
    public void A_driver_that_needs_the_link_is_told_with_its_interface(string driver, string? flags, bool isTold)
    {
        Finding? told = Find(
                Device() with
                {
                    Driver = driver,
                    NetworkInterfaces = ["wan"],
                },
                network: new InterfaceFacts("wan", "3") { Flags = flags }
            )
            .SingleOrDefault()
            ?.Finding;

        Assert.Equal(isTold ? "/sys/class/net/wan/flags: 0x1002" : null, told?.Evidence);
        Assert.Equal(isTold ? "SriovInterfaceDown" : null, told?.Code);
    }

    [Theory]
    [InlineData("ixgbe 0000:04:00.0: driver does not support SR-IOV configuration via sysfs", true)]
    [InlineData("ixgbe 0000:04:00.0: Driver doesn't support SRIOV configuration via sysfs", true)]
    [InlineData("vfio-pci 0000:04:00.0: driver does not support SR-IOV configuration via sysfs", false)]
    public void A_driver_that_cannot_is_told_while_it_has_the_device(string line, bool isTold) =>
        Assert.Equal(isTold ? ["SriovDriverUnable"] : [], Find(Device(), line).Select(static one => one.Finding.Code));

    [Fact]
    public void A_port_tells_whether_it_forwards_ari()
    {
        byte[] config = Pci.ConfigBytes.Express(type: 4);
        config[0x64] = 0x20;

        Assert.Equal(new AriForwarding(IsAble: true, IsOn: false), PciConfigSpace.Decode(config).AriForwarding);
        config[0x68] = 0x20;
        Assert.Equal(
            new AriForwarding(IsAble: true, IsOn: true),
            PciConfigSpace.Decode(config.AsSpan(0, 256)).AriForwarding
        );
        config[0x42] = 0x41;
        Assert.Null(PciConfigSpace.Decode(config).AriForwarding);
        Assert.Null(PciConfigSpace.Decode(Pci.ConfigBytes.Express(type: 0)).AriForwarding);
    }

    [Fact]
    public void The_listing_has_the_bars_of_virtual_functions_alone()
    {
        string rows = string.Concat(
            Enumerable.Range(0, 13).Select(static row => $"v\t0x{row:x} 0x{row:x} 0x{row:x}\n")
        );

        PciDevice device = PciProbe
            .Parse(
                $"f\t{Address}\t{Port}\t0x020000\t0x8086\t0x1528\t\t\t\t-1\t\ns\t63\t0\t128\t2\t1515\t1\n{rows}u\t5\nd\tixgbe\n"
            )
            .Devices[0];

        Assert.Equal(["0x7 0x7 0x7", "0x8 0x8 0x8"], device.VirtualBars.Take(2));
        Assert.Equal((6, 5, "ixgbe"), (device.VirtualBars.Count, device.LastBus, device.Driver));
    }

    private static PciDevice Device() =>
        new(Address, 0x020000, 0x8086, 0x1528)
        {
            Driver = "ixgbe",
            Parent = Port,
            Sriov = new SriovState(63, 0),
        };

    private static string[] Rows(string bars) => bars.Length == 0 ? [] : (bars == "zeros" ? s_none : bars).Split('\n');

    private static IReadOnlyList<SriovObstacle> Find(
        PciDevice device,
        string line = "",
        int? wanted = null,
        PciDevice? port = null,
        string commandLine = "",
        InterfaceFacts? network = null
    )
    {
        KernelLog log = new([]) { OfDevices = [line] };
        VirtualFunctionHost host = new()
        {
            CommandLine = commandLine,
            Interfaces = network is null
                ? new Dictionary<string, InterfaceFacts>()
                : new Dictionary<string, InterfaceFacts> { [network.Name] = network },
        };
        return new SriovObstacles(device, port, log, host).Find(wanted);
    }
}
