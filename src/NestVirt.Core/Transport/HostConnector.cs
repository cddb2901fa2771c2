using System.Globalization;
using NestVirt.Hosts;
using NestVirt.Sessions;
using NestVirt.Transport.Recorded;
using NestVirt.Transport.Shell;
using NestVirt.Transport.Shell.Local;
using NestVirt.Transport.Shell.OpenSsh;

namespace NestVirt.Transport;

/// <summary>Connects to whatever host a target names: the one place where the address of a host chooses its transport.</summary>
/// <param name="local">Opens shells on this machine, and over a directory tree.</param>
/// <param name="ssh">Opens shells through the OpenSSH client.</param>
/// <param name="library">Opens shells through the built-in SSH client; where there is none, the first takes all hosts.</param>
public sealed class HostConnector(IHostShellFactory local, IHostShellFactory ssh, IHostShellFactory? library = null)
    : IHostShellFactory
{
    private IReadOnlyList<ReusedShells> _kept = [];

    /// <summary>Gets the connector that uses this machine's <c>sh</c> and <c>ssh</c>.</summary>
    public static HostConnector Default { get; } = On(OperatingSystem.IsWindows());

    /// <inheritdoc/>
    /// <exception cref="NestVirtException">The host has no shell: it is recorded in a file, or is reached over CIM.</exception>
    public Task<IHostShell> OpenAsync(HostTarget target, CancellationToken cancellationToken) =>
        (target.Session as NestSession)?.OpenAsync(target)
        ?? ShellsFor(target.Address)?.OpenAsync(target, cancellationToken)
        ?? throw NoShell(target.Address);

    /// <summary>Says how a host is reached, and why in that way.</summary>
    /// <param name="target">The host.</param>
    /// <returns>The end of a sentence, as in <c>over Ssh through the OpenSSH client, as asked for</c>.</returns>
    public static string Describe(HostTarget target) =>
        (
            target.Session is NestSession session
                ? string.Create(CultureInfo.InvariantCulture, $"in session {session.Id}")
                : target.Address switch
                {
                    SshAddress over => $"over {target.Transport} {SshClientChoice.Of(over)}",
                    { } over when CimLogin.Reaches(over) => CimLogin.Describe(target),
                    _ => $"over {target.Transport}",
                }
        ) + (target.SudoPassword is null ? string.Empty : ", and as root by sudo and the password that was given");

    /// <summary>Makes a connector of the same ways that keeps shells for the next use, so that a host is logged in to once.</summary>
    /// <returns>The connector; whoever disposes it ends the shells.</returns>
    internal HostConnector Reusing()
    {
        ReusedShells[] kept = [new(local), new(ssh), .. library is null ? Array.Empty<ReusedShells>() : [new(library)]];
        return new HostConnector(kept[0], kept[1], kept.ElementAtOrDefault(2)) { _kept = kept };
    }

    /// <summary>Ends the shells that were kept.</summary>
    /// <returns>When they have ended.</returns>
    internal Task EndAsync() => Task.WhenAll(_kept.Select(static shells => shells.DisposeAsync().AsTask()));

    /// <summary>Makes the connector of a machine.</summary>
    /// <param name="isWindows">Whether it runs Windows.</param>
    /// <returns>The connector.</returns>
    internal static HostConnector On(bool isWindows) =>
        new(isWindows ? new NoLocalShell() : new LocalShellFactory(), new SshShellFactory(), SshLibrary.Shells);

    /// <summary>Connects to a host, live or recorded.</summary>
    /// <param name="target">The host.</param>
    /// <param name="cancellationToken">Gives up the attempt.</param>
    /// <returns>The connection, which the caller disposes.</returns>
    /// <exception cref="NestVirtException">The host is not there.</exception>
    internal async Task<HostConnection> ConnectAsync(HostTarget target, CancellationToken cancellationToken) =>
        target.Address switch
        {
            SnapshotAddress snapshot => new HostConnection.Recording(
                await HostSnapshot.LoadAsync(snapshot, cancellationToken).ConfigureAwait(false)
            ),
            { } place when CimLogin.Reaches(place) => new HostConnection.Classes(
                await CimLogin.OpenAsync(target, cancellationToken).ConfigureAwait(false)
            ),
            _ => new HostConnection.Live(await OpenAsync(target, cancellationToken).ConfigureAwait(false)),
        };

    private static NestVirtException NoShell(HostAddress address) =>
        new(
            NestVirtErrorKind.FeatureNotSupported,
            address is WsManAddress
                ? "A Hyper-V host is reached over CIM, and has no shell."
                : "This is a recorded host: it can be read and planned over, not changed."
        );

    private IHostShellFactory? ShellsFor(HostAddress address) =>
        address switch
        {
            SshAddress over => ShellsFor(over),
            LocalAddress or TreeAddress => local,
            _ => null,
        };

    private IHostShellFactory ShellsFor(SshAddress address)
    {
        SshClientChoice choice = SshClientChoice.Of(address);
        choice.ThrowIfUseless(address);
        return choice.Client == SshClient.Library && library is not null ? library : ssh;
    }
}
