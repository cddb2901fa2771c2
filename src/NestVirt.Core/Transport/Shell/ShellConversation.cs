using System.Diagnostics;
using System.Globalization;
using System.Text;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Transport.Shell;

/// <summary>Gives a shell script after script, and takes their answers apart; whatever carries the shell's streams.</summary>
/// <param name="channel">The streams; this object owns them.</param>
/// <param name="explain">Says why the shell ended without a frame: its exit code and all that was written before.</param>
/// <param name="hostWords">Leaves out of what came before a frame what the carrier itself said; null where it says nothing.</param>
/// <param name="sudoPassword">The password that makes the shell root's before its first script; null where none is given.</param>
internal sealed class ShellConversation(
    IShellChannel channel,
    Func<int, string, NestVirtException> explain,
    Func<string, string>? hostWords = null,
    HostSecret? sudoPassword = null
) : IAsyncDisposable
{
    private const int ErrorLimit = 1 << 20;
    private const int NoiseLimit = 1 << 20;
    private const int ReadSize = 32 << 10;
    private const int ShownErrorLength = 4096;
    private const int ShownNoiseLength = 200;

    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    private static readonly Func<Task> s_nothing = static () => Task.CompletedTask;

    // The host has sent it; on a busy machine the thread that reads it may come late.
    private static readonly TimeSpan s_errorGrace = TimeSpan.FromSeconds(10);

    private bool _hasAnswered;
    private bool _hasPrologue;
    private bool _isBroken;
    private Task<int>? _end;

    /// <summary>Gets a value indicating whether the shell has ended. Whoever asks, asks after the log-in.</summary>
    internal bool HasEnded => _isBroken || (_end ??= channel.WaitForEndAsync(CancellationToken.None)).IsCompleted;

    /// <summary>Runs a script, and ends the shell unless it gave the whole answer in time.</summary>
    /// <param name="script">A POSIX sh script.</param>
    /// <param name="timeout">How long the answer may take.</param>
    /// <param name="cancellationToken">Ends the shell.</param>
    /// <param name="spent">How much of that time is over.</param>
    /// <returns>What the script left behind.</returns>
    internal async Task<ShellResult> RunAsync(
        string script,
        TimeSpan timeout,
        CancellationToken cancellationToken,
        TimeSpan spent = default
    )
    {
        ObjectDisposedException.ThrowIf(_isBroken, this);
        string token = ShellFraming.CreateToken();
        FrameReader output = new(token, AnswerLimits.Bytes, NoiseLimit, AnswerLimits.Lines);
        FrameReader error = new(token, ErrorLimit, NoiseLimit);
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        // Whoever cancels finds the shell ended when Cancel returns, even if this program ends right after that.
        using CancellationTokenRegistration ending = deadline.Token.Register(channel.Abort);
        HostClock clock = new(deadline, timeout > spent ? timeout - spent : TimeSpan.Zero);
        using AnswerPlace place = AnswerPlace.Begin();
        SudoLogin? login = _hasPrologue || sudoPassword is not { IsGiven: true } given ? null : LogIn(given);
        _isBroken = true;
        try
        {
            string start = string.Empty;
            if (login is not null)
            {
                await TalkAsync(login.Request, login.Output, login.Error, login.AnswerAsync).ConfigureAwait(false);
                start = login.Refusal is { } refusal ? $"nv_refused={ShellQuote.Word(refusal.Reason)}\n" : string.Empty;
            }

            if (!_hasPrologue)
            {
                start += ShellFraming.Prologue;
                _hasPrologue = true;
            }

            string text = ShellFraming.TakenAtOnce(start + ShellFraming.Wrap(script, token));
            await TalkAsync(text, output, error, s_nothing).ConfigureAwait(false);
            (_isBroken, _hasAnswered) = (false, true);
            return new ShellResult(output.Content, Head(error.Content), output.ExitCode);
        }
        catch (Exception) when (deadline.IsCancellationRequested)
        {
            // Reads end in more than one way when the shell is ended under them.
            cancellationToken.ThrowIfCancellationRequested();
            throw login?.TimedOut(timeout) ?? TimedOut(output, error, timeout);
        }
        finally
        {
            if (_isBroken)
            {
                await deadline.CancelAsync().ConfigureAwait(false);
            }
        }

        SudoLogin LogIn(HostSecret password) =>
            new(password, async line => await channel.SendAsync(line, deadline.Token).ConfigureAwait(false));

        async Task TalkAsync(string text, FrameReader said, FrameReader complained, Func<Task> onComplaint)
        {
            Task sending = SendAsync(text, deadline.Token);
            await ReadFramesAsync(said, complained, TakePlaceAsync, onComplaint, deadline.Token).ConfigureAwait(false);
            await sending.ConfigureAwait(false);
        }

        // Meanwhile nothing is read, so that it is not the host that spends the time.
        async Task TakePlaceAsync()
        {
            clock.Stop();
            await place.TakeAsync(deadline.Token).ConfigureAwait(false);
            clock.Resume();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await using (channel.ConfigureAwait(false))
        {
            try
            {
                if (_hasPrologue && !_isBroken)
                {
                    using CancellationTokenSource goodbye = new(s_grace);
                    await SendAsync(ShellFraming.Epilogue, goodbye.Token).ConfigureAwait(false);
                    channel.CloseInput();
                    await channel.WaitForEndAsync(goodbye.Token).ConfigureAwait(false);
                }
            }
            catch (Exception error) when (error is OperationCanceledException or IOException)
            {
                // It did not take the hint; it is ended below.
            }

            channel.Abort();
        }
    }

    private static string Head(ReadOnlyMemory<byte> bytes) =>
        Encoding.UTF8.GetString(bytes.Span[..Math.Min(bytes.Length, ShownErrorLength)]).Trim();

    // The last words of a shell, which say why it ended.
    private static string Tail(ReadOnlyMemory<byte> bytes) =>
        Encoding.UTF8.GetString(bytes.Span[Math.Max(0, bytes.Length - ShownErrorLength)..]).Trim();

    private async Task<bool> ReadAsync(
        Stream stream,
        FrameReader frame,
        Func<Task> whenLong,
        Func<Task> whenMore,
        CancellationToken cancellationToken
    )
    {
        bool isLong = false;
        while (!frame.IsComplete)
        {
            int count = await stream.ReadAsync(frame.GetMemory(ReadSize), cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                return false;
            }

            frame.Advance(count);
            if (frame.IsOverLimit)
            {
                NestVirtException error = TooLong(frame);
                frame.Clear();
                throw error;
            }

            if (!isLong && frame.Count > AnswerLimits.ShortBytes)
            {
                isLong = true;
                await whenLong().ConfigureAwait(false);
            }

            await whenMore().ConfigureAwait(false);
        }

        return true;
    }

    private string Shown(ReadOnlyMemory<byte> noise) =>
        HostText.ForDisplay(hostWords is null ? Head(noise) : hostWords(Head(noise)), ShownNoiseLength);

    private NestVirtException TooLong(FrameReader frame) =>
        frame.HasBegun
            ? AnswerTooLong(
                frame.HasTooManyLines
                    ? string.Create(CultureInfo.InvariantCulture, $"{AnswerLimits.Lines:N0} lines")
                    : $"{frame.Content.Length >> 20} MiB"
            )
            : new(
                NestVirtErrorKind.HostShellInvalid,
                $"What answers is no POSIX shell: it prints without end: {Shown(frame.Noise)}"
            );

    private static NestVirtException AnswerTooLong(string limit) =>
        new(NestVirtErrorKind.ProbeOutputInvalid, $"The host's answer is too long: more than {limit}.")
        {
            Remedy =
                "The largest hosts take less than half of that: see whether a log or file there grows without end, or whether the host was taken over.",
        };

    private NestVirtException TimedOut(FrameReader output, FrameReader error, TimeSpan timeout)
    {
        string time = DurationText.Of(timeout);
        if (output.HasBegun || error.HasBegun)
        {
            return new NestVirtException(
                NestVirtErrorKind.HostTimeout,
                $"The host did not finish its answer within {time}."
            )
            {
                Remedy = MoreTime(),
            };
        }

        string said = Shown(output.Noise.IsEmpty ? error.Noise : output.Noise);
        return new NestVirtException(
            NestVirtErrorKind.HostTimeout,
            $"The host did not answer within {time}{(said.Length == 0 ? "." : $"; it only said: {said}")}"
        )
        {
            Remedy = MoreTime(),
        };
    }

    private static string MoreTime() =>
        Advice.Of($"Look at the load of the host, or give it more time with {HostSetting.CommandTimeout}.");

    private async Task ReadFramesAsync(
        FrameReader output,
        FrameReader error,
        Func<Task> whenLong,
        Func<Task> whenErrorGrows,
        CancellationToken cancellationToken
    )
    {
        Task<bool> outputRead = ReadAsync(channel.Output, output, whenLong, s_nothing, cancellationToken);
        Task<bool> errorRead = ReadAsync(channel.Error, error, s_nothing, whenErrorGrows, cancellationToken);
        if (await Task.WhenAny(outputRead, errorRead).ConfigureAwait(false) == errorRead)
        {
            // It may have failed: too much of it is an error, whatever the other stream holds.
            await errorRead.ConfigureAwait(false);
        }

        if (!await outputRead.ConfigureAwait(false))
        {
            throw await EndedAsync(output, error, errorRead, cancellationToken).ConfigureAwait(false);
        }

        // The end of the error frame is written before the end of the output's, so it is here or about to be.
        await Task.WhenAny(errorRead, Task.Delay(s_errorGrace, cancellationToken)).ConfigureAwait(false);
        if (!errorRead.IsCompleted)
        {
            throw new NestVirtException(
                NestVirtErrorKind.HostShellInvalid,
                "The standard error of the host's shell does not arrive."
            );
        }

        if (!await errorRead.ConfigureAwait(false))
        {
            throw Lost(error);
        }
    }

    private async Task SendAsync(string text, CancellationToken cancellationToken)
    {
        try
        {
            await channel.SendAsync(Encoding.UTF8.GetBytes(text), cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The shell ended before it read all; what it wrote to its outputs says why.
        }
    }

    private async Task<NestVirtException> EndedAsync(
        FrameReader output,
        FrameReader error,
        Task<bool> errorRead,
        CancellationToken cancellationToken
    )
    {
        int exitCode = await channel.WaitForEndAsync(cancellationToken).ConfigureAwait(false);

        // A master connection that ssh left in the background may hold the stream open, so its end is not awaited for long.
        await Task.WhenAny(errorRead, Task.Delay(s_grace, cancellationToken)).ConfigureAwait(false);
        if (output.HasBegun || error.HasBegun || _hasAnswered)
        {
            return Lost(error);
        }

        string said = Encoding.UTF8.GetString(error.Noise.Span).Trim();
        bool isSilent = string.IsNullOrWhiteSpace(hostWords is null ? said : hostWords(said));
        return explain(exitCode, isSilent ? $"{said}\n{Tail(output.Noise)}".Trim() : said);
    }

    private static NestVirtException Lost(FrameReader error)
    {
        string said = HostText.ForDisplay(Tail(error.HasBegun ? error.Content : error.Noise), ShownNoiseLength);
        return new NestVirtException(
            NestVirtErrorKind.HostConnectionLost,
            $"The connection ended in the middle of an answer{(said.Length == 0 ? "." : $": {said}")}"
        );
    }

    // What is left of a host's time; it stands while the host is kept waiting.
    private sealed class HostClock
    {
        private readonly CancellationTokenSource _deadline;
        private TimeSpan _left;
        private long _began;

        internal HostClock(CancellationTokenSource deadline, TimeSpan time)
        {
            (_deadline, _left) = (deadline, time);
            Resume();
        }

        internal void Resume()
        {
            _began = Stopwatch.GetTimestamp();
            _deadline.CancelAfter(_left);
        }

        internal void Stop()
        {
            _deadline.CancelAfter(Timeout.InfiniteTimeSpan);
            TimeSpan left = _left - Stopwatch.GetElapsedTime(_began);
            _left = left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }
}
