namespace NestVirt.StandIn.Authentication;

/// <summary>The server's side of a log-on by tokens.</summary>
internal interface ITokenServer : IDisposable
{
    /// <summary>Gets who the client is; null as long as that is not proven.</summary>
    string? User { get; }

    /// <summary>Gets what seals messages, once the client is known.</summary>
    IMessageSeal Seal { get; }

    /// <summary>Takes a token.</summary>
    /// <param name="token">The client's token.</param>
    /// <param name="answer">The server's next token; null where it has none.</param>
    /// <returns>False where the client is refused.</returns>
    bool TryAccept(byte[] token, out byte[]? answer);
}
