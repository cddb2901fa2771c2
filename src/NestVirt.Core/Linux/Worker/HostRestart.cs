using System.Text;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Transport.Shell;

namespace NestVirt.Linux.Worker;

/// <summary>Restarts a host, and waits until it is back.</summary>
/// <param name="shells">Opens shells on hosts.</param>
internal sealed class HostRestart(IHostShellFactory shells)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(3);

    // The units of the host's own that set virtual functions, drivers and huge pages may run after sshd began to answer.
    private static readonly TimeSpan s_settling = TimeSpan.FromMinutes(4);

    private const string Settle = """
        PATH=${PATH:+$PATH:}/usr/sbin:/sbin:/usr/bin:/bin
        if [ -d /run/systemd/system ]; then timeout 180 systemctl is-system-running --wait; fi >/dev/null 2>&1
        udevadm settle --timeout=30 >/dev/null 2>&1 || :
        """;

    // The restart is left to a process of its own, so that this connection can end in order.
    internal const string Script = """
        PATH=${PATH:+$PATH:}/usr/sbin:/sbin:/usr/bin:/bin
        set -- shutdown -r now
        command -v shutdown >/dev/null 2>&1 || set -- reboot
        ! command -v systemctl >/dev/null 2>&1 || [ ! -d /run/systemd/system ] || set -- systemctl reboot
        if [ "$(id -u)" != 0 ]; then set -- sudo -n /bin/sh -c 'exec "$@"' restart "$@"; fi
        (setsid sh -c 'sleep 1; exec "$@"' restart "$@" >/dev/null 2>&1 </dev/null &)
        """;

    /// <summary>Restarts the host.</summary>
    /// <remarks>A session ends with the boot that it was opened in; the host is waited for, and settles, by log-ins of its own.</remarks>
    /// <param name="target">The host; one over SSH.</param>
    /// <param name="shell">A shell on it that is open.</param>
    /// <param name="bootId">The id of the boot that is to end.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="NestVirtException">The host is this machine, or did not come back in a quarter of an hour.</exception>
    internal async Task RunAsync(
        HostTarget target,
        IHostShell shell,
        string bootId,
        CancellationToken cancellationToken
    )
    {
        if (target.Address is not SshAddress address)
        {
            throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                "This machine is not restarted from itself."
            )
            {
                Remedy = Advice.Of(
                    $"Restart it yourself. Whether the change is in effect then, see by {OwnCommand.History}."
                ),
            };
        }

        if (target.Session is not null && address.Credential is { IsGiven: false })
        {
            throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                "The host is not restarted: the session does not keep the password that it was opened with, and so could not look whether the host is back."
            )
            {
                Remedy = Advice.Of(
                    $"Name the host itself, with {HostSetting.Credential} or {HostSetting.KeyPassphrase}, or restart it yourself."
                ),
            };
        }

        await shell.RunAsync(Script, cancellationToken).ConfigureAwait(false);
        target.Session?.Break("The host was restarted for a change.");

        // Nothing that follows needs root, and a host that starts may not judge a password yet.
        target = target with
        {
            Session = null,
            SudoPassword = null,
        };
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(s_timeout);
        try
        {
            while (!await IsBackAsync(target, bootId, deadline.Token).ConfigureAwait(false))
            {
                await Task.Delay(s_interval, deadline.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NestVirtException(
                NestVirtErrorKind.HostTimeout,
                $"The host did not come back within {s_timeout.TotalMinutes:0} minutes of its restart."
            )
            {
                Remedy = Advice.Of(
                    $"Look at its console. Once it is up, the change can be taken back by {OwnCommand.Undo}."
                ),
            };
        }

        await SettleAsync(target, cancellationToken).ConfigureAwait(false);
    }

    // A host that does not settle, or a connection that ends meanwhile, ends the waiting: the host is back, and read next.
    private async Task SettleAsync(HostTarget target, CancellationToken cancellationToken)
    {
        try
        {
            IHostShell shell = await shells
                .OpenAsync(target with { CommandTimeout = s_settling }, cancellationToken)
                .ConfigureAwait(false);
            await using (shell.ConfigureAwait(false))
            {
                await shell.RunAsync(Settle, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (NestVirtException error) when (!IsAboutHostKey(error)) { }
    }

    private async Task<bool> IsBackAsync(HostTarget target, string bootId, CancellationToken cancellationToken)
    {
        try
        {
            IHostShell shell = await shells.OpenAsync(target, cancellationToken).ConfigureAwait(false);
            await using (shell.ConfigureAwait(false))
            {
                ShellResult result = await shell
                    .RunAsync("cat /proc/sys/kernel/random/boot_id", cancellationToken)
                    .ConfigureAwait(false);
                string now = Encoding.ASCII.GetString(result.Output.Span).Trim();
                return now.Length > 0 && now != bootId;
            }
        }
        catch (NestVirtException error) when (!IsAboutHostKey(error))
        {
            return false;
        }
    }

    private static bool IsAboutHostKey(NestVirtException error) =>
        error.Kind is NestVirtErrorKind.HostKeyMismatch or NestVirtErrorKind.HostKeyUnknown;
}
