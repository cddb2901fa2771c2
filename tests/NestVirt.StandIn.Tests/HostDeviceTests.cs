using System.Globalization;
using System.Xml.Linq;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Tests;

/// <summary>The devices of the stand-in as Plug and Play tells of them, by curl.</summary>
public class HostDeviceTests
{
    private const string PciSet = "{3AB22E31-8264-4b4e-9AF5-A8D2D8E33E62}";
    private const string Disk = @"PCI\VEN_144D&DEV_A808&SUBSYS_A801144D&REV_00\4&A1F3C2D&0&0000";

    private static readonly XNamespace s_instance = "http://www.w3.org/2001/XMLSchema-instance";
    private static readonly XNamespace s_wsman = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd";

    [Fact]
    public async Task A_pattern_picks_the_PCI_devices_out_of_all()
    {
        HyperVMachine machine = Machine();
        machine.Devices.First(static device => device.PnpClass == "Display").IsDismounted = true;
        await using StandInHost host = await StandInHost.StartAsync(machine);

        string[] all = (
            await Curl.PostAsync(host.Address, Envelopes.Optimized(Envelopes.Cimv2 + "Win32_PnPEntity", 100))
        ).Values("DeviceID");
        string[] pci = (
            await Curl.PostAsync(
                host.Address,
                Envelopes.Query(@"SELECT * FROM Win32_PnPEntity WHERE DeviceID LIKE 'PCI\\%'", Envelopes.Cimv2 + "*")
            )
        ).Values("DeviceID");

        // The disk of a controller is a device of its own, which is on no PCI bus.
        Assert.Equal(machine.Devices.Count + 1, all.Length);
        Assert.Contains(@"ROOT\VID\0000", all);
        Assert.Contains(@"PCIP\VEN_10DE&DEV_1DB4&SUBSYS_121410DE&REV_A1\4&2F8C9A1&0&0000", all);
        Assert.Equal(
            machine.Devices.Count(static device => device is { IsPci: true, IsDismounted: false }),
            pci.Length
        );
        Assert.All(pci, static id => Assert.StartsWith(@"PCI\VEN_", id, StringComparison.Ordinal));
    }

    // Microsoft, "Identifiers for PCI Devices".
    [Fact]
    public async Task A_device_tells_what_it_is()
    {
        await using StandInHost host = await StandInHost.StartAsync(Machine());

        CurlAnswer answer = await Curl.PostAsync(
            host.Address,
            Envelopes.Get(Envelopes.Cimv2 + "Win32_PnPEntity", ("DeviceID", Disk))
        );

        Assert.Equal(
            [
                @"PCI\VEN_144D&DEV_A808&SUBSYS_A801144D&REV_00",
                @"PCI\VEN_144D&DEV_A808&SUBSYS_A801144D",
                @"PCI\VEN_144D&DEV_A808&CC_010802",
                @"PCI\VEN_144D&DEV_A808&CC_0108",
            ],
            answer.Values("HardwareID")
        );
        Assert.Contains(@"PCI\CC_0108", answer.Values("CompatibleID"));
        Assert.Equal(
            ("stornvme", "SCSIAdapter", "0", "OK", Disk),
            (
                answer.Value("Service"),
                answer.Value("PNPClass"),
                answer.Value("ConfigManagerErrorCode"),
                answer.Value("Status"),
                answer.Value("PNPDeviceID")
            )
        );
    }

    [Fact]
    public async Task Keys_are_answered_in_their_order_and_an_unknown_one_is_empty()
    {
        await using StandInHost host = await StandInHost.StartAsync(Machine());

        CurlAnswer answer = await PropertiesAsync(
            host,
            Disk,
            "DEVPKEY_Device_LocationPaths",
            "DEVPKEY_Device_BusNumber",
            PciSet + "  34",
            PciSet + "  31",
            "DEVPKEY_PciDevice_DeviceType",
            "DEVPKEY_PciDevice_SriovSupport"
        );

        XElement[] found = Properties(answer);
        Assert.Equal("0", answer.Value("ReturnValue"));
        Assert.Equal(
            [
                "Win32_PnPDevicePropertyStringArray 8210 PCIROOT(17)#PCI(0000)#PCI(0000)|ACPI(_SB_)#ACPI(PC00)#PCI(0000)#PCI(0000)",
                "Win32_PnPDevicePropertyUint32 7 24",
                "Win32_PnPDevicePropertyBoolean 17 false",
                "Win32_PnPDevicePropertyUint32 7 3",
                "Win32_PnPDevicePropertyUint32 7 2",
                "Win32_PnPDeviceProperty 0 ",
            ],
            found.Select(static one =>
                $"{one.Attribute(s_instance + "type")!.Value[2..^5]} {Values(one, "Type")} {Values(one, "Data")}"
            )
        );
        Assert.Equal(PciSet + "  34", Values(found[2], "KeyName"));
        Assert.All(found, static one => Assert.Equal(Disk, Values(one, "DeviceID")));
    }

    [Fact]
    public async Task A_key_can_be_withheld()
    {
        HyperVMachine machine = Machine();
        machine
            .Devices.First(static device => device.InstanceId == Disk)
            .Withheld.Add("DEVPKEY_PciDevice_AcsCompatibleUpHierarchy");
        await using StandInHost host = await StandInHost.StartAsync(machine);

        CurlAnswer answer = await PropertiesAsync(host, Disk, PciSet + "  31");

        Assert.Equal("0", Values(Assert.Single(Properties(answer)), "Type"));
    }

    // os-win reads the address of a dismounted device this way.
    [Fact]
    public async Task Without_keys_all_properties_come_also_of_a_dismounted_device()
    {
        HyperVMachine machine = Machine();
        machine.Devices.First(static device => device.InstanceId == Disk).IsDismounted = true;
        await using StandInHost host = await StandInHost.StartAsync(machine);

        Dictionary<string, string> found = Properties(
                await PropertiesAsync(host, Disk.Replace(@"PCI\", @"PCIP\", StringComparison.Ordinal))
            )
            .ToDictionary(static one => Values(one, "KeyName"), static one => Values(one, "Data"));

        Assert.Equal("PCI bus 24, device 0, function 0", found["DEVPKEY_Device_LocationInfo"]);
        Assert.Equal(("24", "0"), (found["DEVPKEY_Device_BusNumber"], found["DEVPKEY_Device_Address"]));
    }

    // What SurveyDDA.ps1 looks for: an interrupt of a message is a number of 42949…, and memory is found by its start.
    [Fact]
    public async Task Resources_are_enumerated_with_the_devices_that_have_them()
    {
        await using StandInHost host = await StandInHost.StartAsync(Machine());

        XElement[] allocations =
        [
            .. (
                await Curl.PostAsync(
                    host.Address,
                    Envelopes.Query("SELECT * FROM Win32_PnPAllocatedResource", Envelopes.Cimv2 + "*")
                )
            )
                .Xml.Descendants()
                .Where(static element => element.Name.LocalName == "Win32_PnPAllocatedResource"),
        ];
        CurlAnswer ranges = await Curl.PostAsync(
            host.Address,
            Envelopes.Optimized(Envelopes.Cimv2 + "Win32_DeviceMemoryAddress", 100)
        );
        CurlAnswer interrupts = await Curl.PostAsync(
            host.Address,
            Envelopes.Optimized(Envelopes.Cimv2 + "Win32_IRQResource", 100)
        );

        (string Class, string Key)[] ofDisk =
        [
            .. allocations
                .Where(static one => Selector(one, "Dependent").Key == Disk)
                .Select(static one => Selector(one, "Antecedent")),
        ];
        Assert.Equal(
            [
                ("Win32_IRQResource", "4294967293"),
                ("Win32_IRQResource", "4294967292"),
                ("Win32_DeviceMemoryAddress", "3033530368"),
            ],
            ofDisk
        );
        int at = Array.IndexOf(ranges.Values("StartingAddress"), "3033530368");
        Assert.Equal("3033546751", ranges.Values("EndingAddress")[at]);
        Assert.Contains("16", interrupts.Values("IRQNumber"));
        Assert.Equal(interrupts.Values("IRQNumber").Distinct(), interrupts.Values("IRQNumber"));
    }

    // Recorded on a host of VMware: 32 bits stand bare, 64 in quotes.
    [Fact]
    public void Paths_quote_what_Windows_quotes()
    {
        string[] paths =
        [
            .. Machine()
                .Instances("root/cimv2", "CIM_SystemResource")
                .Select(static resource => resource.RelativePath()),
        ];

        Assert.Contains("Win32_IRQResource.IRQNumber=4294967293", paths);
        Assert.Contains("Win32_DeviceMemoryAddress.StartingAddress=\"3033530368\"", paths);
    }

    [Fact]
    public async Task A_disabled_device_has_problem_22_and_no_resources_until_it_is_enabled()
    {
        await using StandInHost host = await StandInHost.StartAsync(Machine());

        CurlAnswer disabled = await InvokeAsync(host, Disk, "Disable");
        (string, string, bool) off = await ReadAsync(host);
        CurlAnswer enabled = await InvokeAsync(host, Disk, "Enable");
        (string, string, bool) on = await ReadAsync(host);

        Assert.Equal(("0", "false"), (disabled.Value("ReturnValue"), disabled.Value("rebootNeeded")));
        Assert.Equal(("22", "Error", false), off);
        Assert.Equal("0", enabled.Value("ReturnValue"));
        Assert.Equal(("0", "OK", true), on);
    }

    [Fact]
    public async Task A_device_in_use_waits_for_a_restart()
    {
        var machine = new HyperVMachine();
        HostDevice device = machine.AddDevice(new HostDevice(Disk, "Disk of the system") { NeedsRestart = true });
        await using StandInHost host = await StandInHost.StartAsync(machine);

        CurlAnswer answer = await InvokeAsync(host, Disk, "Disable");

        Assert.Equal("true", answer.Value("rebootNeeded"));
        Assert.Equal(14u, device.ErrorCode);
    }

    private static HyperVMachine Machine()
    {
        var machine = new HyperVMachine();
        SampleDevices.AddTo(machine);
        return machine;
    }

    private static async Task<(string Code, string Status, bool HasMemory)> ReadAsync(StandInHost host)
    {
        CurlAnswer device = await Curl.PostAsync(
            host.Address,
            Envelopes.Get(Envelopes.Cimv2 + "Win32_PnPEntity", ("DeviceID", Disk))
        );
        CurlAnswer ranges = await Curl.PostAsync(
            host.Address,
            Envelopes.Optimized(Envelopes.Cimv2 + "Win32_DeviceMemoryAddress", 100)
        );
        return (
            device.Value("ConfigManagerErrorCode"),
            device.Value("Status"),
            ranges.Values("StartingAddress").Contains("3033530368")
        );
    }

    private static Task<CurlAnswer> PropertiesAsync(StandInHost host, string device, params string[] keys) =>
        InvokeAsync(
            host,
            device,
            "GetDeviceProperties",
            string.Concat(
                keys.Select(static key =>
                    string.Create(CultureInfo.InvariantCulture, $"<p:devicePropertyKeys>{key}</p:devicePropertyKeys>")
                )
            )
        );

    private static Task<CurlAnswer> InvokeAsync(StandInHost host, string device, string method, string inside = "") =>
        Curl.PostAsync(
            host.Address,
            Envelopes.Invoke(Envelopes.Cimv2 + "Win32_PnPEntity", method, inside, ("DeviceID", device))
        );

    private static XElement[] Properties(CurlAnswer answer) =>
        [.. answer.Xml.Descendants().Where(static element => element.Name.LocalName == "deviceProperties")];

    private static string Values(XElement parent, string name) =>
        string.Join(
            '|',
            parent.Elements().Where(element => element.Name.LocalName == name).Select(static element => element.Value)
        );

    private static (string Class, string Key) Selector(XElement allocation, string name)
    {
        XElement address = allocation.Elements().Single(element => element.Name.LocalName == name);
        string uri = address.Descendants(s_wsman + "ResourceURI").Single().Value;
        return (uri[(uri.LastIndexOf('/') + 1)..], address.Descendants(s_wsman + "Selector").Single().Value);
    }
}
