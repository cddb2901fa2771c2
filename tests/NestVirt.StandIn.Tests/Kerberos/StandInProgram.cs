using System.Diagnostics;

namespace NestVirt.StandIn.Tests.Kerberos;

/// <summary>The stand-in as a process of its own, whose environment the library of Kerberos reads.</summary>
internal sealed class StandInProgram : IAsyncDisposable
{
    private readonly Process _process;

    private StandInProgram(Process process, Uri address, string thumbprint) =>
        (_process, Address, Thumbprint) = (process, address, thumbprint);

    /// <summary>Gets its address.</summary>
    internal Uri Address { get; }

    /// <summary>Gets the thumbprint of its certificate.</summary>
    internal string Thumbprint { get; }

    /// <summary>Starts it, with HTTPS and Kerberos.</summary>
    /// <param name="realm">The realm.</param>
    /// <param name="schemes">The schemes of HTTP that it takes, with commas between them; null for both.</param>
    internal static async Task<StandInProgram> StartAsync(KerberosRealm realm, string? schemes = null)
    {
        string[] options = schemes is null ? [] : ["--schemes", schemes];
        ProcessStartInfo start = realm.Command(
            "dotnet",
            [typeof(StandInHost).Assembly.Location, "--vms", "2", "--https", "--kerberos", .. options]
        );
        Process process = Process.Start(start)!;
        string? address = await process.StandardOutput.ReadLineAsync();
        string? thumbprint = await process.StandardOutput.ReadLineAsync();

        // Kerberos knows hosts by their names.
        return new StandInProgram(process, new UriBuilder(address!) { Host = "localhost" }.Uri, thumbprint!);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
