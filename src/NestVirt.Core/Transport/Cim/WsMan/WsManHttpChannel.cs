using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using NestVirt.Hosts;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Carries messages over HTTP or HTTPS: logs in, encrypts over HTTP, and logs in once more where the host forgot us.</summary>
internal sealed class WsManHttpChannel : IWsManChannel
{
    // NTLM takes two steps, Kerberos one or two.
    private const int MostSteps = 6;

    private readonly WsManConnectionOptions _options;
    private readonly WsManLoginMethod _method;

    // Kept, so that nobody is logged in as somebody else once the password was cleared.
    private readonly bool _hasPassword;
    private WsManHttpConnection? _connection;
    private WsManNegotiation? _negotiation;

    /// <summary>Initializes a new instance of the <see cref="WsManHttpChannel"/> class. Nothing is connected yet.</summary>
    /// <param name="options">The host and how to log in.</param>
    /// <exception cref="NestVirtException">It cannot be reached like that.</exception>
    internal WsManHttpChannel(WsManConnectionOptions options)
    {
        _options = options;
        _method = WsManLoginChoice.Choose(options);
        _hasPassword = options.Credential is { HasPassword: true };
        Address = options.ToAddress();
    }

    /// <inheritdoc/>
    public Uri Address { get; }

    /// <inheritdoc/>
    public async Task<WsManReply> SendAsync(
        ReadOnlyMemory<byte> message,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        bool isKept = false;
        try
        {
            WsManHttpAnswer? answer = _connection is { } proven
                ? await SendProvenAsync(proven, message, timeout, cancellationToken).ConfigureAwait(false)
                : null;

            // A host carries out nothing of what it answers with 401, and nothing was sent where the connection had ended.
            if (answer is null or { IsLogin: true })
            {
                Close();
                answer = await LogInAndSendAsync(message, timeout, cancellationToken).ConfigureAwait(false);
            }

            WsManReply reply = ToReply(answer);
            isKept = true;
            return reply;
        }
        finally
        {
            // Neither the order of answers nor that of the keys is known any more.
            if (!isKept)
            {
                Close();
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    private async Task<WsManHttpAnswer> LogInAndSendAsync(
        ReadOnlyMemory<byte> message,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        WsManHttpConnection connection = await WsManHttpConnection
            .OpenAsync(_options, cancellationToken)
            .ConfigureAwait(false);
        _connection = connection;
        WsManHttpAnswer? answer = null;
        if (_method != WsManLoginMethod.Basic)
        {
            _negotiation = new WsManNegotiation(_method, _options, _hasPassword, connection.Binding);
            answer = await NegotiateAsync(connection, _negotiation, message, timeout, cancellationToken)
                .ConfigureAwait(false);
        }

        return answer
            ?? await SendProvenAsync(connection, message, timeout, cancellationToken).ConfigureAwait(false)
            ?? throw WsManHttpFailure.EndedInLogin();
    }

    // Returns the answer to the message where the last step of the login carried it, which only TLS may hide. So the message is
    // let in with that step, also where a host proves each request and not the connection: that Windows never does is unproven.
    private async Task<WsManHttpAnswer?> NegotiateAsync(
        WsManHttpConnection connection,
        WsManNegotiation negotiation,
        ReadOnlyMemory<byte> message,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        // The first token goes with the first request: OMI does not answer one without, and Windows takes it too.
        byte[] incoming = [];
        for (int step = 0; step < MostSteps; step++)
        {
            byte[] token = negotiation.Next(incoming) ?? [];
            WsManHttpRequest request = new(
                _options.UseSsl && negotiation.MayBeLast ? message : default,
                WsManHttpRequest.Soap,
                new AuthenticationHeaderValue(negotiation.Scheme, Convert.ToBase64String(token))
            );
            WsManHttpAnswer answer =
                await connection
                    .PostAsync(request, request.IsMessage ? timeout : _options.ConnectTimeout, cancellationToken)
                    .ConfigureAwait(false)
                ?? throw WsManHttpFailure.EndedInLogin();
            if (!answer.IsLogin)
            {
                CheckLoggedIn(answer, negotiation);
                return request.IsMessage ? answer : null;
            }

            incoming = negotiation.IsComplete
                ? throw WsManLoginFailure.Refused(answer, _method, _hasPassword)
                : answer.TokenOf(negotiation.Scheme) ?? throw WsManLoginFailure.Refused(answer, _method, _hasPassword);
        }

        throw WsManLoginFailure.Failed("The host asks for more and more steps of the login.", null);
    }

    private static void CheckLoggedIn(WsManHttpAnswer answer, WsManNegotiation negotiation)
    {
        if (answer.StatusCode == 403)
        {
            throw WsManLoginFailure.Forbidden();
        }

        if (!negotiation.IsComplete && answer.TokenOf(negotiation.Scheme) is { } last)
        {
            negotiation.Next(last);
        }

        if (!negotiation.IsComplete)
        {
            throw WsManLoginFailure.NotWsMan(answer);
        }

        negotiation.ForgetPassword();
    }

    private async Task<WsManHttpAnswer?> SendProvenAsync(
        WsManHttpConnection connection,
        ReadOnlyMemory<byte> message,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        WsManHttpRequest request =
            _negotiation is { } negotiation && !_options.UseSsl
                ? new(WsManEncryption.Write(message.Span, negotiation), WsManEncryption.ContentType, null)
                : new(message, WsManHttpRequest.Soap, _method == WsManLoginMethod.Basic ? ToBasic() : null);
        return await connection.PostAsync(request, timeout, cancellationToken).ConfigureAwait(false);
    }

    private WsManReply ToReply(WsManHttpAnswer answer)
    {
        if (answer.IsLogin)
        {
            throw WsManLoginFailure.Refused(answer, _method, _hasPassword);
        }

        if (answer.StatusCode == 403)
        {
            throw WsManLoginFailure.Forbidden();
        }

        if (_options.UseSsl || answer.Body.IsEmpty)
        {
            return new WsManReply(answer.StatusCode, answer.ContentType, answer.Body);
        }

        if (_negotiation is not { } negotiation || !WsManEncryption.IsEncrypted(answer.ContentType))
        {
            throw WsManLoginFailure.NotEncrypted(answer);
        }

        (string contentType, byte[] body) = WsManEncryption.Read(answer.ContentType!, answer.Body.Span, negotiation);
        return new WsManReply(answer.StatusCode, contentType, body);
    }

    // RFC 7617: the user name ends at the first colon.
    private AuthenticationHeaderValue ToBasic()
    {
        HostCredential credential = _options.Credential!;
        WsManUserName name = WsManUserName.Read(_options.Account);
        if (_options.Account!.Contains(':', StringComparison.Ordinal))
        {
            throw WsManLoginFailure.Failed("Basic authentication takes no user name with a colon in it.", null);
        }

        byte[] password = credential.CopyPassword() ?? throw WsManLoginFailure.PasswordCleared();
        string user = name.Domain.Length == 0 ? name.User : $"{name.Domain}\\{name.User}";
        byte[] both = [.. Encoding.UTF8.GetBytes($"{user}:"), .. password];
        string text = Convert.ToBase64String(both);
        CryptographicOperations.ZeroMemory(both);
        CryptographicOperations.ZeroMemory(password);
        return new AuthenticationHeaderValue("Basic", text);
    }

    private void Close()
    {
        _connection?.Dispose();
        _negotiation?.Dispose();
        (_connection, _negotiation) = (null, null);
    }
}
