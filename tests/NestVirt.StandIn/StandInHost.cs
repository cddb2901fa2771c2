using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn;

/// <summary>A stand-in for a Windows host with Hyper-V, reached by WS-Management on the loopback address.</summary>
/// <example>
/// <code>
/// var machine = new HyperVMachine();
/// machine.AddVM("lab");
/// await using StandInHost host = await StandInHost.StartAsync(machine);
/// </code>
/// </example>
public sealed class StandInHost : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentQueue<StandInRequest> _requests = new();
    private int _lastNumber;

    private StandInHost(WebApplication application, HyperVMachine machine, StandInOptions options)
    {
        _application = application;
        Machine = machine;
        Options = options;
    }

    /// <summary>Gets the host that it stands in for.</summary>
    public HyperVMachine Machine { get; }

    /// <summary>Gets how it behaves.</summary>
    public StandInOptions Options { get; }

    /// <summary>Gets the address of the service.</summary>
    public Uri Address => new(ServerAddress, "/wsman");

    /// <summary>Gets the port.</summary>
    public int Port => ServerAddress.Port;

    /// <summary>Gets the requests that came so far, in their order.</summary>
    public IReadOnlyCollection<StandInRequest> Requests => _requests;

    private Uri ServerAddress =>
        new(
            _application
                .Services.GetRequiredService<IServer>()
                .Features.GetRequiredFeature<IServerAddressesFeature>()
                .Addresses.First()
        );

    /// <summary>Starts it.</summary>
    /// <param name="machine">The host that it stands in for.</param>
    /// <param name="options">How it behaves.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<StandInHost> StartAsync(
        HyperVMachine machine,
        StandInOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        options ??= new StandInOptions();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(
                IPAddress.Loopback,
                options.Port,
                listen =>
                {
                    // WinRM speaks HTTP/1.1 alone; NTLM is bound to its connections.
                    listen.Protocols = HttpProtocols.Http1;
                    if (options.Certificate is not null)
                    {
                        listen.UseHttps(options.Certificate);
                    }
                }
            )
        );
        WebApplication application = builder.Build();
        var host = new StandInHost(application, machine, options);
        var endpoint = new WsManEndpoint(host);
        application.Run(endpoint.HandleAsync);
        await application.StartAsync(cancellationToken).ConfigureAwait(false);
        return host;
    }

    /// <summary>Runs until it is told to stop.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    public Task WaitAsync(CancellationToken cancellationToken) => _application.WaitForShutdownAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    internal int NextNumber() => Interlocked.Increment(ref _lastNumber);

    internal void Record(StandInRequest request) => _requests.Enqueue(request);
}
