using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace NestVirt.Core.Tests.Transport.Cim.WsMan.Server;

/// <summary>Listens on loopback and gives each connection, with TLS around it or without, to what serves it.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<LoopbackConnection, Task> _serve;
    private readonly X509Certificate2? _certificate;
    private readonly Task _accepting;
    private readonly List<Task> _serving = [];

    /// <summary>Initializes a new instance of the <see cref="LoopbackServer"/> class.</summary>
    /// <param name="serve">Serves one connection.</param>
    /// <param name="certificate">The certificate for TLS; null for none.</param>
    public LoopbackServer(Func<LoopbackConnection, Task> serve, X509Certificate2? certificate = null)
    {
        (_serve, _certificate) = (serve, certificate);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Gets how many connections were made.</summary>
    public int Connections { get; private set; }

    /// <summary>Gets what is released once for each connection that the server has ended.</summary>
    public SemaphoreSlim Ended { get; } = new(0);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        await Task.WhenAll(_serving);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync(_stop.Token);
                Connections++;
                _serving.Add(ServeToTheEndAsync(socket));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ServeToTheEndAsync(Socket socket)
    {
        await ServeAsync(socket);
        Ended.Release();
    }

    private async Task ServeAsync(Socket socket)
    {
        await using NetworkStream network = new(socket, ownsSocket: true);
        try
        {
            if (_certificate is null)
            {
                await _serve(new LoopbackConnection(network, _stop.Token));
                return;
            }

            await using SslStream secure = new(network);
            await secure.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = _certificate },
                _stop.Token
            );
            await _serve(new LoopbackConnection(secure, _stop.Token));
        }
        catch (Exception error)
            when (error
                    is IOException
                        or OperationCanceledException
                        or AuthenticationException
                        or ObjectDisposedException
            )
        {
            // The client went away, or the test is over.
        }
    }
}
