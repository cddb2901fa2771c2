using System.Net;
using System.Net.Sockets;

namespace NestVirt.Core.Tests.Transport.Shell.OpenSsh;

/// <summary>A listening socket on loopback that is no SSH server.</summary>
internal sealed class FakeListener : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _sockets = [];

    /// <summary>Initializes a new instance of the <see cref="FakeListener"/> class.</summary>
    /// <param name="behave">What is done with each connection; it stays open after that until the end.</param>
    public FakeListener(Func<Socket, CancellationToken, Task> behave)
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync(behave);
    }

    public int Port { get; }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        lock (_sockets)
        {
            _sockets.ForEach(static socket => socket.Dispose());
        }
    }

    private async Task AcceptAsync(Func<Socket, CancellationToken, Task> behave)
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket socket = await _listener.AcceptSocketAsync(_stop.Token);
            lock (_sockets)
            {
                _sockets.Add(socket);
            }

            _ = behave(socket, _stop.Token);
        }
    }
}
