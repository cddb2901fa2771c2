using System.Buffers.Binary;
using System.Numerics;

namespace NestVirt.StandIn.Authentication.Ntlm;

/// <summary>MD4 (RFC 1320), of which .NET has none, and of which NTLM makes the hash of a password.</summary>
internal static class Md4
{
    private const int BlockBytes = 64;

    /// <summary>Hashes bytes.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> bytes)
    {
        int length = (bytes.Length + 8 + BlockBytes) / BlockBytes * BlockBytes;
        byte[] padded = new byte[length];
        bytes.CopyTo(padded);
        padded[bytes.Length] = 0x80;
        BinaryPrimitives.WriteUInt64LittleEndian(padded.AsSpan(length - 8), (ulong)bytes.Length * 8);
        uint[] state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476];
        uint[] words = new uint[16];
        for (int start = 0; start < length; start += BlockBytes)
        {
            for (int word = 0; word < words.Length; word++)
            {
                words[word] = BinaryPrimitives.ReadUInt32LittleEndian(padded.AsSpan(start + (word * 4)));
            }

            AddBlock(state, words);
        }

        byte[] hash = new byte[16];
        for (int word = 0; word < state.Length; word++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(hash.AsSpan(word * 4), state[word]);
        }

        return hash;
    }

    private static void AddBlock(uint[] state, uint[] words)
    {
        ReadOnlySpan<int> shifts = [3, 7, 11, 19, 3, 5, 9, 13, 3, 9, 11, 15];
        ReadOnlySpan<int> third = [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15];
        (uint a, uint b, uint c, uint d) = (state[0], state[1], state[2], state[3]);
        for (int step = 0; step < 48; step++)
        {
            (uint mixed, int word) = (step / 16) switch
            {
                0 => ((b & c) | (~b & d), step),
                1 => (((b & c) | (b & d) | (c & d)) + 0x5A827999, (step % 4 * 4) + (step % 16 / 4)),
                _ => ((b ^ c ^ d) + 0x6ED9EBA1, third[step % 16]),
            };
            uint next = BitOperations.RotateLeft(a + mixed + words[word], shifts[(step / 16 * 4) + (step % 4)]);
            (a, b, c, d) = (d, next, b, c);
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }
}
