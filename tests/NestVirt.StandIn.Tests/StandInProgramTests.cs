using System.Diagnostics;

namespace NestVirt.StandIn.Tests;

/// <summary>The stand-in as a program.</summary>
public class StandInProgramTests
{
    [Fact]
    public Task It_prints_its_address_and_answers_there() =>
        WithProgramAsync(
            ["--vms", "2", "--build", "26100"],
            static async address =>
            {
                CurlAnswer answer = await Curl.PostAsync(
                    address,
                    Envelopes.Optimized(Envelopes.V2 + "Msvm_ComputerSystem", 100)
                );
                CurlAnswer identity = await Curl.PostAsync(address, Envelopes.Identify);

                Assert.Equal(["HV-HOST-1", "vm-0001", "vm-0002"], answer.Values("ElementName"));
                Assert.Equal("OS: 10.0.26100 SP: 0.0 Stack: 3.0", identity.Value("ProductVersion"));
            }
        );

    [Fact]
    public Task It_has_devices_and_a_machine_that_takes_them() =>
        WithProgramAsync(
            ["--vms", "0", "--vm", "lab,turnoff"],
            static async address =>
            {
                CurlAnswer devices = await Curl.PostAsync(
                    address,
                    Envelopes.Optimized(Envelopes.Cimv2 + "Win32_PnPEntity", 100)
                );
                CurlAnswer settings = await Curl.PostAsync(
                    address,
                    Envelopes.Optimized(Envelopes.V2 + "Msvm_VirtualSystemSettingData", 100)
                );
                CurlAnswer capabilities = await CapabilitiesAsync(address);

                Assert.Contains("stornvme", devices.Values("Service"));
                Assert.Equal("2", settings.Value("AutomaticShutdownAction"));
                Assert.Equal("true", capabilities.Value("IOVSupport"));
            }
        );

    [Fact]
    public Task It_can_be_told_to_give_nothing_and_why() =>
        WithProgramAsync(
            ["--no-devices", "--iov-reason", "First.", "--iov-reason", "Second."],
            static async address =>
            {
                CurlAnswer devices = await Curl.PostAsync(
                    address,
                    Envelopes.Optimized(Envelopes.Cimv2 + "Win32_PnPEntity", 100)
                );
                CurlAnswer capabilities = await CapabilitiesAsync(address);

                Assert.Empty(devices.Values("DeviceID"));
                Assert.Equal("false", capabilities.Value("IOVSupport"));
                Assert.Equal(["First.", "Second."], capabilities.Values("IOVSupportReasons"));
            }
        );

    private static Task<CurlAnswer> CapabilitiesAsync(Uri address) =>
        Curl.PostAsync(
            address,
            Envelopes.Optimized(Envelopes.V2 + "Msvm_VirtualEthernetSwitchManagementCapabilities", 10)
        );

    private static async Task WithProgramAsync(string[] options, Func<Uri, Task> test)
    {
        string program = typeof(StandInHost).Assembly.Location;
        ProcessStartInfo start = new("dotnet", [program, "--port", "0", .. options]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        try
        {
            await test(new Uri((await process.StandardOutput.ReadLineAsync())!));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }
}
