using NestVirt.Hosts;
using NestVirt.SshNet;
using NestVirt.Transport.Shell;
using NestVirt.Transport.Shell.OpenSsh;

namespace NestVirt.Core.Tests.Transport.Shell.OpenSsh;

/// <summary>A host that stops to answer: after its banner, in the exchange of keys, in the log-in, after it.</summary>
/// <param name="shells">One of the two clients.</param>
public abstract class StallingHostTests(IHostShellFactory shells)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Parts of what the server says until a script has run, in hundredths; the banner is the first few.</summary>
    public static TheoryData<int> Parts => [0, 2, 20, 45, 65, 80];

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task A_host_that_stalls_ends_in_its_time(int part)
    {
        Needs.Sshd();
        using StallingRelay relay = new(SshServer.Shared.Port, await LengthAsync() * part / 100);
        HostTarget target = Through(relay) with
        {
            ConnectTimeout = TimeSpan.FromSeconds(1),
            CommandTimeout = TimeSpan.FromSeconds(2),
        };

        NestVirtException error = await Assert.ThrowsAnyAsync<NestVirtException>(() =>
            RunAsync(target, default).WaitAsync(s_patience)
        );

        Assert.Equal(NestVirtErrorKind.HostTimeout, error.Kind);
        await relay.Ended.WaitAsync(s_patience);
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task Cancelling_ends_the_wait_for_a_host_that_stalls(int part)
    {
        Needs.Sshd();
        using StallingRelay relay = new(SshServer.Shared.Port, await LengthAsync() * part / 100);
        using CancellationTokenSource stop = new();
        Task run = RunAsync(
            Through(relay) with
            {
                ConnectTimeout = TimeSpan.FromMinutes(5),
                CommandTimeout = TimeSpan.FromMinutes(5),
            },
            stop.Token
        );
        await relay.Stalled.WaitAsync(s_patience);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(s_patience));
    }

    private static HostTarget Through(StallingRelay relay) =>
        SshServer.Shared.Target.WithSsh(ssh =>
            ssh with
            {
                Port = relay.Port,
                Options = [.. ssh.Options, $"HostKeyAlias=[127.0.0.1]:{SshServer.Shared.Port}"],
            }
        );

    private async Task<int> LengthAsync()
    {
        using StallingRelay relay = new(SshServer.Shared.Port, int.MaxValue);
        await RunAsync(Through(relay), default);
        await relay.Ended.WaitAsync(s_patience);
        return relay.Passed;
    }

    private async Task RunAsync(HostTarget target, CancellationToken cancellationToken)
    {
        await using IHostShell shell = await shells.OpenAsync(target, cancellationToken);
        await shell.RunAsync("echo", cancellationToken);
    }
}

/// <summary>Through the user's ssh client.</summary>
[Trait("Category", "Security")]
public sealed class OpenSshStallingHostTests() : StallingHostTests(new SshShellFactory());

/// <summary>Through SSH.NET.</summary>
[Trait("Category", "Security")]
public sealed class LibraryStallingHostTests() : StallingHostTests(new SshNetShellFactory());
