using System.Diagnostics;
using NestVirt.Core.Tests;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Tests;

/// <summary>Debian's <c>wsl</c>, a client of WS-Management in shell over curl (Dell), speaks with the stand-in.</summary>
public class WslClientTests
{
    private const string Systems = Envelopes.V2 + "Msvm_ComputerSystem";

    [Fact]
    public async Task It_knows_enumerates_gets_and_invokes()
    {
        Needs.Tools("curl", "wslid", "wslenum", "wslget", "wslinvoke", "xmllint", "uuidgen");
        var machine = new HyperVMachine();
        VirtualMachine vm = machine.AddVM("lab", new() { IsNested = true });
        await using StandInHost host = await StandInHost.StartAsync(machine);
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string epr = Path.Combine(folder, "epr.xml");
            await File.WriteAllTextAsync(epr, Reference(vm));

            string identity = await RunAsync(folder, host, "wslid", "check");
            string systems = await RunAsync(folder, host, "wslenum", Systems);
            string processors = await RunAsync(
                folder,
                host,
                "wslenum",
                "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Msvm_ProcessorSettingData",
                "-ns",
                "root/virtualization/v2"
            );
            string query = await RunAsync(
                folder,
                host,
                "wslenum",
                "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/*",
                "-dialect",
                "http://schemas.microsoft.com/wbem/wsman/1/WQL",
                "-filter",
                "select Version from Win32_OperatingSystem"
            );
            string processor = await RunAsync(
                folder,
                host,
                "wslget",
                "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/Win32_Processor",
                "DeviceID=CPU0"
            );
            string started = await RunAsync(
                folder,
                host,
                "wslinvoke",
                Systems,
                "RequestStateChange",
                "RequestedState=2",
                "-inst",
                epr
            );

            Assert.Contains("Microsoft Corporation", identity);
            Assert.Contains("<p:ElementName>lab</p:ElementName>", systems);
            Assert.Contains("<p:ExposeVirtualizationExtensions>true</p:ExposeVirtualizationExtensions>", processors);
            Assert.Contains("<Version>10.0.20348</Version>", query);
            Assert.Contains("<p:Manufacturer>GenuineIntel</p:Manufacturer>", processor);
            Assert.Contains("<p:ReturnValue>4096</p:ReturnValue>", started);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // It takes an address as a file with its own prefixes.
    private static string Reference(VirtualMachine vm) =>
        $"""
            <wsa:EndpointReference xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:wsman="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd">
            <wsa:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:Address>
            <wsa:ReferenceParameters>
            <wsman:ResourceURI>{Systems}</wsman:ResourceURI>
            <wsman:SelectorSet>
            <wsman:Selector Name="CreationClassName">Msvm_ComputerSystem</wsman:Selector>
            <wsman:Selector Name="Name">{vm.Id.ToString().ToUpperInvariant()}</wsman:Selector>
            </wsman:SelectorSet>
            </wsa:ReferenceParameters>
            </wsa:EndpointReference>
            """;

    private static async Task<string> RunAsync(
        string folder,
        StandInHost host,
        string program,
        params string[] arguments
    )
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
            Environment =
            {
                ["HOME"] = folder,
                ["OUTPREFIX"] = folder,
                ["WSENDPOINT"] = host.Address.Authority,
                ["WSUSER"] = "nobody",
                ["WSPASS"] = "nothing",
                ["WSNOSSL"] = "true",
                ["WSAUTOMATED"] = "true",
                ["IPINTERACTIVE"] = "0",
                ["KEEPHISTORY"] = "0",
            },
        };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        await errors;
        return output;
    }
}
