using System.Diagnostics;

namespace NestVirt.Transport.Ssh;

/// <summary>A shell over ssh that is opened by its first script, and again if the server was too busy to let it in.</summary>
/// <param name="start">Starts the ssh client.</param>
/// <param name="timeout">How long a script may take, the log-in and every new attempt at it included.</param>
internal sealed class SshShell(Func<ShellProcess> start, TimeSpan timeout) : IHostShell
{
    // sshd drops a share of the log-ins above MaxStartups (10:30:100 by default) before it authenticates them.
    private const int Attempts = 6;
    private const int FirstDelayMilliseconds = 200;

    private ShellProcess? _process;
    private bool _isOpen;

    /// <inheritdoc/>
    public async Task<ShellResult> RunAsync(string script, CancellationToken cancellationToken)
    {
        long began = Stopwatch.GetTimestamp();
        for (int attempt = 1; ; attempt++)
        {
            _process ??= start();
            try
            {
                TimeSpan left = timeout - Stopwatch.GetElapsedTime(began);
                ShellResult result = await _process.RunAsync(script, left, cancellationToken).ConfigureAwait(false);
                _isOpen = true;
                return result;
            }
            catch (SshRefusedException) when (!_isOpen && attempt < Attempts)
            {
                await _process.DisposeAsync().ConfigureAwait(false);
                _process = null;
                int least = FirstDelayMilliseconds << (attempt - 1);
                TimeSpan delay = TimeSpan.FromMilliseconds(least + Random.Shared.Next(least));
                if (Stopwatch.GetElapsedTime(began) + delay >= timeout)
                {
                    throw;
                }

                await Task.Delay(delay, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;
}
