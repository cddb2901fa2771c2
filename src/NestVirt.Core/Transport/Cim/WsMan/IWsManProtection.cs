namespace NestVirt.Transport.Cim.WsMan;

/// <summary>What encrypts the messages of one proven connection, each once and in their order.</summary>
internal interface IWsManProtection
{
    /// <summary>Encrypts a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="tokenLength">How many bytes at the start are not the message's but what protects it.</param>
    /// <returns>The token and the encrypted message.</returns>
    byte[] Seal(ReadOnlySpan<byte> message, out int tokenLength);

    /// <summary>Decrypts a message and checks who sealed it.</summary>
    /// <param name="wrapped">The token and the encrypted message.</param>
    /// <returns>The message; null where it is not one that the host sealed next.</returns>
    byte[]? Unseal(ReadOnlySpan<byte> wrapped);
}
