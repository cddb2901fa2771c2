using System.Runtime.CompilerServices;
using NestVirt.Hosts;
using NestVirt.Questions;
using NestVirt.Sessions;
using NestVirt.Transport;
using NestVirt.Transport.Shell;

namespace NestVirt.Client;

/// <summary>Logs in to hosts for many commands.</summary>
/// <param name="shells">Opens shells on hosts.</param>
/// <param name="options">What the sessions are to be like.</param>
internal sealed class SessionQuery(IHostShellFactory shells, SessionOptions options) : IHostQuery<NestSession>
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<NestSession> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        SessionOptions own = options with
        {
            Client = target.Address is SshAddress over ? SshClientChoice.Of(over).Client : null,
        };
        yield return await NestSession.OpenAsync(target, shells, own, cancellationToken).ConfigureAwait(false);
    }
}
