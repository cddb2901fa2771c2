using NestVirt.Hosts;

namespace NestVirt.Transport.Cim;

/// <summary>Windows' own client of CIM, which the front end brings that has it: Core does not know its types.</summary>
internal static class WindowsCim
{
    private static Func<HostTarget, CancellationToken, Task<ICimSession>>? s_open;

    /// <summary>Gets a value indicating whether this process has it.</summary>
    internal static bool IsHere => s_open is not null;

    /// <summary>Brings the client.</summary>
    /// <param name="open">
    /// Opens the way to the classes of a Hyper-V host, or of this machine, and throws <see cref="NestVirtException"/>; null to
    /// take it away again.
    /// </param>
    internal static void Use(Func<HostTarget, CancellationToken, Task<ICimSession>>? open) => s_open = open;

    /// <summary>Opens the way to the classes of a host.</summary>
    /// <param name="target">The host, or this machine.</param>
    /// <param name="cancellationToken">Gives up the attempt.</param>
    /// <returns>The way.</returns>
    /// <exception cref="NestVirtException">This process has no such client, or the host was not reached.</exception>
    internal static Task<ICimSession> OpenAsync(HostTarget target, CancellationToken cancellationToken) =>
        s_open?.Invoke(target, cancellationToken)
        ?? throw new NestVirtException(
            NestVirtErrorKind.ToolNotFound,
            "Windows' own client of CIM (MMI) is asked for, and opens sessions in PowerShell on Windows alone; the built-in client (WsMan) does so everywhere."
        );
}
