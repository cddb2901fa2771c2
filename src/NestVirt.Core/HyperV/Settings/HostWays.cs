using System.Net;
using System.Net.Sockets;
using NestVirt.Hosts;

namespace NestVirt.HyperV.Settings;

/// <summary>The addresses by which a host is reached, as far as this machine can tell.</summary>
internal static class HostWays
{
    /// <summary>Finds them: the address that the host is named by, or those that its name stands for here.</summary>
    /// <param name="target">The host.</param>
    /// <returns>The addresses; none where they are not known; null on the host itself.</returns>
    internal static IReadOnlyList<IPAddress>? Of(HostTarget target) =>
        target.Address switch
        {
            LocalAddress => null,
            WsManAddress { Host: var host } => [.. Resolve(host).Select(Plain)],
            _ => [],
        };

    /// <summary>Reads an address as a host writes it.</summary>
    /// <param name="text">The address.</param>
    /// <returns>The address, without the number of an adapter; null where it is none.</returns>
    internal static IPAddress? Read(string text) =>
        IPAddress.TryParse(text, out IPAddress? address) ? Plain(address) : null;

    private static IPAddress[] Resolve(string host)
    {
        try
        {
            return IPAddress.TryParse(host, out IPAddress? address) ? [address] : Dns.GetHostAddresses(host);
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            // Another name server, or a tunnel, may know it: that is a way that nobody here can compare with anything.
            return [];
        }
    }

    private static IPAddress Plain(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new IPAddress(address.GetAddressBytes());
}
