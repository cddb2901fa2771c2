using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using NestVirt.Hosts;
using NestVirt.Linux.Worker;
using NestVirt.Transport.Shell;

namespace NestVirt.Core.Tests.Changes;

public sealed class HostRestartTests
{
    private static readonly HostTarget s_target = new("kvm1", new SshAddress("kvm1"));

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task The_host_is_restarted_by_what_it_has()
    {
        Needs.Root();
        (string[] Has, string Runs)[] hosts =
        [
            (["sbin/reboot"], "reboot"),
            (["sbin/reboot", "sbin/shutdown"], "shutdown -r now"),
            (["sbin/reboot", "sbin/shutdown", "bin/systemctl"], "shutdown -r now"),
            (["sbin/reboot", "sbin/shutdown", "bin/systemctl", "run/systemd/system/.keep"], "systemctl reboot"),
        ];
        foreach ((string[] has, string runs) in hosts)
        {
            using HostTree tree = new();
            foreach (
                string program in (string[])
                    ["/bin/sh", "/usr/bin/id", "/usr/bin/setsid", "/usr/bin/sleep", "/usr/bin/chmod"]
            )
            {
                await tree.WithProgramAsync(program);
            }

            tree.Write("dev/null", string.Empty);
            foreach (string file in has)
            {
                tree.Write(file, "#!/bin/sh\necho \"${0##*/} $*\" >/said\n");
                File.SetUnixFileMode($"{tree.Path}/{file}", UnixFileMode.UserRead | UnixFileMode.UserExecute);
            }

            using Process shell = Process.Start(
                new ProcessStartInfo("chroot", [tree.Path, "/bin/sh", "-c", HostRestart.Script])
            )!;
            await shell.WaitForExitAsync();
            Assert.Equal(0, shell.ExitCode);
            Assert.Equal(runs, await LineOfAsync($"{tree.Path}/said"));
        }
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task An_account_restarts_it_by_the_command_that_sudo_allows_for_changes()
    {
        Needs.Shell();
        string folder = Directory.CreateTempSubdirectory("nestvirt-restart-").FullName;
        (string, string)[] programs =
        [
            ("id", "echo 1000"),
            ("sudo", $"echo \"$*\" >{folder}/said"),
            // So that a script that is wrong restarts nothing.
            ("systemctl", ":"),
            ("shutdown", ":"),
            ("reboot", ":"),
        ];
        foreach ((string name, string text) in programs)
        {
            await File.WriteAllTextAsync($"{folder}/{name}", $"#!/bin/sh\n{text}\n");
            File.SetUnixFileMode($"{folder}/{name}", UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        using Process shell = Process.Start("/bin/sh", ["-c", $"PATH={folder}:$PATH\n{HostRestart.Script}"]);
        await shell.WaitForExitAsync();
        Assert.StartsWith(
            "-n /bin/sh -c exec \"$@\" restart ",
            await LineOfAsync($"{folder}/said"),
            StringComparison.Ordinal
        );
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(NestVirtErrorKind.HostTimeout)]
    [InlineData(NestVirtErrorKind.HostUnreachable)]
    public async Task A_host_that_is_back_and_does_not_settle_is_back(NestVirtErrorKind kind)
    {
        FaultyHost host = new("systemctl is-system-running", new NestVirtException(kind, "The host went silent."));

        await new HostRestart(host).RunAsync(s_target, host, "before", CancellationToken.None);

        Assert.Contains("is-system-running", host.Scripts[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("boot_id")]
    [InlineData("systemctl is-system-running")]
    public async Task Another_host_key_after_the_restart_is_an_error(string where)
    {
        FaultyHost host = new(where, new NestVirtException(NestVirtErrorKind.HostKeyMismatch, "Another key."));

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            new HostRestart(host).RunAsync(s_target, host, "before", CancellationToken.None)
        );

        Assert.Equal(NestVirtErrorKind.HostKeyMismatch, error.Kind);
    }

    [Fact]
    public async Task The_wait_goes_on_while_the_host_is_away_or_has_not_gone_down_yet()
    {
        Queue<string?> boots = new(["before", null, "after"]);
        FaultyHost host = new("nothing", new NestVirtException(NestVirtErrorKind.HostUnreachable, "Away."))
        {
            Boots = boots,
        };

        await new HostRestart(host).RunAsync(s_target, host, "before", CancellationToken.None);

        Assert.Empty(boots);
    }

    // Answers like a host that has restarted, but for one script.
    private sealed class FaultyHost(string where, NestVirtException error) : IHostShellFactory, IHostShell
    {
        public List<string> Scripts { get; } = [];

        public Queue<string?> Boots { get; init; } = new(["after"]);

        public Task<IHostShell> OpenAsync(HostTarget target, CancellationToken cancellationToken) =>
            Task.FromResult<IHostShell>(this);

        public bool HasEnded => false;

        public Task<ShellResult> RunAsync(string script, TimeSpan timeout, CancellationToken cancellationToken) =>
            RunAsync(script, cancellationToken);

        public Task<ShellResult> RunAsync(string script, CancellationToken cancellationToken)
        {
            Scripts.Add(script);
            if (script.Contains(where, StringComparison.Ordinal))
            {
                throw error;
            }

            string said = script.Contains("boot_id", StringComparison.Ordinal)
                ? Boots.Dequeue() ?? throw error
                : string.Empty;
            return Task.FromResult(new ShellResult(Encoding.ASCII.GetBytes(said), string.Empty, 0));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    // A shell makes the file before the program that it starts writes to it.
    private static async Task<string> LineOfAsync(string path)
    {
        for (int attempt = 0; attempt < 1200; attempt++)
        {
            if (File.Exists(path) && await File.ReadAllTextAsync(path) is { } text && text.EndsWith('\n'))
            {
                return text.Trim();
            }

            await Task.Delay(50);
        }

        return string.Empty;
    }
}
