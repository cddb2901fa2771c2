namespace NestVirt.StandIn.Authentication;

/// <summary>A log-on by tokens (RFC 4559), which is bound to its connection. Over HTTP it seals the bodies on it.</summary>
/// <param name="isHttps">Whether TLS hides the bodies.</param>
/// <param name="schemes">The schemes of HTTP that are taken.</param>
/// <param name="start">Begins with one of them.</param>
internal sealed class TokenLogOn(bool isHttps, IReadOnlyList<string> schemes, Func<string, ITokenServer> start)
    : IStandInLogOn,
        IDisposable
{
    private ITokenServer? _server;
    private string _scheme = string.Empty;

    /// <inheritdoc/>
    public StandInDecision Receive(string? authorization, StandInBody body) =>
        authorization?.Split(' ', 2) is [var scheme, var token]
            ? schemes.Contains(scheme, StringComparer.OrdinalIgnoreCase)
                ? Accept(scheme, token, body)
                : Refuse()
            : _server?.User is { } user
                ? Take(user, body)
                : Refuse();

    /// <inheritdoc/>
    public StandInBody Send(StandInBody body) =>
        isHttps || _server?.User is null || body.Bytes.IsEmpty
            ? body
            : EncryptedBody.Make(
                body,
                _server.Seal,
                IsKerberos(_scheme) ? EncryptedBody.Kerberos : EncryptedBody.Negotiate
            );

    /// <inheritdoc/>
    public void Dispose() => _server?.Dispose();

    /// <summary>Tells whether a scheme is Kerberos by its own name.</summary>
    internal static bool IsKerberos(string scheme) => scheme.Equals("Kerberos", StringComparison.OrdinalIgnoreCase);

    private StandInDecision Accept(string scheme, string text, StandInBody body)
    {
        // Who is known already, and sends a token, logs on anew.
        if (_server is null or { User: not null } || scheme != _scheme)
        {
            _server?.Dispose();
            (_server, _scheme) = (start(scheme), scheme);
        }

        byte[] token = new byte[text.Length];
        if (
            !Convert.TryFromBase64String(text, token, out int length)
            || !_server.TryAccept(token[..length], out byte[]? answer)
        )
        {
            Dispose();
            _server = null;
            return Refuse();
        }

        string[] headers = answer is null ? [] : [$"{scheme} {Convert.ToBase64String(answer)}"];
        return _server.User is { } user ? Take(user, body, headers) : StandInDecision.Challenge(headers);
    }

    // AllowUnencrypted is false by default; with which status what is not encrypted is refused over HTTP is not recorded.
    private StandInDecision Take(string user, StandInBody body, params string[] headers) =>
        isHttps || body.Bytes.IsEmpty ? StandInDecision.Accept(user, body, headers)
        : !EncryptedBody.Is(body) ? Refuse()
        : EncryptedBody.Open(body, _server!.Seal) is { } opened ? StandInDecision.Accept(user, opened, headers)
        : StandInDecision.Close();

    private StandInDecision Refuse() => StandInDecision.Challenge([.. schemes]);
}
