using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace NestVirt.StandIn.Authentication.Ntlm;

/// <summary>A login that the server of NTLM refuses; the message says why, for the test and not for the client.</summary>
internal sealed class NtlmRefusedException(string why) : Exception(why);

/// <summary>The server's side of NTLMv2 for one connection and one account, written from MS-NLMP. No bytes move in here.</summary>
internal sealed class NtlmServer(string user, string domain, string password)
{
    // NEGOTIATE_UNICODE, REQUEST_TARGET, SIGN, SEAL, NTLM, ALWAYS_SIGN, TARGET_TYPE_SERVER, EXTENDED_SESSIONSECURITY,
    // TARGET_INFO, VERSION, 128, KEY_EXCH, 56 (MS-NLMP 2.2.2.5).
    private const uint Flags = 0xE28A8235;
    private const uint KeyExchange = 0x40000000;

    private const int NbComputer = 1;
    private const int NbDomain = 2;
    private const int DnsComputer = 3;
    private const int DnsDomain = 4;
    private const int AvFlags = 6;
    private const int Timestamp = 7;
    private const int ChannelBindings = 10;
    private const uint MicPresent = 2;
    private const int MicOffset = 72;

    private byte[] _negotiate = [];
    private byte[] _challengeMessage = [];

    /// <summary>Gets or sets the challenge.</summary>
    public byte[] Challenge { get; init; } = RandomNumberGenerator.GetBytes(8);

    /// <summary>Gets or sets what the login has to be bound to, as <c>tls-server-end-point:</c> and the hash; null for nothing.</summary>
    public byte[]? Binding { get; init; }

    /// <summary>Gets the exported session key, once the client is logged in.</summary>
    public byte[]? SessionKey { get; private set; }

    /// <summary>Gets the account that the client named.</summary>
    public string? Account { get; private set; }

    /// <summary>Takes a token.</summary>
    /// <returns>The challenge; null where the client is logged in.</returns>
    /// <exception cref="NtlmRefusedException">The client is refused.</exception>
    public byte[]? Accept(byte[] token)
    {
        if (token.Length < 12 || !token.AsSpan(0, 8).SequenceEqual("NTLMSSP\0"u8))
        {
            throw new NtlmRefusedException("no message of NTLM");
        }

        switch (BinaryPrimitives.ReadUInt32LittleEndian(token.AsSpan(8)))
        {
            case 1:
                _negotiate = token;
                return _challengeMessage = WriteChallenge();
            case 3:
                Check(token);
                return null;
            default:
                throw new NtlmRefusedException("a message that clients do not send");
        }
    }

    // MS-NLMP 2.2.1.2.
    private byte[] WriteChallenge()
    {
        byte[] name = Encoding.Unicode.GetBytes("Server");
        byte[] time = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(time, DateTime.UtcNow.ToFileTimeUtc());
        byte[] info =
        [
            .. Pair(NbDomain, Encoding.Unicode.GetBytes("Domain")),
            .. Pair(NbComputer, name),
            .. Pair(DnsDomain, Encoding.Unicode.GetBytes("domain.test")),
            .. Pair(DnsComputer, Encoding.Unicode.GetBytes("server.domain.test")),
            .. Pair(Timestamp, time),
            .. Pair(0, []),
        ];
        const int PayloadOffset = 56;
        byte[] message = new byte[PayloadOffset + name.Length + info.Length];
        "NTLMSSP\0"u8.CopyTo(message);
        message[8] = 2;
        WriteField(message, 12, name.Length, PayloadOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(20), Flags);
        Challenge.CopyTo(message, 24);
        WriteField(message, 40, info.Length, PayloadOffset + name.Length);
        byte[] version = [10, 0, 0x7C, 0x4F, 0, 0, 0, 15];
        version.CopyTo(message, 48);
        name.CopyTo(message, PayloadOffset);
        info.CopyTo(message, PayloadOffset + name.Length);
        return message;
    }

    // MS-NLMP 2.2.1.3, 3.3.2.
    private void Check(byte[] token)
    {
        byte[] response = ReadField(token, 20);
        string givenDomain = Encoding.Unicode.GetString(ReadField(token, 28));
        string givenUser = Encoding.Unicode.GetString(ReadField(token, 36));
        Account = givenDomain.Length == 0 ? givenUser : $"{givenDomain}\\{givenUser}";
        if (
            !givenUser.Equals(user, StringComparison.OrdinalIgnoreCase)
            || !givenDomain.Equals(domain, StringComparison.OrdinalIgnoreCase)
        )
        {
            throw new NtlmRefusedException($"no account {Account}");
        }

        byte[] hash = ResponseKey(givenUser, givenDomain, password);
        if (
            response.Length < 44
            || !HMACMD5
                .HashData(hash, (byte[])[.. Challenge, .. response[16..]])
                .AsSpan()
                .SequenceEqual(response.AsSpan(0, 16))
        )
        {
            throw new NtlmRefusedException("wrong password");
        }

        byte[] baseKey = HMACMD5.HashData(hash, response[..16]);
        bool isExchanged = (BinaryPrimitives.ReadUInt32LittleEndian(token.AsSpan(60)) & KeyExchange) != 0;
        byte[] key = isExchanged ? new Rc4(baseKey).Apply(ReadField(token, 52)) : baseKey;
        Dictionary<int, byte[]> pairs = ReadPairs(response[44..]);
        CheckIntegrity(token, key, pairs);
        CheckBinding(pairs);
        SessionKey = key;
    }

    // MS-NLMP 3.1.5.1.2: the client names the MIC where the challenge has a time.
    private void CheckIntegrity(byte[] token, byte[] key, Dictionary<int, byte[]> pairs)
    {
        bool isNamed =
            pairs.TryGetValue(AvFlags, out byte[]? flags)
            && (BinaryPrimitives.ReadUInt32LittleEndian(flags) & MicPresent) != 0;
        if (!isNamed)
        {
            if (_challengeMessage.Length > 0)
            {
                throw new NtlmRefusedException("no MIC");
            }

            return;
        }

        byte[] without = [.. token];
        without.AsSpan(MicOffset, 16).Clear();
        byte[] expected = HMACMD5.HashData(key, (byte[])[.. _negotiate, .. _challengeMessage, .. without]);
        if (!expected.AsSpan().SequenceEqual(token.AsSpan(MicOffset, 16)))
        {
            throw new NtlmRefusedException("wrong MIC");
        }
    }

    // MS-NLMP 2.2.2.1: MD5 of a gss_channel_bindings_struct (RFC 2744, 3.11) with application data alone.
    private void CheckBinding(Dictionary<int, byte[]> pairs)
    {
        if (Binding is null)
        {
            return;
        }

        byte[] structure = new byte[20 + Binding.Length];
        BinaryPrimitives.WriteInt32LittleEndian(structure.AsSpan(16), Binding.Length);
        Binding.CopyTo(structure, 20);
        if (
            !pairs.TryGetValue(ChannelBindings, out byte[]? given)
            || !given.AsSpan().SequenceEqual(MD5.HashData(structure))
        )
        {
            throw new NtlmRefusedException("not bound to this connection");
        }
    }

    // NTOWFv2, MS-NLMP 3.3.2.
    private static byte[] ResponseKey(string user, string domain, string password) =>
        HMACMD5.HashData(
            Md4.Hash(Encoding.Unicode.GetBytes(password)),
            Encoding.Unicode.GetBytes(user.ToUpperInvariant() + domain)
        );

    private static byte[] Pair(int id, byte[] value)
    {
        byte[] pair = new byte[4 + value.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(pair, (ushort)id);
        BinaryPrimitives.WriteUInt16LittleEndian(pair.AsSpan(2), (ushort)value.Length);
        value.CopyTo(pair, 4);
        return pair;
    }

    private static Dictionary<int, byte[]> ReadPairs(byte[] bytes)
    {
        Dictionary<int, byte[]> pairs = [];
        for (int at = 0; at + 4 <= bytes.Length; )
        {
            int id = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
            int length = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at + 2));
            if (id == 0)
            {
                break;
            }

            pairs[id] = bytes[(at + 4)..(at + 4 + length)];
            at += 4 + length;
        }

        return pairs;
    }

    private static void WriteField(byte[] message, int at, int length, int offset)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(at), (ushort)length);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(at + 2), (ushort)length);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(at + 4), offset);
    }

    private static byte[] ReadField(byte[] message, int at)
    {
        int length = BinaryPrimitives.ReadUInt16LittleEndian(message.AsSpan(at));
        int offset = BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(at + 4));
        return message[offset..(offset + length)];
    }
}
