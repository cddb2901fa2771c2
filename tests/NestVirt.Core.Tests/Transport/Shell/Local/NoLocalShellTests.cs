using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Probing;
using NestVirt.Transport;
using NestVirt.Transport.Shell;

namespace NestVirt.Core.Tests.Transport.Shell.Local;

/// <summary>What a machine that runs Windows answers where it is asked itself.</summary>
public sealed class NoLocalShellTests
{
    private static readonly HostConnector s_windows = HostConnector.On(isWindows: true);

    [Fact]
    public async Task This_machine_is_not_read_and_told_what_is_read_instead()
    {
        NestVirtException error = await RefusalAsync(HostTarget.Local);

        Assert.Equal(NestVirtErrorKind.FeatureNotSupported, error.Kind);
        Assert.Equal(
            "This machine runs Windows, which has no /bin/sh, and its own Hyper-V is read by the module in PowerShell alone.",
            error.Message
        );
        Assert.Contains("Name a KVM host", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_tree_is_not_read()
    {
        NestVirtException error = await RefusalAsync(HostTarget.Tree("tree"));

        Assert.Equal(NestVirtErrorKind.FeatureNotSupported, error.Kind);
        Assert.Contains("/bin/sh, which Windows does not have", error.Message, StringComparison.Ordinal);
        Assert.Contains("read the snapshot here", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_changed_on_this_machine()
    {
        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            HostChangers
                .Create(s_windows)
                .PlanAsync(HostTarget.Local, new NestingRequest(Enable: true), CancellationToken.None)
        );

        Assert.Equal(NestVirtErrorKind.FeatureNotSupported, error.Kind);
    }

    [Fact]
    public async Task Other_systems_have_a_shell()
    {
        Needs.Shell();

        await using IHostShell shell = await HostConnector
            .On(isWindows: false)
            .OpenAsync(HostTarget.Local, CancellationToken.None);

        Assert.NotNull(shell);
    }

    private static Task<NestVirtException> RefusalAsync(HostTarget target) =>
        Assert.ThrowsAsync<NestVirtException>(() =>
            new ProbeReader(s_windows).ReadAsync(target, [], CancellationToken.None)
        );
}
