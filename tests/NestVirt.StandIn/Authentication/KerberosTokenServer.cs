using System.Buffers;
using System.Net.Security;

namespace NestVirt.StandIn.Authentication;

/// <summary>Tokens of Kerberos, bare or within those of SPNEGO, taken by .NET and the library of the system.</summary>
internal sealed class KerberosTokenServer : ITokenServer, IMessageSeal
{
    private readonly NegotiateAuthentication _server;

    /// <summary>Initializes a new instance of the <see cref="KerberosTokenServer"/> class.</summary>
    /// <param name="isBare">True for the tokens of Kerberos itself, false for those of SPNEGO.</param>
    /// <param name="seals">True if the client has to encrypt.</param>
    public KerberosTokenServer(bool isBare, bool seals) =>
        _server = new NegotiateAuthentication(
            new NegotiateAuthenticationServerOptions
            {
                Package = isBare ? "Kerberos" : "Negotiate",
                RequiredProtectionLevel = seals ? ProtectionLevel.EncryptAndSign : ProtectionLevel.None,
            }
        );

    /// <inheritdoc/>
    public string? User => _server.IsAuthenticated ? _server.RemoteIdentity.Name : null;

    IMessageSeal ITokenServer.Seal => this;

    /// <inheritdoc/>
    public bool TryAccept(byte[] token, out byte[]? answer)
    {
        answer = _server.GetOutgoingBlob(token, out NegotiateAuthenticationStatusCode status);
        return status
            is NegotiateAuthenticationStatusCode.Completed
                or NegotiateAuthenticationStatusCode.ContinueNeeded;
    }

    /// <inheritdoc/>
    public byte[] Seal(ReadOnlySpan<byte> message, out int tokenLength)
    {
        ArrayBufferWriter<byte> wrapped = new();
        _server.Wrap(message, wrapped, requestEncryption: true, out _);
        tokenLength = wrapped.WrittenCount - message.Length;
        return wrapped.WrittenSpan.ToArray();
    }

    /// <inheritdoc/>
    public byte[]? Unseal(ReadOnlySpan<byte> wrapped, int tokenLength)
    {
        ArrayBufferWriter<byte> message = new();
        NegotiateAuthenticationStatusCode status = _server.Unwrap(wrapped, message, out bool wasEncrypted);
        return
            status == NegotiateAuthenticationStatusCode.Completed
            && wasEncrypted
            && tokenLength == wrapped.Length - message.WrittenCount
            ? message.WrittenSpan.ToArray()
            : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _server.Dispose();
}
