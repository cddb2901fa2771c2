namespace NestVirt.Hosts;

/// <summary>What a user gave to log in with. Hosts hold it by reference; nothing writes it down, and its owner clears it.</summary>
public sealed class HostCredential : IDisposable
{
    private readonly HostSecret _password;
    private readonly HostSecret _keyPassphrase;

    /// <summary>Initializes a new instance of the <see cref="HostCredential"/> class.</summary>
    /// <param name="userName">The account that the password is of; null for whichever the host is reached by.</param>
    /// <param name="password">The password; empty for none.</param>
    /// <param name="keyPassphrase">What protects the private key; empty for nothing.</param>
    public HostCredential(string? userName, ReadOnlySpan<char> password, ReadOnlySpan<char> keyPassphrase = default)
    {
        UserName = userName;
        _password = new HostSecret(password);
        _keyPassphrase = new HostSecret(keyPassphrase);
    }

    /// <summary>Gets the account that the password is of; null for whichever the host is reached by.</summary>
    internal string? UserName { get; }

    /// <summary>Gets a value indicating whether there is something to log in with; false once it is cleared.</summary>
    internal bool IsGiven => _password.IsGiven || _keyPassphrase.IsGiven;

    /// <summary>Gets a value indicating whether there is a password; false once it is cleared.</summary>
    internal bool HasPassword => _password.IsGiven;

    /// <summary>Gets the password as UTF-8, a copy that its taker clears; null where there is none.</summary>
    /// <returns>The password.</returns>
    internal byte[]? CopyPassword() => _password.Copy();

    /// <summary>Gets the passphrase of the private key as UTF-8, a copy that its taker clears; null where there is none.</summary>
    /// <returns>The passphrase.</returns>
    internal byte[]? CopyKeyPassphrase() => _keyPassphrase.Copy();

    /// <summary>Clears it. A host that holds it is reached without it from then on.</summary>
    public void Dispose()
    {
        _password.Dispose();
        _keyPassphrase.Dispose();
    }

    /// <summary>Tells nothing of it.</summary>
    /// <returns>A constant.</returns>
    public override string ToString() => "credential";
}
