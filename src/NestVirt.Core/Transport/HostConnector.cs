using NestVirt.Hosts;
using NestVirt.Transport.Recorded;
using NestVirt.Transport.Shell;
using NestVirt.Transport.Shell.Local;
using NestVirt.Transport.Shell.OpenSsh;

namespace NestVirt.Transport;

/// <summary>Connects to whatever host a target names: the one place where the address of a host chooses its transport.</summary>
/// <param name="local">Opens shells on this machine, and over a directory tree.</param>
/// <param name="ssh">Opens shells over SSH.</param>
public sealed class HostConnector(IHostShellFactory local, IHostShellFactory ssh) : IHostShellFactory
{
    /// <summary>Gets the connector that uses this machine's <c>sh</c> and <c>ssh</c>.</summary>
    public static HostConnector Default { get; } = new(new LocalShellFactory(), new SshShellFactory());

    /// <inheritdoc/>
    /// <exception cref="NestVirtException">The host is recorded in a file, which has no shell.</exception>
    public Task<IHostShell> OpenAsync(HostTarget target, CancellationToken cancellationToken) =>
        ShellsFor(target.Address)?.OpenAsync(target, cancellationToken)
        ?? throw new NestVirtException(
            NestVirtErrorKind.FeatureNotSupported,
            "This is a recorded host: it can be read and planned over, not changed."
        );

    /// <summary>Connects to a host, live or recorded.</summary>
    /// <param name="target">The host.</param>
    /// <param name="cancellationToken">Gives up the attempt.</param>
    /// <returns>The connection, which the caller disposes.</returns>
    /// <exception cref="NestVirtException">The host is not there.</exception>
    internal async Task<HostConnection> ConnectAsync(HostTarget target, CancellationToken cancellationToken) =>
        target.Address is SnapshotAddress snapshot
            ? new HostConnection.Recording(
                await HostSnapshot.LoadAsync(snapshot, cancellationToken).ConfigureAwait(false)
            )
            : new HostConnection.Live(await OpenAsync(target, cancellationToken).ConfigureAwait(false));

    private IHostShellFactory? ShellsFor(HostAddress address) =>
        address switch
        {
            SshAddress => ssh,
            LocalAddress or TreeAddress => local,
            _ => null,
        };
}
