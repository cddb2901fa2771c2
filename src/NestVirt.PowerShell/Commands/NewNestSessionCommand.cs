using System.Collections.Concurrent;
using System.Management.Automation;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.PowerShell.Parameters;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Questions;
using NestVirt.Sessions;

namespace NestVirt.PowerShell.Commands;

/// <summary>Logs in to hosts for many cmdlets.</summary>
[Cmdlet(
    VerbsCommon.New,
    "NestSession",
    DefaultParameterSetName = HostSet,
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Low
)]
[OutputType(typeof(NestSession))]
public sealed class NewNestSessionCommand : LiveHostCommand, IHostQuery<NestSession>
{
    private const int DefaultIdleTimeout = 15 * 60 * 1000;

    private readonly ConcurrentDictionary<NestSession, bool> _open = [];
    private IHostQuery<NestSession> _query = null!;
    private HostReading<NestSession> _reading = null!;

    /// <summary>Gets or sets what to call the sessions.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Gets or sets how long nothing may be asked in a session before it is closed, in milliseconds.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int IdleTimeout { get; set; } = DefaultIdleTimeout;

    /// <inheritdoc/>
    async IAsyncEnumerable<NestSession> IHostQuery<NestSession>.RunAsync(
        HostTarget target,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (NestSession session in _query.RunAsync(target, cancellationToken).ConfigureAwait(false))
        {
            _open[session] = true;
            yield return session;
        }
    }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _query = HostQueries.OpenSession(TimeSpan.FromMilliseconds(IdleTimeout), Name);
        _reading = new HostReading<NestSession>(this, this, (_, sessions) => Write(sessions[0]));
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (HostTarget host in Hosts.OfRecord().Select(static named => named.Target))
        {
            if (ShouldProcess(host.Name, "Log in"))
            {
                _reading.Ask(host);
            }
        }

        _reading.Drain();
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => _reading.Finish();

    /// <inheritdoc/>
    protected override void Dispose(bool isDisposing)
    {
        base.Dispose(isDisposing);

        // Those that nobody was given: a pipeline that was stopped wants no more.
        OpenSessions.Remove([.. _open.Keys]);
        _open.Clear();
    }

    private void Write(NestSession session)
    {
        _open.TryRemove(session, out _);
        OpenSessions.Add(session);
        WriteObject(session);
    }
}
