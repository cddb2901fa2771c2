using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Transport.Cim;

namespace NestVirt.Transport;

/// <summary>Which client speaks CIM with a host, and why.</summary>
/// <param name="Client">The client.</param>
/// <param name="Reason">Why, as the end of a sentence.</param>
internal sealed record CimClientChoice(CimClient Client, string Reason)
{
    /// <summary>Chooses for this process.</summary>
    /// <param name="address">The host.</param>
    /// <returns>The choice.</returns>
    internal static CimClientChoice Of(WsManAddress address) => Of(address, WindowsCim.IsHere);

    /// <summary>Chooses: the client of the session that is given, what the user asks for, what can take what he gives, or what is there.</summary>
    /// <param name="address">The host.</param>
    /// <param name="isWindows">Whether this process has Windows' own client.</param>
    /// <returns>The choice.</returns>
    internal static CimClientChoice Of(WsManAddress address, bool isWindows) =>
        address.Session is not null ? new(CimClient.Mi, "in the session that was given")
        : address.Client is { } asked ? new(asked, "as asked for")
        : !isWindows ? new(CimClient.WsMan, "since Windows' own is not here")
        : IsPinned(address) ? new(CimClient.WsMan, "since it takes the certificates that were given")
        : new(CimClient.Mi, "with the log-in and the policy of this machine");

    /// <summary>Refuses a client that cannot take what the user gave to know the host by.</summary>
    /// <param name="address">The host.</param>
    /// <exception cref="NestVirtException">It is so.</exception>
    internal void ThrowIfUseless(WsManAddress address)
    {
        if (Client == CimClient.Mi && IsPinned(address))
        {
            throw new NestVirtException(
                NestVirtErrorKind.HostCertificateUntrusted,
                "Windows' own client of CIM is asked for, and trusts the certificates that Windows trusts, no others."
            )
            {
                Remedy = Advice.Of(
                    $"Take {HostSetting.CimClient} WsMan, or leave out {HostSetting.CertificateThumbprint} and {HostSetting.AuthorityFile}."
                ),
            };
        }
    }

    /// <summary>Says what is chosen.</summary>
    /// <returns>The end of a sentence.</returns>
    public override string ToString() =>
        $"through {(Client == CimClient.Mi ? "Windows' own client (MMI)" : "the built-in client (WsMan)")}, {Reason}";

    private static bool IsPinned(WsManAddress address) =>
        address is { Session: null } and ({ CertificateThumbprint: not null } or { AuthorityFilePath: not null });
}
