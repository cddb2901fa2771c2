using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using NestVirt.StandIn.Authentication;
using NestVirt.StandIn.Authentication.Ntlm;

namespace NestVirt.Core.Tests.Transport.Cim.WsMan.Server;

/// <summary>What a host does with one request.</summary>
internal enum HostDeed
{
    /// <summary>What it should.</summary>
    Answer,

    /// <summary>Ends the connection instead.</summary>
    Drop,

    /// <summary>Ends it in the middle of the answer.</summary>
    DropHalf,

    /// <summary>Says nothing more.</summary>
    Stall,

    /// <summary>Answers, and says nothing of the body.</summary>
    StallHalf,

    /// <summary>Answers 401, as if it had forgotten who asks.</summary>
    Forget,

    /// <summary>Answers 403.</summary>
    Forbid,

    /// <summary>Answers without encryption.</summary>
    AnswerPlain,

    /// <summary>Answers with one bit of the encrypted message changed.</summary>
    Alter,

    /// <summary>Answers, and ends the connection after that, as servers do with idle ones.</summary>
    AnswerAndClose,
}

/// <summary>A host that takes NTLM under Negotiate, or Basic, and answers messages, as Windows Remote Management does.</summary>
internal sealed class WsManHost : IAsyncDisposable
{
    public const string User = "nestadmin";
    public const string Domain = "LAB";
    public const string Password = "Grüße, 42!";

    private readonly LoopbackServer _server;
    private readonly X509Certificate2? _certificate;

    public WsManHost(X509Certificate2? certificate = null)
    {
        _certificate = certificate;
        _server = new LoopbackServer(ServeAsync, certificate);
    }

    public int Port => _server.Port;

    public int Connections => _server.Connections;

    /// <summary>Gets what is released once for each connection that the host has ended.</summary>
    public SemaphoreSlim Ended => _server.Ended;

    /// <summary>Gets every request, in the order in which they came.</summary>
    public List<LoopbackRequest> Requests { get; } = [];

    /// <summary>Gets every message, decrypted.</summary>
    public List<string> Messages { get; } = [];

    /// <summary>Gets the reasons for which logins were refused.</summary>
    public List<string> Refusals { get; } = [];

    /// <summary>Gets or sets what is done with each request, by its number from 0.</summary>
    public Func<int, HostDeed> Deed { get; set; } = static _ => HostDeed.Answer;

    /// <summary>Gets or sets the answer to a message.</summary>
    public Func<string, string> Reply { get; set; } = static message => $"<answer>{message}</answer>";

    /// <summary>Gets or sets the status of answers.</summary>
    public int Status { get; set; } = 200;

    /// <summary>Gets or sets the type of answers that are not encrypted.</summary>
    public string ContentType { get; set; } = "application/soap+xml;charset=UTF-8";

    /// <summary>Gets or sets the ways to log in that are named.</summary>
    public string[] Offers { get; set; } = ["Negotiate", "Kerberos"];

    /// <summary>Gets or sets the account's password.</summary>
    public string ExpectedPassword { get; set; } = Password;

    /// <summary>Gets or sets the account's domain.</summary>
    public string ExpectedDomain { get; set; } = Domain;

    /// <summary>Gets or sets what logins have to be bound to; null for the certificate, if there is one.</summary>
    public byte[]? Binding { get; set; }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(LoopbackConnection connection)
    {
        NtlmServer login = new(User, ExpectedDomain, ExpectedPassword) { Binding = Binding ?? BindingOf(_certificate) };
        NtlmSession? session = null;
        while (await connection.ReadAsync() is { } request)
        {
            HostDeed deed;
            lock (Requests)
            {
                deed = Deed(Requests.Count);
                Requests.Add(request);
            }

            (int status, List<string> headers, byte[] body) = AnswerTo(request, login, ref session, deed);
            switch (deed)
            {
                case HostDeed.Drop:
                    return;
                case HostDeed.Stall:
                    await Task.Delay(Timeout.Infinite, connection.Stop);
                    return;
                case HostDeed.DropHalf:
                    await connection.WriteAsync(LoopbackConnection.HeadOf(status, headers, body.Length + 1));
                    await connection.WriteAsync(body);
                    return;
                case HostDeed.StallHalf:
                    await connection.WriteAsync(LoopbackConnection.HeadOf(status, headers, body.Length + 1));
                    await Task.Delay(Timeout.Infinite, connection.Stop);
                    return;
                default:
                    await connection.WriteAsync(status, headers, body);
                    break;
            }

            if (deed == HostDeed.AnswerAndClose)
            {
                return;
            }
        }
    }

    private (int Status, List<string> Headers, byte[] Body) AnswerTo(
        LoopbackRequest request,
        NtlmServer login,
        ref NtlmSession? session,
        HostDeed deed
    )
    {
        string[] authorization = request.Authorization?.Split(' ', 2) ?? [];
        if (deed == HostDeed.Forbid)
        {
            return (403, [], []);
        }

        if (deed == HostDeed.Forget)
        {
            return Refuse();
        }

        if (authorization is ["Basic", var pair])
        {
            byte[] expected = Encoding.UTF8.GetBytes($"{ExpectedDomain}\\{User}:{ExpectedPassword}");
            return Convert.FromBase64String(pair).AsSpan().SequenceEqual(expected) && Offers.Contains("Basic")
                ? Answer(request, null, deed)
                : Refuse();
        }

        if (authorization is ["Negotiate", var token] && Offers.Contains("Negotiate"))
        {
            try
            {
                if (login.Accept(Convert.FromBase64String(token)) is { } challenge)
                {
                    return (401, [$"WWW-Authenticate: Negotiate {Convert.ToBase64String(challenge)}"], []);
                }
            }
            catch (NtlmRefusedException refusal)
            {
                Refusals.Add(refusal.Message);
                return Refuse();
            }

            session = new NtlmSession(login.SessionKey!, isServer: true);
            return request.Body.Length == 0 ? (200, [], []) : Answer(request, session, deed);
        }

        return session is null ? Refuse() : Answer(request, session, deed);
    }

    private (int Status, List<string> Headers, byte[] Body) Refuse() =>
        (401, [.. Offers.Select(static offer => $"WWW-Authenticate: {offer}")], []);

    private (int Status, List<string> Headers, byte[] Body) Answer(
        LoopbackRequest request,
        NtlmSession? session,
        HostDeed deed
    )
    {
        bool isEncrypted = _certificate is null;
        StandInBody given = new(request.ContentType ?? string.Empty, request.Body);
        StandInBody message = isEncrypted
            ? EncryptedBody.Open(given, session!) ?? throw new IOException("not sealed by the client")
            : given;
        string text = Encoding.UTF8.GetString(message.Bytes.Span);
        Messages.Add(text);
        byte[] reply = Encoding.UTF8.GetBytes(Reply(text));
        if (!isEncrypted || deed == HostDeed.AnswerPlain)
        {
            return (Status, [$"Content-Type: {ContentType}"], reply);
        }

        StandInBody answer = EncryptedBody.Make(new StandInBody("application/soap+xml;charset=UTF-8", reply), session!);
        byte[] body = answer.Bytes.ToArray();
        if (deed == HostDeed.Alter)
        {
            body[^30] ^= 1;
        }

        return (Status, [$"Content-Type: {answer.ContentType}"], body);
    }

    private static byte[]? BindingOf(X509Certificate2? certificate) =>
        certificate is null
            ? null
            : [.. "tls-server-end-point:"u8, .. certificate.GetCertHash(HashAlgorithmName.SHA256)];
}
