using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using NestVirt.Hosts;
using NestVirt.Linux.Worker;
using NestVirt.Model;
using NestVirt.Questions;
using NestVirt.Transport;
using NestVirt.Transport.Shell;

namespace NestVirt.Client;

/// <summary>Tells which steps on the way to a host stand. The SSH client is the judge of those before the shell: it knows jump hosts, aliases and keys.</summary>
/// <param name="shells">Opens shells on hosts.</param>
internal sealed class ConnectionQuery(IHostShellFactory shells) : IHostQuery<ConnectionCheck>
{
    private static readonly ConnectionStepName[] s_names = Enum.GetValues<ConnectionStepName>();

    /// <inheritdoc/>
    public async IAsyncEnumerable<ConnectionCheck> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        yield return await CheckAsync(target, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ConnectionCheck> CheckAsync(HostTarget target, CancellationToken cancellationToken)
    {
        if (target.IsRecorded)
        {
            throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                "This is a recorded host: it is read from its file, and nobody connects to it."
            );
        }

        if (CimLogin.Reaches(target.Address))
        {
            return await new CimConnection(target).CheckAsync(cancellationToken).ConfigureAwait(false);
        }

        long began = Stopwatch.GetTimestamp();
        try
        {
            IHostShell shell = await shells.OpenAsync(target, cancellationToken).ConfigureAwait(false);
            await using (shell.ConfigureAwait(false))
            {
                await shell.RunAsync(":", cancellationToken).ConfigureAwait(false);
                return await AskAsync(target, shell, Elapsed(began), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (NestVirtException error)
            when (error.Kind
                    is not (
                        NestVirtErrorKind.SshOptionInvalid
                        or NestVirtErrorKind.ToolNotFound
                        or NestVirtErrorKind.HostNameInvalid
                    )
            )
        {
            return Failed(target, error, Elapsed(began));
        }
    }

    private static async Task<ConnectionCheck> AskAsync(
        HostTarget target,
        IHostShell shell,
        long time,
        CancellationToken cancellationToken
    )
    {
        List<ConnectionStep> steps = [.. s_names.Where(IsBeforeShell).Select(name => Reached(target, name))];
        steps.Add(new ConnectionStep(ConnectionStepName.Shell, ConnectionStepState.Passed) { TimeMilliseconds = time });
        (ConnectionStep sudo, string? sudoRemedy) = target.AllowSudo
            ? await RunAsync(shell, SudoCheck.Script, SudoCheck.Read, cancellationToken).ConfigureAwait(false)
            : (
                new ConnectionStep(ConnectionStepName.Sudo, ConnectionStepState.NotApplicable)
                {
                    Detail = "It is not to be used.",
                },
                null
            );
        (ConnectionStep tools, string? toolsRemedy) = await RunAsync(
                shell,
                ToolCheck.Script,
                ToolCheck.Read,
                cancellationToken
            )
            .ConfigureAwait(false);
        return new ConnectionCheck([.. steps, sudo, tools])
        {
            Target = target,
            Message =
                sudoRemedy is not null ? sudo.Detail
                : toolsRemedy is not null ? tools.Detail
                : null,
            Remedy = sudoRemedy ?? toolsRemedy,
        };
    }

    private static async Task<(ConnectionStep Step, string? Remedy)> RunAsync(
        IHostShell shell,
        string script,
        Func<string, (ConnectionStep Step, string? Remedy)> read,
        CancellationToken cancellationToken
    )
    {
        long began = Stopwatch.GetTimestamp();
        ShellResult result = await shell.RunAsync(script, cancellationToken).ConfigureAwait(false);
        (ConnectionStep step, string? remedy) = read(Encoding.UTF8.GetString(result.Output.Span));
        return (step with { TimeMilliseconds = Elapsed(began) }, remedy);
    }

    private static ConnectionCheck Failed(HostTarget target, NestVirtException error, long time)
    {
        // A host that only falls silent does not say where: the shell did not answer, and what came before is unknown.
        ConnectionStepName? told =
            target.Address is SshAddress ? ConnectionFaults.StepOf(error) : ConnectionStepName.Shell;
        ConnectionStepName at = told ?? ConnectionStepName.Shell;
        return new ConnectionCheck([
            .. s_names.Select(name =>
                name == at
                    ? new ConnectionStep(name, ConnectionStepState.Failed)
                    {
                        Detail = InOneLine(error.Message),
                        TimeMilliseconds = time,
                    }
                : name > at ? new ConnectionStep(name, ConnectionStepState.NotTried)
                : told is null ? new ConnectionStep(name, ConnectionStepState.Unknown)
                : Reached(target, name)
            ),
        ])
        {
            Target = target,
            Message = InOneLine(error.Message),
            Remedy = InOneLine(error.Remedy),
            Command = target.Address is SshAddress address ? ConnectionFaults.CommandOf(error, address) : null,
        };
    }

    private static ConnectionStep Reached(HostTarget target, ConnectionStepName name) =>
        new(name, target.Address is SshAddress ? ConnectionStepState.Passed : ConnectionStepState.NotApplicable);

    private static bool IsBeforeShell(ConnectionStepName name) => name < ConnectionStepName.Shell;

    [return: NotNullIfNotNull(nameof(text))]
    private static string? InOneLine(string? text) => text?.ReplaceLineEndings(" ");

    private static long Elapsed(long began) => (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds;
}
