using System.Net;
using System.Net.Sockets;
using NestVirt.Text;

namespace NestVirt.Transport.Recorded;

/// <summary>Replaces IP addresses so that two that share a prefix share one of the same length afterwards.</summary>
/// <remarks>
/// So routes still lead to the addresses that they led to. Each bit is turned or not by a keyed hash of the bits before it
/// (Xu and others, "Prefix-Preserving IP Address Anonymization", 2002); the key is made for one snapshot and thrown away.
/// Loopback, multicast and unspecified addresses stay, and so does what tells the scope of an address: the first octet or
/// word, all of the prefix of a link-local one.
/// </remarks>
internal sealed class AddressRedaction
{
    private const int KeptOfIPv4 = 8;
    private const int KeptOfIPv6 = 16;
    private const int KeptOfLinkLocal = 64;

    // Of 488 random bits: those of a version 4 UUID come from the system, without OpenSSL.
    private readonly byte[] _key = Sha256.HashData([
        .. Enumerable.Range(0, 4).SelectMany(static _ => Guid.NewGuid().ToByteArray()),
    ]);
    private readonly Dictionary<IPAddress, IPAddress> _known = [];

    /// <summary>Replaces an address.</summary>
    /// <param name="address">The address.</param>
    /// <returns>Its stand-in.</returns>
    public IPAddress Redact(IPAddress address)
    {
        if (!_known.TryGetValue(address, out IPAddress? standIn))
        {
            standIn = IsGeneral(address) ? address : new IPAddress(Turn(address));
            _known.Add(address, standIn);
        }

        return standIn;
    }

    private static bool IsGeneral(IPAddress address) =>
        IPAddress.IsLoopback(address)
        || address.IsIPv6Multicast
        || address.Equals(IPAddress.IPv6Any)
        || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] is 0 or >= 224);

    private byte[] Turn(IPAddress address)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        byte[] original = plain.GetAddressBytes();
        byte[] turned = [.. original];
        int kept =
            plain.AddressFamily == AddressFamily.InterNetwork ? KeptOfIPv4
            : plain.IsIPv6LinkLocal ? KeptOfLinkLocal
            : KeptOfIPv6;

        // The key, then what is hashed under it, always of one length: nobody sees a hash that could be lengthened.
        byte[] keyed = [.. _key, .. new byte[original.Length + 1]];
        Span<byte> prefix = keyed.AsSpan(_key.Length);
        for (int bit = 0; bit < original.Length * 8; bit++)
        {
            int mask = 0x80 >> (bit % 8);
            if (bit >= kept)
            {
                prefix[^1] = (byte)bit;
                turned[bit / 8] ^= (byte)(Sha256.HashData(keyed)[0] % 2 * mask);
            }

            prefix[bit / 8] |= (byte)(original[bit / 8] & mask);
        }

        return turned;
    }
}
