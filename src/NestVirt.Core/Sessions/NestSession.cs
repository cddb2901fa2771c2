using System.Globalization;
using System.Text;
using NestVirt.Hosts;
using NestVirt.Text;
using NestVirt.Transport.Shell;

namespace NestVirt.Sessions;

/// <summary>A log-in to a host that serves many commands, one after the other. It is never replaced: what ends it is said to whoever uses it next.</summary>
/// <example>
/// <code>
/// HostTarget.TryParseSsh("kvm1", out HostTarget? kvm1);
/// NestSession? session = null;
/// await foreach (NestSession opened in HostQueries.OpenSession(TimeSpan.FromMinutes(15)).RunAsync(kvm1!, default))
/// {
///     session = opened;
/// }
///
/// IHostQuery&lt;NestedSupport&gt; support = HostQueries.Ask(HostQuestions.Support);
/// await foreach (NestedSupport answer in support.RunAsync(session!.Target, default)) { }
/// session.Dispose();
/// </code>
/// </example>
public sealed class NestSession : IHostSession, IDisposable
{
    private static int s_count;

    private readonly IHostShell _shell;
    private readonly TimeProvider _time;
    private readonly ITimer _idle;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _end = new();
    private int _users;
    private NestSessionState _state;
    private string? _reason;
    private Task _ended = Task.CompletedTask;

    private NestSession(HostTarget target, IHostShell shell, SessionOptions options)
    {
        Id = Interlocked.Increment(ref s_count);
        _shell = shell;
        _time = options.Time;
        Target = target with { Session = this };
        Name = options.Name ?? target.Name;
        Client = options.Client;
        IdleTimeout = options.IdleTimeout;
        LastUsed = _time.GetLocalNow().DateTime;
        UserName = target.UserName;
        _idle = _time.CreateTimer(_ => EndIdle(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Gets the number that no other session of this process has.</summary>
    public int Id { get; }

    /// <summary>Gets what the user calls it; the name of its host where he calls it nothing.</summary>
    public string Name
    {
        get;
        private init => field = HostText.Shown(value);
    }

    /// <summary>Gets the name of the host.</summary>
    public string HostName => Target.Name;

    /// <summary>Gets the account that is logged in, as the host says.</summary>
    public string? UserName
    {
        get;
        private set => field = value is null ? null : HostText.Shown(value);
    }

    /// <summary>Gets the port that the host was named with; null for the choice of ssh.</summary>
    public int? Port => Target.Port;

    /// <summary>Gets what speaks SSH in it; null on this machine.</summary>
    public SshClient? Client { get; }

    /// <summary>Gets what can be done with it.</summary>
    public NestSessionState State
    {
        get
        {
            lock (_gate)
            {
                NoticeEnd();
                return _state == NestSessionState.Opened && _users > 0 ? NestSessionState.Busy : _state;
            }
        }
    }

    /// <summary>Gets why it can be used no more; null while it can.</summary>
    public string? Reason => State is NestSessionState.Opened or NestSessionState.Busy ? null : _reason;

    /// <summary>Gets how long nothing may be asked in it before it is closed.</summary>
    public TimeSpan IdleTimeout { get; }

    /// <summary>Gets when the last command in it began or ended.</summary>
    public DateTime LastUsed { get; private set; }

    /// <summary>Gets the host, reached through this session.</summary>
    public HostTarget Target { get; }

    /// <summary>Logs in to a host.</summary>
    /// <param name="target">The host.</param>
    /// <param name="shells">Opens shells on it.</param>
    /// <param name="options">What the session is to be like.</param>
    /// <param name="cancellationToken">Gives up the attempt.</param>
    /// <returns>The session, which is open.</returns>
    /// <exception cref="NestVirtException">The host was not reached.</exception>
    internal static async Task<NestSession> OpenAsync(
        HostTarget target,
        IHostShellFactory shells,
        SessionOptions options,
        CancellationToken cancellationToken
    )
    {
        if (target.IsRecorded)
        {
            throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                "This is a recorded host: it is read from its file, and nobody logs in to it."
            );
        }

        if (target.Transport == HostTransport.WsMan)
        {
            throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                "A session is a shell on a host over SSH; each command logs in to a Hyper-V host by itself."
            );
        }

        HostTarget host = target with { Session = null };
        IHostShell shell = await shells.OpenAsync(host, cancellationToken).ConfigureAwait(false);
        try
        {
            ShellResult result = await shell.RunAsync("id -un", cancellationToken).ConfigureAwait(false);
            string user = Encoding.UTF8.GetString(result.Output.Span).Trim();
            cancellationToken.ThrowIfCancellationRequested();
            NestSession session = new(host, shell, options);
            session.UserName = HostTarget.IsUserName(user) ? user : session.UserName;
            session.SetIdle();
            return session;
        }
        catch (Exception)
        {
            await shell.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Gets the shell, which its users share.</summary>
    /// <param name="target">The host, with the time that a command may take.</param>
    /// <returns>The shell; it stays open when it is disposed.</returns>
    internal Task<IHostShell> OpenAsync(HostTarget target) =>
        Task.FromResult<IHostShell>(new SharedShell(this, target.CommandTimeout));

    /// <inheritdoc/>
    void IHostSession.Break(string reason) => Break(reason);

    /// <summary>Ends the session, what runs in it, and its log-in; on return they have ended.</summary>
    public void Dispose()
    {
        Close();
        _ended.GetAwaiter().GetResult();
    }

    /// <summary>Begins to end the session; <see cref="Dispose"/> waits for its end.</summary>
    public void Close() => End(NestSessionState.Closed, "It was removed.");

    /// <summary>Writes the session as its name.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => Name;

    private void Break(string reason) => End(NestSessionState.Broken, reason);

    private void EndIdle()
    {
        lock (_gate)
        {
            if (_users == 0)
            {
                End(NestSessionState.TimedOut, $"Nothing was asked in it for {DurationText.Of(IdleTimeout)}.");
            }
        }
    }

    private void End(NestSessionState state, string reason)
    {
        lock (_gate)
        {
            if (_state == NestSessionState.Opened)
            {
                (_state, _reason) = (state, reason);
                _idle.Dispose();
                _ended = Task.Run(EndShellAsync);
            }
            else if (state == NestSessionState.Closed)
            {
                (_state, _reason) = (state, reason);
            }
        }
    }

    private async Task EndShellAsync()
    {
        // What runs ends with it; what waits for its turn is told.
        await _end.CancelAsync().ConfigureAwait(false);
        await _shell.DisposeAsync().ConfigureAwait(false);
    }

    private void NoticeEnd()
    {
        if (_state == NestSessionState.Opened && _users == 0 && _shell.HasEnded)
        {
            Break("The connection ended while nothing was asked: the host went away, or ended it.");
        }
    }

    private void SetIdle()
    {
        LastUsed = _time.GetLocalNow().DateTime;
        if (_state == NestSessionState.Opened)
        {
            _idle.Change(_users == 0 ? IdleTimeout : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private void Enter()
    {
        lock (_gate)
        {
            NoticeEnd();
            ThrowIfEnded();
            _users++;
            SetIdle();
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            _users--;
            SetIdle();
        }
    }

    private void ThrowIfEnded()
    {
        if (_state != NestSessionState.Opened)
        {
            throw Ended();
        }
    }

    private NestVirtException Ended() =>
        _state switch
        {
            NestSessionState.Closed => new(NestVirtErrorKind.SessionClosed, $"{Title} is closed. {_reason}"),
            NestSessionState.TimedOut => new(NestVirtErrorKind.SessionTimedOut, $"{Title} is closed. {_reason}"),
            _ => new(NestVirtErrorKind.SessionBroken, $"{Title} is broken. {_reason}"),
        };

    private string Title => string.Create(CultureInfo.InvariantCulture, $"Session {Id}");

    private async Task<ShellResult> RunAsync(string script, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Enter();
        try
        {
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(
                cancellationToken,
                _end.Token
            );
            await _turn.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Leave();
            cancellationToken.ThrowIfCancellationRequested();
            throw Ended();
        }

        // Whoever is not interested any more leaves; the session goes on to the end of the answer, and serves the next.
        Task<ShellResult> run = RunInTurnAsync(script, timeout);
        return await run.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<ShellResult> RunInTurnAsync(string script, TimeSpan timeout)
    {
        try
        {
            ThrowIfEnded();
            return await _shell.RunAsync(script, timeout, _end.Token).ConfigureAwait(false);
        }
        catch (Exception) when (_state != NestSessionState.Opened)
        {
            throw Ended();
        }
        catch (NestVirtException error)
        {
            Break(error.Message);
            throw new NestVirtException(error.Kind, $"{error.Message} {Title} is broken thereby.", error)
            {
                Remedy = error.Remedy,
            };
        }
        catch (Exception error)
        {
            Break(error.Message);
            throw;
        }
        finally
        {
            _turn.Release();
            Leave();
        }
    }

    private sealed class SharedShell(NestSession session, TimeSpan timeout) : IHostShell
    {
        public bool HasEnded => session.State is not (NestSessionState.Opened or NestSessionState.Busy);

        public Task<ShellResult> RunAsync(string script, CancellationToken cancellationToken) =>
            RunAsync(script, timeout, cancellationToken);

        public Task<ShellResult> RunAsync(string script, TimeSpan time, CancellationToken cancellationToken) =>
            session.RunAsync(script, time, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
