using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using NestVirt.Text;

namespace NestVirt.Hosts;

/// <summary>A host over SSH. What is null is left to the client and its configuration.</summary>
/// <param name="Host">The name or the IP address to connect to.</param>
internal sealed record SshAddress(string Host) : HostAddress
{
    private static readonly SearchValues<char> s_shellCharacters = SearchValues.Create("[]'\"`$;|&<>(){},");
    private static readonly SearchValues<char> s_zoneCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
    );

    /// <summary>Gets the account.</summary>
    public string? UserName { get; init; }

    /// <summary>Gets the port.</summary>
    public int? Port { get; init; }

    /// <summary>Gets the private key file.</summary>
    public string? KeyFilePath { get; init; }

    /// <summary>Gets options for the ssh client, each as KEY=VALUE, which go to it as <c>-o KEY=VALUE</c>.</summary>
    public IReadOnlyList<string> Options
    {
        get;
        init => field = TextList<string>.Of(value);
    } = TextList<string>.Empty;

    /// <summary>Gets what the user gave to log in with; null where he gave nothing, and to be taken for that once it is cleared.</summary>
    public HostCredential? Credential { get; init; }

    /// <summary>Gets what speaks SSH with the host; null for what fits.</summary>
    public SshClient? Client { get; init; }

    /// <summary>Gets options that a file brought and may not set; they count only where the user gives them, too.</summary>
    internal IReadOnlyList<string> UnconfirmedOptions
    {
        get;
        init => field = TextList<string>.Of(value);
    } = TextList<string>.Empty;

    /// <summary>Gets a value indicating whether there is something that the user gave to log in with.</summary>
    internal bool HasCredential => Credential?.IsGiven ?? false;

    /// <inheritdoc/>
    internal override HostTransport Transport => HostTransport.Ssh;

    /// <inheritdoc/>
    public override string ToString() => Word(Host);

    /// <summary>Writes the address with another name for the host.</summary>
    /// <param name="name">The name.</param>
    /// <returns>[user@]name[:port].</returns>
    internal string Word(string name) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(UserName is null ? string.Empty : $"{UserName}@")}{(name.Contains(':', StringComparison.Ordinal) ? $"[{name}]" : name)}{(Port is null ? string.Empty : $":{Port}")}"
        );

    /// <summary>Reads what PowerShell's own -HostName takes: host, user@host, user@host:port, user@[ipv6]:port.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">The address, with no user and no port unless the text names them.</param>
    /// <returns>True if the text is of that form, and cannot be taken for an option by the ssh client.</returns>
    internal static bool TryParse(string text, [NotNullWhen(true)] out SshAddress? address)
    {
        address = null;
        int at = text.LastIndexOf('@');
        string host = text[(at + 1)..];
        int? port = null;

        // An IPv6 address without brackets has more than one colon, and so no port.
        int colon = host.LastIndexOf(':');
        if (colon >= 0 && (colon == host.IndexOf(':') || host[colon - 1] == ']'))
        {
            if (
                !ushort.TryParse(
                    host.AsSpan(colon + 1),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out ushort value
                )
                || value == 0
            )
            {
                return false;
            }

            port = value;
            host = host[..colon];
        }

        host = host is ['[', .. string inner, ']'] ? inner : host;
        string? user = at < 0 ? null : text[..at];
        if (!IsHost(host) || (user is not null && !IsUser(user)))
        {
            return false;
        }

        address = new SshAddress(host) { UserName = user, Port = port };
        return true;
    }

    /// <summary>Tells whether a text is a name or an address that no program takes for something else.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True if so.</returns>
    internal static bool IsHost(string text)
    {
        // Of a percent sign only the zone of an IPv6 address has need; ssh puts words in the place of others.
        int zone = text.IndexOf('%');
        return zone < 0
            ? IsPlain(text) && !text.Contains('\\')
            : IPAddress.TryParse(text[..zone], out IPAddress? address)
                && address.AddressFamily == AddressFamily.InterNetworkV6
                && zone + 1 < text.Length
                && text.AsSpan(zone + 1).IndexOfAnyExcept(s_zoneCharacters) < 0;
    }

    /// <summary>Tells whether a text is an account that no program takes for something else.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True if so.</returns>
    internal static bool IsUser(string text) =>
        IsPlain(text) && !text.Contains('%') && !text.EndsWith('\\') && !text.EndsWith('@');

    // ssh hands names to the shell of a ProxyCommand (%h, %r), so what a shell would act on is refused here.
    private static bool IsPlain(string word) =>
        word.Length > 0
        && word[0] != '-'
        && !word.AsSpan().ContainsAny(s_shellCharacters)
        && !word.Any(char.IsWhiteSpace)
        && HostText.ForDisplay(word) == word;
}
