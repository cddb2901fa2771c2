using NestVirt.Core.Tests.Transport.Cim.WsMan.Server;
using NestVirt.StandIn.Authentication;

namespace NestVirt.StandIn.Tests.Client;

/// <summary>NTLM over HTTP, whose messages it seals (MS-WSMV 2.2.9.1), as a host of Windows has it by default.</summary>
/// <param name="user">The user.</param>
/// <param name="password">The password.</param>
internal sealed class NtlmAuthentication(string user, string password) : IStandInAuthentication
{
    /// <inheritdoc/>
    public IStandInLogOn Connect(StandInConnection connection) => new LogOn(user, password);

    private sealed class LogOn(string user, string password) : IStandInLogOn
    {
        private const string Scheme = "Negotiate ";
        private const string SoapType = "application/soap+xml;charset=UTF-8";

        private readonly NtlmServer _server = new(user, string.Empty, password);
        private NtlmSession? _session;

        public StandInDecision Receive(string? authorization, StandInBody body)
        {
            if (authorization?.StartsWith(Scheme, StringComparison.Ordinal) == true)
            {
                return Accept(Convert.FromBase64String(authorization[Scheme.Length..]));
            }

            return _session is null
                ? StandInDecision.Challenge("Negotiate")
                : StandInDecision.Accept(
                    user,
                    new StandInBody(SoapType, EncryptedBody.Open(body.Bytes.ToArray(), _session))
                );
        }

        public StandInBody Send(StandInBody body) =>
            _session is null || body.Bytes.IsEmpty
                ? body
                : new StandInBody(EncryptedBody.ContentType, EncryptedBody.Make(body.Bytes.ToArray(), _session));

        private StandInDecision Accept(byte[] token)
        {
            try
            {
                if (_server.Accept(token) is { } challenge)
                {
                    return StandInDecision.Challenge(Scheme + Convert.ToBase64String(challenge));
                }
            }
            catch (NtlmRefusedException)
            {
                return StandInDecision.Challenge("Negotiate");
            }

            _session = new NtlmSession(_server.SessionKey!, isServer: true);
            return StandInDecision.Accept(user, new StandInBody(string.Empty, default));
        }
    }
}
