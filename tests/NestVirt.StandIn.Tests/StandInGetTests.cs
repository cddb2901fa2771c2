using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Tests;

/// <summary>Single instances of the stand-in, by curl.</summary>
public class StandInGetTests
{
    private const string Systems = Envelopes.V2 + "Msvm_ComputerSystem";

    [Fact]
    public async Task Get_gives_the_instance_that_all_keys_name()
    {
        await using StandInHost host = await StandInHost.StartAsync(new HyperVMachine().AddVMs(2));

        CurlAnswer answer = await Curl.PostAsync(
            host.Address,
            Envelopes.Get(
                Systems,
                ("CreationClassName", "Msvm_ComputerSystem"),
                ("Name", "5d1b6e00-0000-4000-8000-000000000002")
            )
        );

        Assert.Equal("http://schemas.xmlsoap.org/ws/2004/09/transfer/GetResponse", answer.Value("Action"));
        Assert.Equal("vm-0002", answer.Value("ElementName"));
    }

    [Theory]
    [InlineData("Name", "InsufficientSelectors", "2150858842")]
    [InlineData("ElementName", "UnexpectedSelectors", "2150858843")]
    public async Task Get_by_other_selectors_is_refused(string selector, string detail, string code)
    {
        await using StandInHost host = await StandInHost.StartAsync(new HyperVMachine().AddVMs(1));

        CurlAnswer answer = await Curl.PostAsync(host.Address, Envelopes.Get(Systems, (selector, "vm-0001")));

        Assert.Equal("http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/" + detail, answer.Value("FaultDetail"));
        Assert.Equal(code, answer.Element("WSManFault")!.Attribute("Code")!.Value);
    }

    [Fact]
    public async Task The_host_tells_what_it_is()
    {
        var machine = new HyperVMachine(new HostFacts { Build = 17763, CpuVendor = "AuthenticAMD" });
        machine.AddPciDevice(@"PCI\VEN_8086&DEV_1572\3&11583659&0&18", "Adapter", "Net");
        machine.AddPciDevice(@"USB\VID_0000\1", "Stick", "USB");
        machine.AddSriovAdapter("Ethernet 1", support: 5);
        await using StandInHost host = await StandInHost.StartAsync(machine);
        const string Wmi = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/";

        CurlAnswer system = await Curl.PostAsync(
            host.Address,
            Envelopes.Optimized(Wmi + "cimv2/Win32_OperatingSystem", 10)
        );
        CurlAnswer processors = await Curl.PostAsync(
            host.Address,
            Envelopes.Optimized(Wmi + "cimv2/Win32_Processor", 10)
        );
        CurlAnswer devices = await Curl.PostAsync(
            host.Address,
            Envelopes.Query(@"SELECT * FROM Win32_PnPEntity WHERE DeviceID LIKE 'PCI\\%'", Wmi + "cimv2/*")
        );
        CurlAnswer guard = await Curl.PostAsync(
            host.Address,
            Envelopes.Optimized(Wmi + "Microsoft/Windows/DeviceGuard/Win32_DeviceGuard", 10)
        );
        CurlAnswer adapters = await Curl.PostAsync(
            host.Address,
            Envelopes.Optimized(Wmi + "StandardCimv2/MSFT_NetAdapterSriovSettingData", 10)
        );

        Assert.Equal(("17763", "10.0.17763"), (system.Value("BuildNumber"), system.Value("Version")));
        Assert.Equal(["AuthenticAMD", "AuthenticAMD"], processors.Values("Manufacturer"));
        // The root partition of a running hypervisor reads false.
        Assert.Equal(["false", "false"], processors.Values("VirtualizationFirmwareEnabled"));
        Assert.Equal(@"PCI\VEN_8086&DEV_1572\3&11583659&0&18", devices.Value("DeviceID"));
        Assert.Equal(["1", "2", "3", "5", "7"], guard.Values("AvailableSecurityProperties"));
        Assert.Equal("5", adapters.Value("SriovSupport"));
    }
}
