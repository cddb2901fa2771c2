using System.Text;
using NestVirt.Hosts;
using NestVirt.Transport.Shell;
using NestVirt.Transport.Shell.Local;

namespace NestVirt.Core.Tests.Transport.Shell.Local;

public sealed class LocalShellTests
{
    private static readonly LocalShellFactory s_shells = new();

    [Fact]
    public async Task Output_errors_and_exit_code_come_apart()
    {
        Needs.Shell();
        await using IHostShell shell = await s_shells.OpenAsync(HostTarget.Local, default);

        ShellResult result = await shell.RunAsync("echo out; echo err >&2; echo out2; exit 42", default);

        Assert.Equal(("out\nout2\n", "err", 42), (Text(result), result.ErrorOutput, result.ExitCode));
    }

    [Fact]
    public async Task A_shell_runs_many_scripts_that_do_not_see_each_other()
    {
        Needs.Shell();
        await using IHostShell shell = await s_shells.OpenAsync(HostTarget.Local, default);

        for (int i = 0; i < 20; i++)
        {
            ShellResult result = await shell.RunAsync($"printf '%s' \"[$seen]\"; seen={i}; cd /; exit {i}", default);
            Assert.Equal(("[]", i), (Text(result), result.ExitCode));
        }
    }

    [Fact]
    public async Task A_script_has_no_input()
    {
        Needs.Shell();
        await using IHostShell shell = await s_shells.OpenAsync(HostTarget.Local, default);

        ShellResult result = await shell.RunAsync("cat; read -r line; echo \"$?\"", default);

        Assert.Equal("1\n", Text(result));
    }

    [Fact]
    public async Task Output_is_kept_byte_for_byte()
    {
        Needs.Shell();
        byte[] bytes = [.. Enumerable.Range(0, 256).Select(static value => (byte)value)];
        string octal = string.Concat(bytes.Select(static value => "\\" + Convert.ToString(value, 8).PadLeft(3, '0')));
        await using IHostShell shell = await s_shells.OpenAsync(HostTarget.Local, default);

        ShellResult result = await shell.RunAsync($"printf '{octal}'", default);

        Assert.Equal(bytes, result.Output.ToArray());
    }

    [Fact]
    public async Task A_large_answer_comes_whole()
    {
        Needs.Shell();
        const int Size = 10 << 20;
        await using IHostShell shell = await s_shells.OpenAsync(HostTarget.Local, default);

        ShellResult result = await shell.RunAsync($"head -c {Size} /dev/zero", default);

        Assert.Equal(Size, result.Output.Length);
        Assert.Equal(-1, result.Output.Span.IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public async Task A_large_script_comes_whole()
    {
        Needs.Shell();
        await using IHostShell shell = await s_shells.OpenAsync(HostTarget.Local, default);
        string word = new('x', 1 << 20);

        ShellResult result = await shell.RunAsync($"v={word}; echo \"${{#v}}\"", default);

        Assert.Equal($"{word.Length}\n", Text(result));
    }

    [Theory]
    [InlineData("cat /dev/zero")]
    [InlineData("cat /dev/zero >&2")]
    [InlineData("echo half; cat /dev/zero >&2")]
    public async Task An_endless_answer_is_an_error_and_ends(string script)
    {
        Needs.Shell();
        string seconds = RunningProcesses.UniqueSeconds();
        await using IHostShell shell = await s_shells.OpenAsync(HostTarget.Local, default);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            shell.RunAsync($"sleep {seconds} & {script}", default)
        );

        Assert.Equal(NestVirtErrorKind.ProbeOutputInvalid, error.Kind);
        await RunningProcesses.AssertEndsAsync(seconds);
    }

    [Fact]
    public async Task A_script_that_takes_too_long_is_an_error_and_ends()
    {
        Needs.Shell();
        string seconds = RunningProcesses.UniqueSeconds();
        HostTarget target = HostTarget.Local with { CommandTimeout = TimeSpan.FromSeconds(1) };
        await using IHostShell shell = await s_shells.OpenAsync(target, default);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            shell.RunAsync($"(sleep {seconds}; :); :", default)
        );

        Assert.Equal(NestVirtErrorKind.HostTimeout, error.Kind);
        await RunningProcesses.AssertEndsAsync(seconds);
    }

    [Fact]
    public async Task Cancelling_ends_the_script()
    {
        Needs.Shell();
        string seconds = RunningProcesses.UniqueSeconds();
        using CancellationTokenSource stop = new();
        await using IHostShell shell = await s_shells.OpenAsync(HostTarget.Local, default);
        Task<ShellResult> run = shell.RunAsync($"(sleep {seconds}; :); :", stop.Token);
        await RunningProcesses.AssertStartsAsync(seconds);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await RunningProcesses.AssertEndsAsync(seconds);
    }

    [Fact]
    public async Task A_shell_that_is_killed_is_lost()
    {
        Needs.Shell();
        await using IHostShell shell = await s_shells.OpenAsync(HostTarget.Local, default);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            shell.RunAsync("echo half; echo why >&2; kill -9 0", default)
        );

        Assert.Equal(NestVirtErrorKind.HostConnectionLost, error.Kind);
        Assert.Equal("The connection ended in the middle of an answer: why", error.Message);
    }

    [Fact]
    public async Task A_shell_that_failed_is_not_used_again()
    {
        Needs.Shell();
        await using IHostShell shell = await s_shells.OpenAsync(HostTarget.Local, default);
        await Assert.ThrowsAsync<NestVirtException>(() => shell.RunAsync("kill -9 0", default));

        await Assert.ThrowsAsync<ObjectDisposedException>(() => shell.RunAsync("echo", default));
    }

    [Fact]
    public async Task A_program_that_is_no_shell_is_an_error()
    {
        Needs.Shell();
        await using IHostShell shell = await new LocalShellFactory("/bin/cat").OpenAsync(
            HostTarget.Local with
            {
                CommandTimeout = TimeSpan.FromSeconds(2),
            },
            default
        );

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => shell.RunAsync("echo", default));

        Assert.Equal(NestVirtErrorKind.HostTimeout, error.Kind);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Fact]
    public async Task A_program_that_ends_at_once_is_an_error_with_its_words()
    {
        Needs.Shell();
        await using IHostShell shell = await new LocalShellFactory("/bin/sh", "-c", "echo sorry >&2; exit 3").OpenAsync(
            HostTarget.Local,
            default
        );

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => shell.RunAsync("echo", default));

        Assert.Equal(NestVirtErrorKind.HostShellInvalid, error.Kind);
        Assert.Equal("/bin/sh ended with code 3: sorry", error.Message);
    }

    [Fact]
    public async Task A_program_that_is_absent_is_said_to_be()
    {
        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            new LocalShellFactory("no-such-shell").OpenAsync(HostTarget.Local, default)
        );

        Assert.Equal(NestVirtErrorKind.ToolNotFound, error.Kind);
    }

    [Fact]
    public async Task A_tree_is_named_by_its_full_path()
    {
        Needs.Shell();
        string folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;
        try
        {
            HostTarget target = new("tree", new TreeAddress(folder + "/"));
            await using IHostShell shell = await s_shells.OpenAsync(target, default);

            Assert.Equal(folder, Text(await shell.RunAsync("printf %s \"$NESTVIRT_ROOT\"", default)));
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    [Fact]
    public async Task A_tree_that_is_absent_is_said_to_be()
    {
        HostTarget target = new("tree", new TreeAddress("/no/such/tree"));

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            s_shells.OpenAsync(target, default)
        );

        Assert.Equal(NestVirtErrorKind.SourceNotFound, error.Kind);
    }

    private static string Text(ShellResult result) => Encoding.UTF8.GetString(result.Output.Span);
}
