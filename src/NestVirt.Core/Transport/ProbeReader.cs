using System.Text;
using NestVirt.Model;
using NestVirt.Transport.Local;
using NestVirt.Transport.Recorded;
using NestVirt.Transport.Ssh;

namespace NestVirt.Transport;

/// <summary>Reads from whatever a target names: this machine, a tree, a host over SSH, a snapshot file.</summary>
/// <param name="local">Opens shells on this machine.</param>
/// <param name="ssh">Opens shells over SSH.</param>
public sealed class ProbeReader(IHostShellFactory local, IHostShellFactory ssh) : IProbeReader
{
    /// <summary>Gets the reader that uses this machine's <c>sh</c> and <c>ssh</c>.</summary>
    public static ProbeReader Default { get; } = new(new LocalShellFactory(), new SshShellFactory());

    /// <inheritdoc/>
    public async Task<ProbeAnswers> ReadAsync(
        HostTarget target, IReadOnlyList<HostProbe> probes, CancellationToken cancellationToken)
    {
        if (target.Transport == HostTransport.Snapshot)
        {
            return (await HostSnapshot.LoadAsync(target, cancellationToken).ConfigureAwait(false)).Answers;
        }

        IHostShellFactory shells = target.Transport == HostTransport.Ssh ? ssh : local;
        IHostShell shell = await shells.OpenAsync(target, cancellationToken).ConfigureAwait(false);
        await using (shell.ConfigureAwait(false))
        {
            string token = ShellFraming.CreateToken();
            string script = ProbeScript.Compose(probes, token, target.AllowSudo);
            ShellResult result = await shell.RunAsync(script, cancellationToken).ConfigureAwait(false);
            return ProbeScript.Split(Encoding.UTF8.GetString(result.Output.Span), probes, token);
        }
    }
}
