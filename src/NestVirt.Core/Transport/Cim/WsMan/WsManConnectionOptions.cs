using System.Globalization;
using System.Net;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Where a host listens for WS-Management, and how to log in and to know it again.</summary>
internal sealed record WsManConnectionOptions
{
    private const int ShownLength = 100;

    /// <summary>Gets the name or address, as the user typed it; an IPv6 address without brackets.</summary>
    public required string Host { get; init; }

    /// <summary>Gets the port; null for the usual one.</summary>
    public int? Port { get; init; }

    /// <summary>Gets a value indicating whether TLS carries the messages.</summary>
    public bool UseSsl { get; init; }

    /// <summary>Gets the path.</summary>
    public string Path { get; init; } = "/wsman";

    /// <summary>Gets how to log in.</summary>
    public WsManAuthentication Authentication { get; init; }

    /// <summary>Gets what to log in with; null for the user's Kerberos ticket.</summary>
    public HostCredential? Credential { get; init; }

    /// <summary>Gets the account that the password is of, where it is not in <see cref="Credential"/>.</summary>
    public string? UserName { get; init; }

    /// <summary>Gets how long connecting may take, and each step of the login.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets the SHA-1 or SHA-256 thumbprint of the one certificate that is accepted; null for what is trusted.</summary>
    public string? PinnedThumbprint { get; init; }

    /// <summary>Gets a file with the certificates of the authorities that are trusted; null for those of this machine.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>Gets a value indicating whether the user could take Windows' own client instead, which refusals then name.</summary>
    public bool HasOtherClient { get; init; }

    /// <summary>Gets the port that is meant.</summary>
    internal int EffectivePort => Port ?? (UseSsl ? WsManAddress.HttpsPort : WsManAddress.HttpPort);

    /// <summary>Gets the account that the password is of.</summary>
    internal string? Account => Credential?.UserName ?? UserName;

    /// <summary>Makes what .NET and Windows take to log in with, a copy that its taker clears.</summary>
    /// <returns>The account and its password.</returns>
    /// <exception cref="NestVirtException">The password was cleared, or is of no account.</exception>
    internal NetworkCredential ToNetworkCredential()
    {
        WsManUserName name = WsManUserName.Read(Account);
        byte[] bytes = Credential?.CopyPassword() ?? throw WsManLoginFailure.PasswordCleared();
        char[] letters = GC.AllocateUninitializedArray<char>(Encoding.UTF8.GetCharCount(bytes), pinned: true);
        try
        {
            Encoding.UTF8.GetChars(bytes, letters);
            using SecureString password = new();
            foreach (char letter in letters)
            {
                password.AppendChar(letter);
            }

            return new NetworkCredential(name.User, password, name.Domain);
        }
        finally
        {
            Array.Clear(letters);
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Gets where messages go.</summary>
    /// <returns>The address.</returns>
    /// <exception cref="NestVirtException">The name of the host is none.</exception>
    internal Uri ToAddress()
    {
        string host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{(UseSsl ? "https" : "http")}://{host}:{EffectivePort}/{Path.TrimStart('/')}"
        );

        // A name that brings its own user, port or path would be another host than the one that is shown.
        return
            Uri.CheckHostName(host) != UriHostNameType.Unknown
            && Uri.TryCreate(text, UriKind.Absolute, out Uri? address)
            && address.UserInfo.Length == 0
            ? address
            : throw new NestVirtException(
                NestVirtErrorKind.HostNameInvalid,
                $"'{HostText.ForDisplay(Host, ShownLength)}' is no name of a host."
            );
    }
}
