using NestVirt.Hosts;
using NestVirt.Transport.Cim;
using NestVirt.Transport.Cim.Mi;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.Transport;

/// <summary>Opens the way to the classes of a Hyper-V host, by the client that fits it.</summary>
internal static class CimLogin
{
    /// <summary>Tells whether a host is reached by its classes: this machine is where the process has Windows' own client.</summary>
    /// <param name="address">Where the host is.</param>
    /// <returns>True if so.</returns>
    internal static bool Reaches(HostAddress address) => Reaches(address, WindowsCim.IsHere);

    /// <summary>Tells whether a host is reached by its classes.</summary>
    /// <param name="address">Where the host is.</param>
    /// <param name="isWindows">Whether the process has Windows' own client.</param>
    /// <returns>True if so.</returns>
    internal static bool Reaches(HostAddress address, bool isWindows) =>
        address is WsManAddress || (isWindows && address is LocalAddress);

    /// <summary>Logs in.</summary>
    /// <param name="target">The host.</param>
    /// <param name="cancellationToken">Gives up the attempt.</param>
    /// <returns>The way to its classes.</returns>
    /// <exception cref="NestVirtException">It was not reached, or what the user wants would give a secret away.</exception>
    internal static Task<ICimSession> OpenAsync(HostTarget target, CancellationToken cancellationToken)
    {
        if (target.Address is WsManAddress address)
        {
            CimClientChoice choice = CimClientChoice.Of(address);
            choice.ThrowIfUseless(address);
            if (choice.Client == CimClient.WsMan)
            {
                return WsManLogin.OpenAsync(address, target, cancellationToken);
            }
        }

        return WindowsCim.OpenAsync(target, cancellationToken);
    }

    /// <summary>Refuses what cannot be had, or would give a secret away; nothing is sent, and nobody is called.</summary>
    /// <param name="target">The host.</param>
    /// <exception cref="NestVirtException">It is so.</exception>
    internal static void ThrowIfUseless(HostTarget target)
    {
        if (target.Address is not WsManAddress address)
        {
            return;
        }

        CimClientChoice choice = CimClientChoice.Of(address);
        choice.ThrowIfUseless(address);
        if (choice.Client == CimClient.WsMan)
        {
            WsManLogin.ThrowIfUseless(address, target);
        }
        else
        {
            _ = MiLogin.Of(target);
        }
    }

    /// <summary>Says how a host is reached.</summary>
    /// <param name="target">The host.</param>
    /// <returns>The end of a sentence, as in <c>over WsMan, with HTTPS and Kerberos, through the built-in client (WsMan), as asked for</c>.</returns>
    internal static string Describe(HostTarget target) =>
        target.Address is not WsManAddress address
            ? $"over {target.Transport} through Windows' own client (MMI), which needs no WinRM here"
            : CimClientChoice.Of(address) switch
            {
                { Client: CimClient.WsMan } choice => $"{WsManLogin.Describe(address)}, {choice}",
                { } choice => $"over {target.Transport} {choice}",
            };
}
