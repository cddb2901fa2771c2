using System.Diagnostics.CodeAnalysis;

namespace NestVirt.Hosts;

/// <summary>A Hyper-V host over CIM, by WS-Management. What is null is as Windows has it unless somebody changes it.</summary>
/// <param name="Host">The name or the IP address to connect to.</param>
internal sealed record WsManAddress(string Host) : HostAddress
{
    /// <summary>What stands before the word of such a host.</summary>
    internal const string Prefix = "wsman:";

    /// <summary>The port of Windows Remote Management over HTTP since version 2.0.</summary>
    internal const int HttpPort = 5985;

    /// <summary>The port of Windows Remote Management over HTTPS since version 2.0.</summary>
    internal const int HttpsPort = 5986;

    private const string Http = "http://";
    private const string Https = "https://";

    /// <summary>Gets the account that a password is of; without a password nobody is asked for it.</summary>
    public string? UserName { get; init; }

    /// <summary>Gets a value indicating whether the word of the host names the account: then no other will do.</summary>
    internal bool IsAccountNamed { get; init; }

    /// <summary>Gets the port.</summary>
    public int? Port { get; init; }

    /// <summary>Gets whether TLS carries the messages; null for what the port tells.</summary>
    public bool? UseSsl { get; init; }

    /// <summary>Gets how to log in.</summary>
    public WsManAuthentication? Authentication { get; init; }

    /// <summary>Gets the thumbprint of the one certificate that is accepted.</summary>
    public string? CertificateThumbprint { get; init; }

    /// <summary>Gets the file with the certificates of the authorities that are trusted.</summary>
    public string? AuthorityFilePath { get; init; }

    /// <summary>Gets what the user gave to log in with; null where he gave nothing, and to be taken for that once it is cleared.</summary>
    public HostCredential? Credential { get; init; }

    /// <summary>Gets what speaks CIM with the host, as the user asks for it.</summary>
    public CimClient? Client { get; init; }

    /// <summary>Gets the session of Windows' own client that the user made for the host; null for none.</summary>
    /// <remarks>By reference, and lost in a file or a job. Core does not know its type.</remarks>
    internal object? Session { get; init; }

    /// <summary>Gets a value indicating whether TLS carries the messages.</summary>
    internal bool IsSecure => UseSsl ?? Port == HttpsPort;

    /// <inheritdoc/>
    internal override HostTransport Transport => HostTransport.WsMan;

    /// <inheritdoc/>
    public override string ToString() => Word(Host);

    /// <summary>Writes the address with another name for the host.</summary>
    /// <param name="name">The name.</param>
    /// <returns>wsman:[user@]name[:port], with http:// or https:// where the port does not tell.</returns>
    internal string Word(string name)
    {
        string scheme =
            IsSecure == (Port == HttpsPort) ? string.Empty
            : IsSecure ? Https
            : Http;
        return Prefix + scheme + new SshAddress(name) { UserName = UserName, Port = Port }.Word(name);
    }

    /// <summary>Reads what stands behind the prefix: [http://|https://][user@]host[:port], the path of Windows Remote Management too.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">The address, with what the text says.</param>
    /// <returns>True if the text is of that form.</returns>
    internal static bool TryParse(string text, [NotNullWhen(true)] out WsManAddress? address)
    {
        bool? useSsl =
            text.StartsWith(Https, StringComparison.OrdinalIgnoreCase) ? true
            : text.StartsWith(Http, StringComparison.OrdinalIgnoreCase) ? false
            : null;
        string rest = useSsl switch
        {
            null => text,
            true => text[Https.Length..],
            false => text[Http.Length..],
        };
        rest = useSsl is null ? rest : WithoutPath(rest);
        address =
            SshAddress.TryParse(rest, out SshAddress? place) && !place.Host.Contains('/')
                ? new WsManAddress(place.Host)
                {
                    UserName = place.UserName,
                    IsAccountNamed = place.UserName is not null,
                    Port = place.Port,
                    UseSsl = useSsl,
                }
                : null;
        return address is not null;
    }

    private static string WithoutPath(string text)
    {
        string plain = text.TrimEnd('/');
        return plain.EndsWith("/wsman", StringComparison.OrdinalIgnoreCase) ? plain[..^"/wsman".Length] : plain;
    }
}
