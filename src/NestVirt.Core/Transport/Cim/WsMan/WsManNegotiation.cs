using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Security;
using System.Security.Authentication.ExtendedProtection;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Our side of a login by NTLM or Kerberos over one connection, and what encrypts its messages afterwards.</summary>
internal sealed class WsManNegotiation : IWsManProtection, IDisposable
{
    private readonly NetworkCredential? _credential;
    private readonly NegotiateAuthentication _authentication;
    private readonly string _target;
    private readonly bool _isKerberos;
    private NegotiateAuthenticationStatusCode _status = NegotiateAuthenticationStatusCode.ContinueNeeded;

    // For programs that log in nowhere else; the others have called it already.
    static WsManNegotiation() => ManagedNtlm.Use();

    /// <summary>Initializes a new instance of the <see cref="WsManNegotiation"/> class.</summary>
    /// <param name="method">NTLM or Kerberos.</param>
    /// <param name="options">The host and the credential.</param>
    /// <param name="usesPassword">True for the credential, false for the user's ticket.</param>
    /// <param name="binding">What ties the login to the TLS connection; null over HTTP.</param>
    /// <exception cref="NestVirtException">The credential was cleared.</exception>
    internal WsManNegotiation(
        WsManLoginMethod method,
        WsManConnectionOptions options,
        bool usesPassword,
        ChannelBinding? binding
    )
    {
        _isKerberos = method == WsManLoginMethod.Kerberos;
        _target = $"HTTP/{options.Host}";
        _credential = usesPassword ? options.ToNetworkCredential() : null;
        _authentication = new NegotiateAuthentication(
            new NegotiateAuthenticationClientOptions
            {
                Package = _isKerberos ? "Kerberos" : "NTLM",
                Credential = _credential ?? CredentialCache.DefaultNetworkCredentials,
                TargetName = _target,
                Binding = binding,
                RequiredProtectionLevel = options.UseSsl ? ProtectionLevel.None : ProtectionLevel.EncryptAndSign,
            }
        );

        // Hosts take NTLM's own tokens under Negotiate (RFC 4559, 4.1; OMI, and Windows by python3-winrm). That Windows takes
        // those of Kerberos from here under its own name, which it offers, is unproven.
        Scheme = _isKerberos ? "Kerberos" : "Negotiate";
    }

    /// <summary>Gets the scheme of HTTP.</summary>
    internal string Scheme { get; }

    /// <summary>Gets a value indicating whether the login is complete on our side.</summary>
    internal bool IsComplete => _authentication.IsAuthenticated;

    /// <summary>Gets a value indicating whether the host may let us in with the last token.</summary>
    internal bool MayBeLast => _isKerberos || _status == NegotiateAuthenticationStatusCode.Completed;

    /// <summary>Makes the next token.</summary>
    /// <param name="incoming">The host's token; empty for the first.</param>
    /// <returns>The token; null where there is nothing more to say.</returns>
    /// <exception cref="NestVirtException">There is nothing to log in with, or the host's token is not one.</exception>
    internal byte[]? Next(ReadOnlySpan<byte> incoming)
    {
        byte[]? token;
        try
        {
            token = _authentication.GetOutgoingBlob(incoming, out _status);
        }
        catch (Exception error) when (IsOfDamagedToken(error))
        {
            throw WsManLoginFailure.Failed("What the host sent in answer to the login is no token.", null);
        }

        return
            _status is NegotiateAuthenticationStatusCode.Completed or NegotiateAuthenticationStatusCode.ContinueNeeded
            ? token
            : throw WsManLoginFailure.OfStatus(
                _status,
                _isKerberos,
                _credential is not null,
                _target,
                incoming.IsEmpty
            );
    }

    /// <summary>Clears the password. The login is complete, and needs it no more.</summary>
    internal void ForgetPassword()
    {
        if (_credential is not null)
        {
            _credential.SecurePassword = new SecureString();
        }
    }

    /// <inheritdoc/>
    public byte[] Seal(ReadOnlySpan<byte> message, out int tokenLength)
    {
        ArrayBufferWriter<byte> wrapped = new(message.Length + 64);
        NegotiateAuthenticationStatusCode status = _authentication.Wrap(message, wrapped, true, out bool isEncrypted);
        if (status != NegotiateAuthenticationStatusCode.Completed || !isEncrypted)
        {
            throw new NestVirtException(
                NestVirtErrorKind.HostAuthenticationFailed,
                $"The login to the host does not encrypt messages ({status}), so none is sent."
            )
            {
                Remedy = "Use HTTPS.",
            };
        }

        tokenLength = wrapped.WrittenCount - message.Length;
        return wrapped.WrittenSpan.ToArray();
    }

    /// <inheritdoc/>
    public byte[]? Unseal(ReadOnlySpan<byte> wrapped)
    {
        ArrayBufferWriter<byte> message = new(Math.Max(wrapped.Length, 1));
        try
        {
            NegotiateAuthenticationStatusCode status = _authentication.Unwrap(wrapped, message, out bool wasEncrypted);
            return status == NegotiateAuthenticationStatusCode.Completed && wasEncrypted
                ? message.WrittenSpan.ToArray()
                : null;
        }
        catch (Exception error) when (IsOfDamagedToken(error))
        {
            return null;
        }
    }

    /// <summary>Forgets the password and the keys.</summary>
    public void Dispose()
    {
        ForgetPassword();
        _authentication.Dispose();
    }

    // The NTLM of .NET 10 reads lengths and places of a token before it looks whether they are within it.
    private static bool IsOfDamagedToken(Exception error) =>
        error is ArgumentException or IndexOutOfRangeException or OverflowException or InvalidOperationException;
}
