using System.Diagnostics;
using System.Globalization;

namespace NestVirt.Cli.Tests;

/// <summary>The stand-in for a Hyper-V host as a process of its own: it brings another framework than the program has.</summary>
internal sealed class StandInProcess : IAsyncDisposable
{
    private readonly Process _process;

    private StandInProcess(Process process, Uri address, string? thumbprint) =>
        (_process, Address, Thumbprint) = (process, address, thumbprint);

    /// <summary>Gets its address.</summary>
    internal Uri Address { get; }

    /// <summary>Gets the SHA-256 thumbprint of its certificate; null over HTTP.</summary>
    internal string? Thumbprint { get; }

    /// <summary>Gets the word that names it on a command line.</summary>
    internal string Word => string.Create(CultureInfo.InvariantCulture, $"wsman:127.0.0.1:{Address.Port}");

    /// <summary>Starts it.</summary>
    /// <param name="options">Its options, as its own help says.</param>
    internal static async Task<StandInProcess> StartAsync(params string[] options)
    {
        // artifacts/bin/PROJECT/CONFIGURATION
        DirectoryInfo here = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        string program = Path.Combine(
            here.Parent!.Parent!.FullName,
            "NestVirt.StandIn",
            here.Name,
            "NestVirt.StandIn.dll"
        );
        Process process = Process.Start(
            new ProcessStartInfo("dotnet", [program, .. options]) { RedirectStandardOutput = true }
        )!;
        Uri address = new((await process.StandardOutput.ReadLineAsync())!);
        return new StandInProcess(
            process,
            address,
            address.Scheme == Uri.UriSchemeHttps ? await process.StandardOutput.ReadLineAsync() : null
        );
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
