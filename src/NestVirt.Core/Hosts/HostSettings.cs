namespace NestVirt.Hosts;

/// <summary>How hosts are reached over SSH; null where nothing is said.</summary>
public sealed record HostSettings
{
    /// <summary>Gets the account.</summary>
    public string? UserName { get; init; }

    /// <summary>Gets the port.</summary>
    public int? Port { get; init; }

    /// <summary>Gets the private key file.</summary>
    public string? KeyFilePath { get; init; }

    /// <summary>Gets what the user gave to log in with.</summary>
    public HostCredential? Credential { get; init; }

    /// <summary>Gets what speaks SSH with hosts; null for what fits each.</summary>
    public SshClient? SshClient { get; init; }

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
            SshClient = SshClient ?? general.SshClient,
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
        return target.WithSsh(ApplyTo) with
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
}
