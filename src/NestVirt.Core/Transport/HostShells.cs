using NestVirt.Hosts;
using NestVirt.Transport.Shell;
using NestVirt.Transport.Shell.Local;
using NestVirt.Transport.Shell.OpenSsh;

namespace NestVirt.Transport;

/// <summary>Opens shells on whatever live host a target names.</summary>
/// <param name="local">Opens shells on this machine.</param>
/// <param name="ssh">Opens shells over SSH.</param>
public sealed class HostShells(IHostShellFactory local, IHostShellFactory ssh) : IHostShellFactory
{
    /// <summary>Gets the factory that uses this machine's <c>sh</c> and <c>ssh</c>.</summary>
    public static HostShells Default { get; } = new(new LocalShellFactory(), new SshShellFactory());

    /// <inheritdoc/>
    public Task<IHostShell> OpenAsync(HostTarget target, CancellationToken cancellationToken) =>
        target.Transport switch
        {
            HostTransport.Ssh => ssh.OpenAsync(target, cancellationToken),
            HostTransport.Snapshot => throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                $"{target.Name} is a recorded host: it can be read, not changed."
            ),
            _ => local.OpenAsync(target, cancellationToken),
        };
}
