using System.Security.Cryptography;
using System.Text;

namespace NestVirt.Hosts;

/// <summary>What a user gave to log in with. Hosts hold it by reference; nothing writes it down, and its owner clears it.</summary>
public sealed class HostCredential : IDisposable
{
    private byte[]? _password;
    private byte[]? _keyPassphrase;

    /// <summary>Initializes a new instance of the <see cref="HostCredential"/> class.</summary>
    /// <param name="userName">The account that the password is of; null for whichever the host is reached by.</param>
    /// <param name="password">The password; empty for none.</param>
    /// <param name="keyPassphrase">What protects the private key; empty for nothing.</param>
    public HostCredential(string? userName, ReadOnlySpan<char> password, ReadOnlySpan<char> keyPassphrase = default)
    {
        UserName = userName;
        _password = Keep(password);
        _keyPassphrase = Keep(keyPassphrase);
    }

    /// <summary>Gets the account that the password is of; null for whichever the host is reached by.</summary>
    internal string? UserName { get; }

    /// <summary>Gets a value indicating whether there is something to log in with; false once it is cleared.</summary>
    internal bool IsGiven => _password is not null || _keyPassphrase is not null;

    /// <summary>Gets the password as UTF-8, a copy that its taker clears; null where there is none.</summary>
    /// <returns>The password.</returns>
    internal byte[]? CopyPassword() => Copy(_password);

    /// <summary>Gets the passphrase of the private key as UTF-8, a copy that its taker clears; null where there is none.</summary>
    /// <returns>The passphrase.</returns>
    internal byte[]? CopyKeyPassphrase() => Copy(_keyPassphrase);

    /// <summary>Clears it. A host that holds it is reached without it from then on.</summary>
    public void Dispose()
    {
        Clear(Interlocked.Exchange(ref _password, null));
        Clear(Interlocked.Exchange(ref _keyPassphrase, null));
    }

    /// <summary>Tells nothing of it.</summary>
    /// <returns>A constant.</returns>
    public override string ToString() => "credential";

    // Pinned, so that no copy stays behind where the collector moves it.
    private static byte[]? Keep(ReadOnlySpan<char> secret)
    {
        if (secret.IsEmpty)
        {
            return null;
        }

        byte[] kept = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetByteCount(secret), pinned: true);
        Encoding.UTF8.GetBytes(secret, kept);
        return kept;
    }

    private static byte[]? Copy(byte[]? secret)
    {
        if (secret is null)
        {
            return null;
        }

        byte[] copy = GC.AllocateUninitializedArray<byte>(secret.Length, pinned: true);
        secret.CopyTo(copy, 0);
        return copy;
    }

    private static void Clear(byte[]? secret)
    {
        if (secret is not null)
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }
}
