using System.Buffers.Binary;
using System.Numerics;

namespace NestVirt.Text;

/// <summary>SHA-256 (FIPS 180-4) of texts and files, to tell them apart.</summary>
/// <remarks>
/// The framework's own calls OpenSSL, and ends a process on a machine that has none. It guards no secret: what logs in and
/// encrypts uses OpenSSL.
/// </remarks>
internal static class Sha256
{
    /// <summary>How many bytes a hash has.</summary>
    internal const int HashBytes = 32;

    private const int BlockBytes = 64;

    private static readonly uint[] s_rounds =
    [
        0x428a2f98,
        0x71374491,
        0xb5c0fbcf,
        0xe9b5dba5,
        0x3956c25b,
        0x59f111f1,
        0x923f82a4,
        0xab1c5ed5,
        0xd807aa98,
        0x12835b01,
        0x243185be,
        0x550c7dc3,
        0x72be5d74,
        0x80deb1fe,
        0x9bdc06a7,
        0xc19bf174,
        0xe49b69c1,
        0xefbe4786,
        0x0fc19dc6,
        0x240ca1cc,
        0x2de92c6f,
        0x4a7484aa,
        0x5cb0a9dc,
        0x76f988da,
        0x983e5152,
        0xa831c66d,
        0xb00327c8,
        0xbf597fc7,
        0xc6e00bf3,
        0xd5a79147,
        0x06ca6351,
        0x14292967,
        0x27b70a85,
        0x2e1b2138,
        0x4d2c6dfc,
        0x53380d13,
        0x650a7354,
        0x766a0abb,
        0x81c2c92e,
        0x92722c85,
        0xa2bfe8a1,
        0xa81a664b,
        0xc24b8b70,
        0xc76c51a3,
        0xd192e819,
        0xd6990624,
        0xf40e3585,
        0x106aa070,
        0x19a4c116,
        0x1e376c08,
        0x2748774c,
        0x34b0bcb5,
        0x391c0cb3,
        0x4ed8aa4a,
        0x5b9cca4f,
        0x682e6ff3,
        0x748f82ee,
        0x78a5636f,
        0x84c87814,
        0x8cc70208,
        0x90befffa,
        0xa4506ceb,
        0xbef9a3f7,
        0xc67178f2,
    ];

    /// <summary>Computes the hash.</summary>
    /// <param name="data">The bytes.</param>
    /// <returns>32 bytes.</returns>
    internal static byte[] HashData(ReadOnlySpan<byte> data)
    {
        Span<uint> state =
        [
            0x6a09e667,
            0xbb67ae85,
            0x3c6ef372,
            0xa54ff53a,
            0x510e527f,
            0x9b05688c,
            0x1f83d9ab,
            0x5be0cd19,
        ];
        ReadOnlySpan<byte> rest = data;
        for (; rest.Length >= BlockBytes; rest = rest[BlockBytes..])
        {
            Add(rest[..BlockBytes], state);
        }

        // The rest, a one, zeros, and the length in bits in the last eight bytes.
        Span<byte> end = stackalloc byte[2 * BlockBytes];
        end.Clear();
        rest.CopyTo(end);
        end[rest.Length] = 0x80;
        end = end[..(rest.Length + 9 <= BlockBytes ? BlockBytes : 2 * BlockBytes)];
        BinaryPrimitives.WriteInt64BigEndian(end[^8..], data.Length * 8L);
        for (; end.Length > 0; end = end[BlockBytes..])
        {
            Add(end[..BlockBytes], state);
        }

        byte[] hash = new byte[HashBytes];
        for (int word = 0; word < state.Length; word++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(4 * word), state[word]);
        }

        return hash;
    }

    /// <summary>Computes the hash as text.</summary>
    /// <param name="data">The bytes.</param>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    internal static string Hex(ReadOnlySpan<byte> data) => Convert.ToHexStringLower(HashData(data));

    private static void Add(ReadOnlySpan<byte> block, Span<uint> state)
    {
        Span<uint> words = stackalloc uint[s_rounds.Length];
        for (int index = 0; index < words.Length; index++)
        {
            words[index] =
                index < 16
                    ? BinaryPrimitives.ReadUInt32BigEndian(block[(4 * index)..])
                    : words[index - 16]
                        + Mix(words[index - 15], 7, 18, 3)
                        + words[index - 7]
                        + Mix(words[index - 2], 17, 19, 10);
        }

        (uint a, uint b, uint c, uint d) = (state[0], state[1], state[2], state[3]);
        (uint e, uint f, uint g, uint h) = (state[4], state[5], state[6], state[7]);
        for (int round = 0; round < words.Length; round++)
        {
            uint first = h + Turn(e, 6, 11, 25) + ((e & f) ^ (~e & g)) + s_rounds[round] + words[round];
            uint second = Turn(a, 2, 13, 22) + ((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d + first, c, b, a, first + second);
        }

        ReadOnlySpan<uint> added = [a, b, c, d, e, f, g, h];
        for (int word = 0; word < state.Length; word++)
        {
            state[word] += added[word];
        }
    }

    private static uint Mix(uint word, int first, int second, int shift) =>
        BitOperations.RotateRight(word, first) ^ BitOperations.RotateRight(word, second) ^ (word >> shift);

    private static uint Turn(uint word, int first, int second, int third) =>
        BitOperations.RotateRight(word, first)
        ^ BitOperations.RotateRight(word, second)
        ^ BitOperations.RotateRight(word, third);
}
