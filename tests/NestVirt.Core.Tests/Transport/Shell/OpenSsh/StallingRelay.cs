using System.Net;
using System.Net.Sockets;

namespace NestVirt.Core.Tests.Transport.Shell.OpenSsh;

/// <summary>Stands before a real sshd, and stops to pass on what it says after so many bytes.</summary>
internal sealed class StallingRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _serverPort;
    private readonly int _limit;
    private int _passed;

    /// <summary>Initializes a new instance of the <see cref="StallingRelay"/> class.</summary>
    /// <param name="serverPort">The port of the sshd.</param>
    /// <param name="limit">How many bytes of the server are passed on.</param>
    public StallingRelay(int serverPort, int limit)
    {
        (_serverPort, _limit) = (serverPort, limit);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Gets how many bytes of the server were passed on.</summary>
    public int Passed => _passed;

    /// <summary>Gets when the client closed the connection.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Gets when the limit was reached.</summary>
    public Task Stalled => _stalled.Task;

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        using Socket client = await _listener.AcceptSocketAsync(_stop.Token);
        using Socket server = new(SocketType.Stream, ProtocolType.Tcp);
        await server.ConnectAsync(IPAddress.Loopback, _serverPort);
        Task down = DownAsync(server, client);
        byte[] buffer = new byte[65536];
        try
        {
            int count;
            while ((count = await client.ReceiveAsync(buffer, _stop.Token)) > 0)
            {
                await server.SendAsync(buffer.AsMemory(0, count), _stop.Token);
            }
        }
        catch (SocketException)
        {
            // The client broke the connection off.
        }

        _ended.TrySetResult();
        server.Shutdown(SocketShutdown.Send);
        await down;
    }

    private async Task DownAsync(Socket server, Socket client)
    {
        byte[] buffer = new byte[65536];
        int count;
        while ((count = await server.ReceiveAsync(buffer, _stop.Token)) > 0)
        {
            int allowed = Math.Min(count, _limit - _passed);
            if (allowed > 0)
            {
                await client.SendAsync(buffer.AsMemory(0, allowed), _stop.Token);
                _passed += allowed;
            }

            if (_passed >= _limit)
            {
                _stalled.TrySetResult();
            }
        }
    }
}
