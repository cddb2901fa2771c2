using System.Diagnostics;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Text;
using NestVirt.Transport;
using NestVirt.Transport.Shell;

namespace NestVirt.Probing;

/// <summary>Reads from whatever a target names: this machine, a tree, a host over SSH or over CIM, a snapshot file.</summary>
/// <param name="connector">Connects to the host.</param>
internal sealed class ProbeReader(HostConnector connector) : IProbeReader
{
    /// <summary>Gets the reader that uses this machine's <c>sh</c> and <c>ssh</c>.</summary>
    public static ProbeReader Default { get; } = new(HostConnector.Default);

    /// <inheritdoc/>
    public async Task<ProbeAnswers> ReadAsync(
        HostTarget target,
        IReadOnlyList<HostProbe> probes,
        CancellationToken cancellationToken
    )
    {
        if (CimLogin.Reaches(target.Address))
        {
            return await ReadClassesAsync(target, [.. probes.Cast<CimProbe>()], cancellationToken)
                .ConfigureAwait(false);
        }

        HostConnection connection = await connector.ConnectAsync(target, cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            return connection switch
            {
                HostConnection.Live live => await AskAsync(live.Shell, probes, target.AllowSudo, cancellationToken)
                    .ConfigureAwait(false),
                HostConnection.Recording recorded => new ProbeAnswers(recorded.Snapshot.Answers).Only(probes),
                _ => throw new UnreachableException(),
            };
        }
    }

    // A shell keeps its host's time itself; here many answers make one.
    private async Task<ProbeAnswers> ReadClassesAsync(
        HostTarget target,
        IReadOnlyList<CimProbe> probes,
        CancellationToken cancellationToken
    )
    {
        long began = Stopwatch.GetTimestamp();
        using AnswerPlace place = AnswerPlace.Begin();
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(target.CommandTimeout);
        try
        {
            HostConnection connection = await connector.ConnectAsync(target, deadline.Token).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                return connection is HostConnection.Classes classes
                    ? await CimAnswers
                        .AskAsync(classes.Session, probes, deadline.Token, TakePlaceAsync)
                        .ConfigureAwait(false)
                    : throw new UnreachableException();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NestVirtException(
                NestVirtErrorKind.HostTimeout,
                $"The host has not answered all that was asked within {DurationText.Of(target.CommandTimeout)}."
            )
            {
                Remedy = Advice.Of($"Give it more time with {HostSetting.CommandTimeout}."),
            };
        }

        // The time in which it waits for others is not the host's.
        async Task TakePlaceAsync()
        {
            deadline.CancelAfter(Timeout.InfiniteTimeSpan);
            await place.TakeAsync(cancellationToken).ConfigureAwait(false);
            TimeSpan left = target.CommandTimeout - (Stopwatch.GetElapsedTime(began) - place.Waited);
            deadline.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
    }

    /// <summary>Asks the probes through a shell that is open.</summary>
    /// <param name="shell">The shell.</param>
    /// <param name="probes">The probes.</param>
    /// <param name="allowSudo">Whether <c>sudo -n</c> may be tried for probes that need root.</param>
    /// <param name="cancellationToken">Stops asking, and ends the shell.</param>
    /// <returns>An answer for each probe.</returns>
    public static async Task<ProbeAnswers> AskAsync(
        IHostShell shell,
        IReadOnlyList<HostProbe> probes,
        bool allowSudo,
        CancellationToken cancellationToken
    )
    {
        string token = ShellFraming.CreateToken();
        ShellProbe[] asked = [.. probes.Cast<ShellProbe>()];
        string script = ProbeScript.Compose(asked, token, allowSudo);
        ShellResult result = await shell.RunAsync(script, cancellationToken).ConfigureAwait(false);
        return ProbeScript.Split(result.Output.Span, asked, token, result.ErrorOutput);
    }
}
