using System.Collections.Concurrent;
using NestVirt.Hosts;
using NestVirt.Transport.Shell;

namespace NestVirt.Sessions;

/// <summary>Keeps shells that were given back for the next use of the same host, so that one command logs in to it once.</summary>
/// <param name="shells">Opens shells.</param>
internal sealed class ReusedShells(IHostShellFactory shells) : IHostShellFactory, IAsyncDisposable
{
    private readonly ConcurrentDictionary<
        (string Name, HostAddress Address, HostSecret? Sudo),
        ConcurrentBag<IHostShell>
    > _kept = [];
    private volatile bool _isEnded;

    /// <inheritdoc/>
    public async Task<IHostShell> OpenAsync(HostTarget target, CancellationToken cancellationToken)
    {
        ConcurrentBag<IHostShell> kept = _kept.GetOrAdd(
            (target.Name, target.Address, target.SudoPassword),
            static _ => []
        );
        while (kept.TryTake(out IHostShell? shell))
        {
            if (!shell.HasEnded)
            {
                return new Lent(this, kept, shell, target.CommandTimeout);
            }

            await shell.DisposeAsync().ConfigureAwait(false);
        }

        return new Lent(
            this,
            kept,
            await shells.OpenAsync(target, cancellationToken).ConfigureAwait(false),
            target.CommandTimeout
        );
    }

    /// <summary>Ends the shells, and those that are still lent when they come back.</summary>
    /// <returns>When they have ended.</returns>
    public async ValueTask DisposeAsync()
    {
        _isEnded = true;
        await Task.WhenAll(_kept.Values.SelectMany(Emptied).Select(static shell => shell.DisposeAsync().AsTask()))
            .ConfigureAwait(false);
    }

    private static IEnumerable<IHostShell> Emptied(ConcurrentBag<IHostShell> kept)
    {
        while (kept.TryTake(out IHostShell? shell))
        {
            yield return shell;
        }
    }

    private sealed class Lent(ReusedShells owner, ConcurrentBag<IHostShell> kept, IHostShell shell, TimeSpan timeout)
        : IHostShell
    {
        // One that was never used is not open yet, and one whose last script failed is of no use.
        private bool _isWhole;

        public bool HasEnded => shell.HasEnded;

        public Task<ShellResult> RunAsync(string script, CancellationToken cancellationToken) =>
            RunAsync(script, timeout, cancellationToken);

        public async Task<ShellResult> RunAsync(string script, TimeSpan time, CancellationToken cancellationToken)
        {
            _isWhole = false;
            ShellResult result = await shell.RunAsync(script, time, cancellationToken).ConfigureAwait(false);
            _isWhole = true;
            return result;
        }

        public async ValueTask DisposeAsync()
        {
            if (!_isWhole)
            {
                await shell.DisposeAsync().ConfigureAwait(false);
                return;
            }

            kept.Add(shell);
            if (owner._isEnded)
            {
                await owner.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
