using NestVirt.Hosts;

namespace NestVirt.Transport.Shell;

/// <summary>Opens shells.</summary>
public interface IHostShellFactory
{
    /// <summary>Opens a shell on a host. The log-in may still be under way: the first script waits for it.</summary>
    /// <param name="target">The host.</param>
    /// <param name="cancellationToken">Gives up the attempt.</param>
    /// <returns>The open shell, which the caller disposes.</returns>
    Task<IHostShell> OpenAsync(HostTarget target, CancellationToken cancellationToken);
}
