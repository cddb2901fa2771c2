namespace NestVirt.Hosts;

/// <summary>How hosts are reached, over SSH and over WS-Management; null where nothing is said.</summary>
public sealed record HostSettings
{
    private const int Sha1Digits = 40;
    private const int Sha256Digits = 64;

    /// <summary>Gets the account.</summary>
    public string? UserName { get; init; }

    /// <summary>Gets the port.</summary>
    public int? Port { get; init; }

    /// <summary>Gets the private key file.</summary>
    public string? KeyFilePath { get; init; }

    /// <summary>Gets what the user gave to log in with.</summary>
    public HostCredential? Credential { get; init; }

    /// <summary>Gets what the user gave to log in to hosts over WS-Management with; null for <see cref="Credential"/>.</summary>
    public HostCredential? HyperVCredential { get; init; }

    /// <summary>Gets what speaks SSH with hosts; null for what fits each.</summary>
    public SshClient? SshClient { get; init; }

    /// <summary>Gets what speaks CIM with Hyper-V hosts; null for what fits each.</summary>
    public CimClient? CimClient { get; init; }

    /// <summary>Gets whether TLS carries the messages to hosts over WS-Management.</summary>
    public bool? UseSsl { get; init; }

    /// <summary>Gets how to log in over WS-Management.</summary>
    public WsManAuthentication? Authentication { get; init; }

    /// <summary>Gets the thumbprint of the one certificate that is accepted over HTTPS.</summary>
    public string? CertificateThumbprint { get; init; }

    /// <summary>Gets the file with the certificates of the authorities that are trusted over HTTPS.</summary>
    public string? AuthorityFilePath { get; init; }

    /// <summary>Gets options for the ssh client, each as KEY=VALUE.</summary>
    public IReadOnlyList<string> SshOptions { get; init; } = [];

    /// <summary>Gets whether <c>sudo -n</c> may be used.</summary>
    public bool? AllowSudo { get; init; }

    /// <summary>Gets the password that sudo asks for; null for none, and then sudo is tried without.</summary>
    public HostSecret? SudoPassword { get; init; }

    /// <summary>Gets how long a host may take to answer.</summary>
    public TimeSpan? CommandTimeout { get; init; }

    /// <summary>Gets how long connecting may take.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>Tells whether a text is the thumbprint of a certificate, of SHA-1 or of SHA-256.</summary>
    /// <param name="text">Its digits, with colons or blanks between them or without.</param>
    /// <returns>True if so.</returns>
    public static bool IsThumbprint(string text) =>
        text.Where(static c => c is not (':' or ' ')).ToArray() is { Length: Sha1Digits or Sha256Digits } digits
        && digits.All(char.IsAsciiHexDigit);

    /// <summary>Fills what these settings leave open from more general ones.</summary>
    /// <param name="general">The more general settings.</param>
    /// <returns>The settings together. ssh takes the first of options with one key, so the general ones come last.</returns>
    internal HostSettings Over(HostSettings general) =>
        new()
        {
            UserName = UserName ?? general.UserName,
            Port = Port ?? general.Port,
            KeyFilePath = KeyFilePath ?? general.KeyFilePath,
            Credential = Credential ?? general.Credential,
            HyperVCredential = HyperVCredential ?? general.HyperVCredential,
            SshClient = SshClient ?? general.SshClient,
            CimClient = CimClient ?? general.CimClient,
            UseSsl = UseSsl ?? general.UseSsl,
            Authentication = Authentication ?? general.Authentication,
            CertificateThumbprint = CertificateThumbprint ?? general.CertificateThumbprint,
            AuthorityFilePath = AuthorityFilePath ?? general.AuthorityFilePath,
            SshOptions = [.. SshOptions, .. general.SshOptions],
            AllowSudo = AllowSudo ?? general.AllowSudo,
            SudoPassword = SudoPassword ?? general.SudoPassword,
            CommandTimeout = CommandTimeout ?? general.CommandTimeout,
            ConnectTimeout = ConnectTimeout ?? general.ConnectTimeout,
        };

    /// <summary>Fills what a host leaves open.</summary>
    /// <param name="target">The host.</param>
    /// <returns>The host with the settings.</returns>
    public HostTarget ApplyTo(HostTarget target)
    {
        return target.WithSsh(ApplyTo).WithWsMan(ApplyTo) with
        {
            AllowSudo = AllowSudo ?? target.AllowSudo,
            SudoPassword = SudoPassword ?? target.SudoPassword,
            CommandTimeout = CommandTimeout ?? target.CommandTimeout,
            ConnectTimeout = ConnectTimeout ?? target.ConnectTimeout,
        };
    }

    private SshAddress ApplyTo(SshAddress address) =>
        address with
        {
            UserName = address.UserName ?? UserName,
            Port = address.Port ?? Port,
            KeyFilePath = address.KeyFilePath ?? KeyFilePath,
            Credential = Credential ?? address.Credential,
            Client = SshClient ?? address.Client,
            Options = SshOptions.Count == 0 ? address.Options : [.. address.Options, .. SshOptions],
        };

    private WsManAddress ApplyTo(WsManAddress address) =>
        address with
        {
            UserName = address.UserName ?? UserName,
            Port = address.Port ?? Port,
            UseSsl = address.UseSsl ?? UseSsl,
            Authentication = address.Authentication ?? Authentication,
            CertificateThumbprint = address.CertificateThumbprint ?? CertificateThumbprint,
            AuthorityFilePath = address.AuthorityFilePath ?? AuthorityFilePath,
            Credential = HyperVCredential ?? Credential ?? address.Credential,
            Client = CimClient ?? address.Client,
        };
}
