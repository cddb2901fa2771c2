namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Carries messages of WS-Management to one host and back, over whatever proves who asks and keeps them secret.</summary>
internal interface IWsManChannel : IAsyncDisposable
{
    /// <summary>Gets where messages go, which each of them names.</summary>
    Uri Address { get; }

    /// <summary>Sends one message, once, and waits for its answer. One at a time: the connection is proven, not each message.</summary>
    /// <param name="message">The envelope, as UTF-8.</param>
    /// <param name="timeout">How long the answer may take.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What came back, a fault as well.</returns>
    /// <exception cref="NestVirtException">Nothing came back, or nobody may be sure from whom.</exception>
    Task<WsManReply> SendAsync(ReadOnlyMemory<byte> message, TimeSpan timeout, CancellationToken cancellationToken);
}

/// <summary>What came back for a message.</summary>
/// <param name="StatusCode">The status of HTTP: 200, or 500 for a fault. What 401 says is the channel's to tell.</param>
/// <param name="ContentType">The type of the body, decrypted; null where none was named.</param>
/// <param name="Body">The body, decrypted.</param>
internal sealed record WsManReply(int StatusCode, string? ContentType, ReadOnlyMemory<byte> Body);
