using System.Diagnostics;
using NestVirt.Hosts;

namespace NestVirt.Transport.Shell.OpenSsh;

/// <summary>A shell over ssh that is opened by its first script, and again if the server was too busy to let it in.</summary>
/// <param name="start">Starts the ssh client.</param>
/// <param name="target">The host, for its timeouts.</param>
internal sealed class SshShell(Func<ShellConversation> start, HostTarget target) : IHostShell
{
    // sshd drops a share of the log-ins above MaxStartups (10:30:100 by default) before it authenticates them.
    private const int FirstDelayMilliseconds = 200;
    private const int LongestDelayMilliseconds = 2000;

    private ShellConversation? _conversation;
    private bool _isOpen;

    /// <inheritdoc/>
    public bool HasEnded => _conversation?.HasEnded ?? false;

    /// <inheritdoc/>
    public Task<ShellResult> RunAsync(string script, CancellationToken cancellationToken) =>
        RunAsync(script, target.CommandTimeout, cancellationToken);

    /// <inheritdoc/>
    public async Task<ShellResult> RunAsync(string script, TimeSpan timeout, CancellationToken cancellationToken)
    {
        long began = Stopwatch.GetTimestamp();
        int delay = FirstDelayMilliseconds;
        while (true)
        {
            _conversation ??= start();
            try
            {
                ShellResult result = await _conversation
                    .RunAsync(script, timeout, cancellationToken, Stopwatch.GetElapsedTime(began))
                    .ConfigureAwait(false);
                _isOpen = true;
                return result;
            }
            catch (SshRefusedException) when (!_isOpen && MayRetry(began, timeout))
            {
                await _conversation.DisposeAsync().ConfigureAwait(false);
                _conversation = null;
                await Task.Delay(delay + Random.Shared.Next(delay), cancellationToken).ConfigureAwait(false);
                delay = Math.Min(2 * delay, LongestDelayMilliseconds);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _conversation?.DisposeAsync() ?? ValueTask.CompletedTask;

    private bool MayRetry(long began, TimeSpan timeout)
    {
        TimeSpan next = Stopwatch.GetElapsedTime(began) + TimeSpan.FromMilliseconds(2 * LongestDelayMilliseconds);
        return next < target.ConnectTimeout && next < timeout;
    }
}
