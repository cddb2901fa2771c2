namespace NestVirt.StandIn.Authentication;

/// <summary>What seals the messages of one connection, each once and in their order.</summary>
internal interface IMessageSeal
{
    /// <summary>Encrypts a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="tokenLength">How many bytes at the start are not the message's but what protects it.</param>
    byte[] Seal(ReadOnlySpan<byte> message, out int tokenLength);

    /// <summary>Decrypts a message.</summary>
    /// <param name="wrapped">The token and the encrypted message.</param>
    /// <param name="tokenLength">How long the client says that the token is.</param>
    /// <returns>The message; null where it is not what the client sealed next.</returns>
    byte[]? Unseal(ReadOnlySpan<byte> wrapped, int tokenLength);
}
