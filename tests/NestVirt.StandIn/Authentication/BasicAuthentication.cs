using System.Text;

namespace NestVirt.StandIn.Authentication;

/// <summary>
/// Basic (RFC 7617), over HTTPS alone: the service's default AllowUnencrypted=false refuses it over HTTP, whatever the
/// password.
/// </summary>
/// <param name="user">The user.</param>
/// <param name="password">The password.</param>
public sealed class BasicAuthentication(string user, string password) : IStandInAuthentication
{
    /// <inheritdoc/>
    public IStandInLogOn Connect(StandInConnection connection) => new LogOn(connection.IsHttps, user, password);

    private sealed class LogOn(bool isHttps, string user, string password) : IStandInLogOn
    {
        private const string Challenge = "Basic realm=\"WSMAN\"";

        public StandInDecision Receive(string? authorization, StandInBody body)
        {
            string expected = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
            return !isHttps ? StandInDecision.Challenge()
                : authorization == expected ? StandInDecision.Accept(user, body)
                : StandInDecision.Challenge(Challenge);
        }

        public StandInBody Send(StandInBody body) => body;
    }
}
