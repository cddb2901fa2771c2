namespace NestVirt.StandIn.Authentication;

/// <summary>
/// Kerberos, of the key table that the environment variable KRB5_KTNAME named when the process started. Its system's library
/// takes the tokens: MIT's on Debian. Channel bindings are not looked at.
/// </summary>
/// <param name="schemes">The schemes of HTTP that are offered and taken: Negotiate and Kerberos unless others are named.</param>
public sealed class KerberosAuthentication(params string[] schemes) : IStandInAuthentication
{
    private readonly string[] _schemes = schemes is [] ? ["Negotiate", "Kerberos"] : schemes;

    /// <inheritdoc/>
    public IStandInLogOn Connect(StandInConnection connection) =>
        new TokenLogOn(
            connection.IsHttps,
            _schemes,
            scheme => new KerberosTokenServer(TokenLogOn.IsKerberos(scheme), !connection.IsHttps)
        );
}
