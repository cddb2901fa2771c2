using System.Diagnostics;

namespace NestVirt.StandIn.Tests;

/// <summary>The stand-in as a program.</summary>
public class StandInProgramTests
{
    [Fact]
    public async Task It_prints_its_address_and_answers_there()
    {
        string program = typeof(StandInHost).Assembly.Location;
        ProcessStartInfo start = new("dotnet", [program, "--port", "0", "--vms", "2", "--build", "26100"])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        try
        {
            string? address = await process.StandardOutput.ReadLineAsync();
            CurlAnswer answer = await Curl.PostAsync(
                new Uri(address!),
                Envelopes.Optimized(Envelopes.V2 + "Msvm_ComputerSystem", 100)
            );
            CurlAnswer identity = await Curl.PostAsync(new Uri(address!), Envelopes.Identify);

            Assert.Equal(["HV-HOST-1", "vm-0001", "vm-0002"], answer.Values("ElementName"));
            Assert.Equal("OS: 10.0.26100 SP: 0.0 Stack: 3.0", identity.Value("ProductVersion"));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }
}
