namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Sends messages one after the other, whoever asks.</summary>
/// <param name="channel">Carries them.</param>
/// <param name="timeout">How long an answer may take.</param>
internal sealed class WsManExchange(IWsManChannel channel, TimeSpan timeout) : IAsyncDisposable
{
    // The host ends the work by itself and says so, which tells more than silence does; its word needs time for the way back.
    private const double ShareOfHost = 0.8;

    // WinRM allows no more when nothing is configured (MaxTimeoutms).
    private static readonly TimeSpan s_longestWork = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Gets what writes the messages.</summary>
    internal WsManWriter Writer { get; } = new(channel.Address, WorkTime(timeout));

    /// <summary>Sends a message, once.</summary>
    /// <typeparam name="T">What its answer is.</typeparam>
    /// <param name="request">The message.</param>
    /// <param name="read">Reads the answer.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The answer.</returns>
    internal async Task<T> AskAsync<T>(
        WsManRequest request,
        Func<WsManRequest, WsManReply, T> read,
        CancellationToken cancellationToken
    )
    {
        WsManReply reply;
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            reply = await channel.SendAsync(request.Message, timeout, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }

        return read(request, reply);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await channel.DisposeAsync().ConfigureAwait(false);
        _turn.Dispose();
    }

    private static TimeSpan WorkTime(TimeSpan timeout) =>
        timeout * ShareOfHost < s_longestWork ? timeout * ShareOfHost : s_longestWork;
}
