using NestVirt.Model;

namespace NestVirt.Transport.Ssh;

/// <summary>A shell over ssh that is opened by its first script, and again if the server was too busy to let it in.</summary>
/// <param name="start">Starts the ssh client.</param>
/// <param name="target">The host.</param>
internal sealed class SshShell(Func<ShellProcess> start, HostTarget target) : IHostShell
{
    // sshd drops a share of the log-ins above MaxStartups (10:30:100 by default) before it authenticates them.
    private const int Attempts = 5;
    private const int FirstDelayMilliseconds = 250;

    private ShellProcess? _process;
    private bool _isOpen;

    /// <inheritdoc/>
    public async Task<ShellResult> RunAsync(string script, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            _process ??= start();
            try
            {
                ShellResult result = await _process.RunAsync(script, cancellationToken).ConfigureAwait(false);
                _isOpen = true;
                return result;
            }
            catch (SshRefusedException) when (!_isOpen && attempt < Attempts)
            {
                await DisposeAsync().ConfigureAwait(false);
                _process = null;
                int delay = FirstDelayMilliseconds << (attempt - 1);
                await Task.Delay(delay + Random.Shared.Next(delay), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <inheritdoc/>
    public override string ToString() => target.Name;
}
