using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Tests;

/// <summary>Virtual functions of the host's network adapters, by curl.</summary>
public class HostAdapterTests
{
    private const string Space = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/StandardCimv2/";
    private const string Sriov = Space + "MSFT_NetAdapterSriovSettingData";

    [Fact]
    public async Task An_adapter_tells_its_functions_and_where_it_is()
    {
        var machine = new HyperVMachine();
        SampleDevices.AddTo(machine);
        await using StandInHost host = await StandInHost.StartAsync(machine);

        CurlAnswer functions = await Curl.PostAsync(host.Address, Envelopes.Optimized(Sriov, 10));
        CurlAnswer places = await Curl.PostAsync(
            host.Address,
            Envelopes.Optimized(Space + "MSFT_NetAdapterHardwareInfoSettingData", 10)
        );

        Assert.Equal(["64", "64"], functions.Values("NumVFs"));
        Assert.Equal(["1", "1"], functions.Values("SriovSupport"));
        Assert.Equal(functions.Values("InstanceID"), places.Values("InstanceID"));
        Assert.Equal(["94", "94"], places.Values("BusNumber"));
        Assert.Equal(["0", "1"], places.Values("FunctionNumber"));
        Assert.Equal(["0", "0"], places.Values("SegmentNumber"));
    }

    [Theory]
    [InlineData("Disable", "false")]
    [InlineData("Enable", "true")]
    public async Task Its_functions_are_switched(string method, string expected)
    {
        var machine = new HyperVMachine();
        Cim.CimObject adapter = machine.AddSriovAdapter("Port 1", support: 1);
        adapter["Enabled"] = expected == "false";
        await using StandInHost host = await StandInHost.StartAsync(machine);
        (string, string) key = ("InstanceID", adapter.Text("InstanceID"));

        CurlAnswer answer = await Curl.PostAsync(host.Address, Envelopes.Invoke(Sriov, method, "", key));
        CurlAnswer read = await Curl.PostAsync(host.Address, Envelopes.Get(Sriov, key));

        Assert.Equal(("0", expected), (answer.Value("ReturnValue"), answer.Value("Enabled")));
        Assert.Equal(expected, read.Value("Enabled"));
    }

    [Fact]
    public async Task A_host_says_why_it_gives_no_functions()
    {
        const string Reason =
            "To use SR-IOV on this system, the system BIOS must be updated to allow Windows to control PCI Express. "
            + "Contact your system manufacturer for an update.";
        var machine = new HyperVMachine(new HostFacts { IsIovSupported = false, IovReasons = [Reason] });
        await using StandInHost host = await StandInHost.StartAsync(machine);

        CurlAnswer answer = await Curl.PostAsync(
            host.Address,
            Envelopes.Optimized(Envelopes.V2 + "Msvm_VirtualEthernetSwitchManagementCapabilities", 10)
        );

        Assert.Equal(("false", Reason), (answer.Value("IOVSupport"), answer.Value("IOVSupportReasons")));
    }
}
