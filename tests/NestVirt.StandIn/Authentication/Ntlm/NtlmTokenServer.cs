namespace NestVirt.StandIn.Authentication.Ntlm;

/// <summary>NTLM's own tokens, as hosts take them under Negotiate.</summary>
/// <param name="server">The server of NTLM.</param>
internal sealed class NtlmTokenServer(NtlmServer server) : ITokenServer
{
    private NtlmSession? _session;

    /// <inheritdoc/>
    public string? User => _session is null ? null : server.Account;

    /// <inheritdoc/>
    public IMessageSeal Seal => _session!;

    /// <inheritdoc/>
    public bool TryAccept(byte[] token, out byte[]? answer)
    {
        answer = null;
        try
        {
            answer = server.Accept(token);
        }
        catch (NtlmRefusedException)
        {
            return false;
        }

        if (server.SessionKey is { } key)
        {
            _session = new NtlmSession(key, isServer: true);
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _session = null;
}
