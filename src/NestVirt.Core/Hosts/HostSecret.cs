using System.Security.Cryptography;
using System.Text;

namespace NestVirt.Hosts;

/// <summary>A secret that a user gave. Nothing writes it down, and its owner clears it.</summary>
public sealed class HostSecret : IDisposable
{
    private byte[]? _bytes;

    /// <summary>Initializes a new instance of the <see cref="HostSecret"/> class.</summary>
    /// <param name="secret">The secret; empty for none.</param>
    public HostSecret(ReadOnlySpan<char> secret)
    {
        if (!secret.IsEmpty)
        {
            _bytes = Pinned(Encoding.UTF8.GetByteCount(secret));
            Encoding.UTF8.GetBytes(secret, _bytes);
        }
    }

    /// <summary>Gets a value indicating whether there is one; false once it is cleared.</summary>
    internal bool IsGiven => _bytes is not null;

    /// <summary>Gets the secret as UTF-8, a copy that its taker clears; null where there is none.</summary>
    /// <returns>The secret.</returns>
    internal byte[]? Copy()
    {
        if (_bytes is not { } bytes)
        {
            return null;
        }

        byte[] copy = Pinned(bytes.Length);
        bytes.CopyTo(copy, 0);
        return copy;
    }

    /// <summary>Gets the secret as a line of UTF-8, a copy that its taker clears.</summary>
    /// <returns>The secret and a newline; the newline alone where there is none.</returns>
    internal byte[] CopyLine()
    {
        byte[] bytes = _bytes ?? [];
        byte[] line = Pinned(bytes.Length + 1);
        bytes.CopyTo(line, 0);
        line[^1] = (byte)'\n';
        return line;
    }

    /// <summary>Clears it.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _bytes, null) is { } bytes)
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Tells nothing of it.</summary>
    /// <returns>A constant.</returns>
    public override string ToString() => "secret";

    // No copy stays behind where the collector moves it.
    private static byte[] Pinned(int length) => GC.AllocateUninitializedArray<byte>(length, pinned: true);
}
