using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication.ExtendedProtection;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>One connection of TCP, with TLS or without, that carries requests one after the other. It is never replaced silently.</summary>
/// <remarks>NTLM proves who asks for a connection, and its keys are those of the connection too.</remarks>
internal sealed class WsManHttpConnection : IDisposable
{
    private const int ReadSize = 16 << 10;

    private readonly WsManStream _stream;
    private readonly HttpMessageInvoker _client;
    private readonly Uri _address;
    private int _isTaken;

    private WsManHttpConnection(Uri address, WsManStream stream)
    {
        (_address, _stream) = (address, stream);
        _client = new HttpMessageInvoker(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                UseCookies = false,
                AutomaticDecompression = DecompressionMethods.None,
                MaxConnectionsPerServer = 1,
                PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
                PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
                ActivityHeadersPropagator = null,
                ConnectCallback = (_, _) => ValueTask.FromResult(TakeStream()),
            }
        );
    }

    /// <summary>Gets what ties a login to the TLS connection; null over HTTP.</summary>
    internal ChannelBinding? Binding => _stream.Binding;

    /// <summary>Connects.</summary>
    /// <param name="options">The host.</param>
    /// <param name="cancellationToken">Stops connecting.</param>
    /// <returns>The connection.</returns>
    /// <exception cref="NestVirtException">The host cannot be reached, or is not the one that is trusted.</exception>
    internal static async Task<WsManHttpConnection> OpenAsync(
        WsManConnectionOptions options,
        CancellationToken cancellationToken
    )
    {
        Uri address = options.ToAddress();
        WsManStream stream = await WsManStream.OpenAsync(options, cancellationToken).ConfigureAwait(false);
        return new WsManHttpConnection(address, stream);
    }

    /// <summary>Sends a request, once, and reads its answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="timeout">How long the answer may take.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The answer; null where the connection had ended before, and nothing was sent.</returns>
    /// <exception cref="NestVirtException">There is no whole answer.</exception>
    internal async Task<WsManHttpAnswer?> PostAsync(
        WsManHttpRequest request,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        using HttpRequestMessage message = request.ToMessage(_address);
        try
        {
            using HttpResponseMessage response = await _client.SendAsync(message, limit.Token).ConfigureAwait(false);
            return new WsManHttpAnswer(
                (int)response.StatusCode,
                TypeOf(response.Content.Headers),
                [.. response.Headers.WwwAuthenticate],
                await ReadAsync(response.Content, request.IsMessage, limit.Token).ConfigureAwait(false)
            );
        }
        catch (HttpRequestException error) when (error.InnerException is ConnectionEndedException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw WsManHttpFailure.NoAnswer(timeout, request.IsMessage);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw WsManHttpFailure.Of(error, request.IsMessage);
        }
    }

    /// <summary>Ends the connection.</summary>
    public void Dispose()
    {
        _client.Dispose();
        _stream.Dispose();
    }

    private static string? TypeOf(HttpContentHeaders headers) =>
        headers.NonValidated.TryGetValues("Content-Type", out HeaderStringValues types) ? types.ToString() : null;

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(
        HttpContent content,
        bool isMessage,
        CancellationToken cancellationToken
    )
    {
        if (content.Headers.ContentLength > WsManDocument.MostBytes)
        {
            throw WsManHttpFailure.TooLong(WsManDocument.MostBytes, isMessage);
        }

        using Stream stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using MemoryStream body = new();
        byte[] part = new byte[ReadSize];
        while (await stream.ReadAsync(part, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            if (body.Length + count > WsManDocument.MostBytes)
            {
                throw WsManHttpFailure.TooLong(WsManDocument.MostBytes, isMessage);
            }

            body.Write(part, 0, count);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    // The handler asks for another connection when the first has ended; it would not be proven.
    private Stream TakeStream() =>
        Interlocked.Exchange(ref _isTaken, 1) == 0 ? _stream.Stream : throw new ConnectionEndedException();

    private sealed class ConnectionEndedException : IOException;
}
