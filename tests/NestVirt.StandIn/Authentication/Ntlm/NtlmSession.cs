using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace NestVirt.StandIn.Authentication.Ntlm;

/// <summary>One end of a connection that NTLM proved: seals and unseals with extended session security, 128 bits and key exchange.</summary>
internal sealed class NtlmSession : IMessageSeal
{
    private const int SignatureBytes = 16;

    private readonly Direction _out;
    private readonly Direction _in;

    /// <summary>Initializes a new instance of the <see cref="NtlmSession"/> class.</summary>
    /// <param name="key">The exported session key.</param>
    /// <param name="isServer">True for the end of the server.</param>
    public NtlmSession(byte[] key, bool isServer)
    {
        Direction toServer = new(key, "client-to-server");
        Direction toClient = new(key, "server-to-client");
        (_out, _in) = isServer ? (toClient, toServer) : (toServer, toClient);
    }

    /// <inheritdoc/>
    public byte[] Seal(ReadOnlySpan<byte> message, out int tokenLength)
    {
        tokenLength = SignatureBytes;
        byte[] data = _out.Cipher.Apply(message);
        return [.. _out.Sign(message), .. data];
    }

    /// <inheritdoc/>
    public byte[]? Unseal(ReadOnlySpan<byte> wrapped, int tokenLength)
    {
        if (tokenLength != SignatureBytes || wrapped.Length < SignatureBytes)
        {
            return null;
        }

        byte[] message = _in.Cipher.Apply(wrapped[SignatureBytes..]);
        return _in.Sign(message).AsSpan().SequenceEqual(wrapped[..SignatureBytes]) ? message : null;
    }

    // MS-NLMP 3.4.5.2, 3.4.5.3 for the keys, 3.4.4.2 for the signature.
    private sealed class Direction(byte[] key, string name)
    {
        private readonly byte[] _signingKey = KeyOf(key, name, "signing");
        private uint _number;

        public Rc4 Cipher { get; } = new(KeyOf(key, name, "sealing"));

        public byte[] Sign(ReadOnlySpan<byte> message)
        {
            byte[] number = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(number, _number++);
            byte[] checksum = Cipher.Apply(HMACMD5.HashData(_signingKey, (byte[])[.. number, .. message]).AsSpan(0, 8));
            return [1, 0, 0, 0, .. checksum, .. number];
        }

        private static byte[] KeyOf(byte[] key, string name, string purpose) =>
            MD5.HashData(
                (byte[])[.. key, .. Encoding.ASCII.GetBytes($"session key to {name} {purpose} key magic constant\0")]
            );
    }
}
