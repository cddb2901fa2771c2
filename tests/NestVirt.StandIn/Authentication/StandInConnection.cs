using System.Security.Cryptography.X509Certificates;

namespace NestVirt.StandIn.Authentication;

/// <summary>A connection.</summary>
/// <param name="Id">What tells it from others.</param>
/// <param name="IsHttps">Whether it is HTTPS.</param>
/// <param name="Certificate">The certificate of the server, which a channel binding is made of; null for HTTP.</param>
public sealed record StandInConnection(string Id, bool IsHttps, X509Certificate2? Certificate);
