using System.Diagnostics;

namespace NestVirt.StandIn.Tests.Kerberos;

/// <summary>The stand-in as a process of its own, whose environment the library of Kerberos reads.</summary>
internal sealed class StandInProgram : IAsyncDisposable
{
    private readonly Process _process;

    private StandInProgram(Process process, Uri address, string? thumbprint) =>
        (_process, Address, Thumbprint) = (process, address, thumbprint);

    /// <summary>Gets its address.</summary>
    internal Uri Address { get; }

    /// <summary>Gets the thumbprint of its certificate; null where it has none.</summary>
    internal string? Thumbprint { get; }

    /// <summary>Starts it, with Kerberos.</summary>
    /// <param name="realm">The realm.</param>
    /// <param name="isHttps">Whether it has a certificate.</param>
    /// <param name="schemes">The schemes of HTTP that it takes, with commas between them.</param>
    internal static async Task<StandInProgram> StartAsync(
        KerberosRealm realm,
        bool isHttps = true,
        string schemes = "Negotiate,Kerberos"
    )
    {
        string[] secure = isHttps ? ["--https"] : [];
        ProcessStartInfo start = realm.Command(
            "dotnet",
            [typeof(StandInHost).Assembly.Location, "--vms", "2", "--kerberos", "--schemes", schemes, .. secure]
        );
        Process process = Process.Start(start)!;
        string? address = await process.StandardOutput.ReadLineAsync();
        string? thumbprint = isHttps ? await process.StandardOutput.ReadLineAsync() : null;

        // Kerberos knows hosts by their names.
        return new StandInProgram(process, new UriBuilder(address!) { Host = "localhost" }.Uri, thumbprint);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
