using System.Net.Sockets;
using System.Text;
using NestVirt.Execution;
using NestVirt.Hosts;
using NestVirt.Probing;
using NestVirt.SshNet;
using NestVirt.Transport;
using NestVirt.Transport.Recorded;
using NestVirt.Transport.Shell;
using NestVirt.Transport.Shell.Local;
using NestVirt.Transport.Shell.OpenSsh;

namespace NestVirt.Core.Tests.Transport.Shell.OpenSsh;

/// <summary>Hosts that misbehave, through a real sshd: each gives an answer or one clear error, in time.</summary>
/// <param name="shells">One of the two clients.</param>
public abstract class HostileHostTests(IHostShellFactory shells)
{
    private static readonly string[] s_loginShells = ["fish", "tcsh", "csh", "zsh", "mksh", "ksh93", "bash", "dash"];
    private protected static readonly TimeSpan s_short = TimeSpan.FromSeconds(3);
    private static readonly ShellProbe s_probe = new("probe", "echo answer");

    private readonly HostConnector _connector = new(new LocalShellFactory(), shells);

    private bool IsOpenSsh => shells is SshShellFactory;

    /// <summary>Forced commands that are odd and give a POSIX shell all the same.</summary>
    public static TheoryData<string> OddShells =>
        [
            "echo noise; echo more >&2; printf 'no newline'; exec /bin/sh",
            "head -c 500000 /dev/zero; exec /bin/sh",
            "PATH=/nonexistent; export PATH; eval \"$SSH_ORIGINAL_COMMAND\"",
            "unset PATH HOME USER; LC_ALL=tr_TR.UTF-8; CDPATH=/; export LC_ALL CDPATH; exec /bin/sh",
            "/bin/sh",
            "exec env -i /bin/sh",
        ];

    /// <summary>Forced commands that give no POSIX shell.</summary>
    public static TheoryData<string, NestVirtErrorKind, string> BrokenShells =>
        new()
        {
            { "exec yes", NestVirtErrorKind.HostShellInvalid, "prints without end: y" },
            { "exec yes >&2", NestVirtErrorKind.HostShellInvalid, "prints without end: y" },
            { "exec cat /dev/urandom", NestVirtErrorKind.HostShellInvalid, "prints without end" },
            { "exec cat >/dev/null", NestVirtErrorKind.HostTimeout, "did not answer within 3 s." },
            { "echo hello; exec cat >/dev/null", NestVirtErrorKind.HostTimeout, "it only said: hello" },
            { "exec cat", NestVirtErrorKind.HostTimeout, "did not answer within 3 s" },
            { "exit 0", NestVirtErrorKind.HostShellInvalid, "exit code 0" },
            {
                "echo This account is currently not available.; exit 1",
                NestVirtErrorKind.HostShellInvalid,
                "currently not available"
            },
            { "printf '\\033]0;owned\\007'; exit 1", NestVirtErrorKind.HostShellInvalid, "owned" },
            {
                "yes | head -c 5000 >&2; echo REMOTE HOST IDENTIFICATION HAS CHANGED >&2; echo Host key verification failed. >&2; exit 255",
                NestVirtErrorKind.HostShellInvalid,
                "exit code 255"
            },
            { "exec /bin/sh 2>&-", NestVirtErrorKind.HostShellInvalid, "standard error" },
            { "kill -9 $PPID", NestVirtErrorKind.HostConnectionLost, "closed" }, // by ssh's words, or by ours where it had no time for any
        };

    public static TheoryData<string> LoginShells => [.. s_loginShells.Where(Needs.IsOnPath)];

    [Theory]
    [MemberData(nameof(OddShells))]
    public async Task An_odd_shell_is_good_enough(string command)
    {
        Needs.Sshd();
        await AssertAnswersAsync(SshServer.Shared.TargetWithCommand(command));
    }

    [Theory]
    [MemberData(nameof(LoginShells))]
    public async Task A_log_in_shell_need_not_be_posix(string shell)
    {
        Needs.Sshd();
        await AssertAnswersAsync(SshServer.Shared.TargetWithCommand($"exec {shell} -c \"$SSH_ORIGINAL_COMMAND\""));
    }

    [Theory]
    [MemberData(nameof(BrokenShells))]
    public async Task What_is_no_shell_is_one_error(string command, NestVirtErrorKind kind, string shown)
    {
        Needs.Sshd();
        HostTarget target = SshServer.Shared.TargetWithCommand(command);

        await AssertFailsAsync(
            kind == NestVirtErrorKind.HostTimeout ? target with { CommandTimeout = s_short } : target,
            kind,
            shown
        );
    }

    [Theory]
    [InlineData("echo half; kill -9 0", NestVirtErrorKind.HostConnectionLost)]
    [InlineData("echo half; kill -9 $PPID", NestVirtErrorKind.HostConnectionLost)]
    [InlineData("cat /dev/zero", NestVirtErrorKind.ProbeOutputInvalid)]
    [InlineData("cat /dev/zero >&2", NestVirtErrorKind.ProbeOutputInvalid)]
    [InlineData("echo half; sleep 1000", NestVirtErrorKind.HostTimeout)]
    public async Task A_frame_that_goes_wrong_is_one_error(string script, NestVirtErrorKind kind)
    {
        Needs.Sshd();
        HostTarget target = SshServer.Shared.TargetWithOptions(string.Empty) with
        {
            CommandTimeout = kind == NestVirtErrorKind.HostTimeout ? s_short : TimeSpan.FromMinutes(5),
        };
        await using IHostShell shell = await shells.OpenAsync(target, default);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => shell.RunAsync(script, default));

        Assert.Equal(kind, error.Kind);
        await RunningProcesses.AssertEndsAsync(target.KeyFilePath!);
    }

    [Fact]
    public async Task A_banner_is_no_answer()
    {
        Needs.Sshd();
        string banner = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(
                banner,
                string.Concat(Enumerable.Repeat("Host key verification failed. Permission denied (x)\n", 500))
            );
            using SshServer server = new($"Banner {banner}");

            await AssertAnswersAsync(server.Target);
            await AssertFailsAsync(
                server.TargetWithCommand("exit 3"),
                NestVirtErrorKind.HostShellInvalid,
                "exit code 3"
            );
        }
        finally
        {
            File.Delete(banner);
        }
    }

    [Fact]
    public async Task A_key_that_is_not_the_known_one_is_refused()
    {
        Needs.Sshd();
        SshServer server = SshServer.Shared;
        string other = Path.Combine(server.Folder, Path.GetRandomFileName());
        string key = File.ReadAllText(Path.Combine(server.Folder, "key.pub")).Split(' ')[1];
        await File.WriteAllTextAsync(other, $"[127.0.0.1]:{server.Port} ssh-ed25519 {key}\n");

        await AssertFailsAsync(
            WithKnownHosts(server.Target, other),
            NestVirtErrorKind.HostKeyMismatch,
            "not the one known"
        );
    }

    [Fact]
    public async Task A_key_that_is_not_known_is_not_accepted()
    {
        Needs.Sshd();
        string known = Path.Combine(SshServer.Shared.Folder, Path.GetRandomFileName());

        await AssertFailsAsync(
            WithKnownHosts(SshServer.Shared.Target, known),
            NestVirtErrorKind.HostKeyUnknown,
            "No key is known"
        );

        Assert.False(File.Exists(known));
    }

    [Fact]
    public async Task A_key_that_is_revoked_is_refused()
    {
        Needs.Sshd();
        SshServer server = SshServer.Shared;
        string known = await File.ReadAllTextAsync(Path.Combine(server.Folder, "known_hosts"));
        string revoked = Path.Combine(server.Folder, Path.GetRandomFileName());
        await File.WriteAllTextAsync(revoked, $"{known}@revoked {known}");

        await AssertFailsAsync(
            WithKnownHosts(server.Target, revoked),
            NestVirtErrorKind.HostKeyMismatch,
            "marked as revoked"
        );
    }

    [Fact]
    public async Task A_host_is_asked_for_the_type_of_key_that_it_is_known_by()
    {
        Needs.Sshd();
        string folder = Directory.CreateTempSubdirectory().FullName;
        foreach (string type in new[] { "ecdsa", "rsa" })
        {
            await MakeKeyAsync(Path.Combine(folder, type), string.Empty, [type]);
        }

        using SshServer server = new($"HostKey {folder}/ecdsa", $"HostKey {folder}/rsa");
        foreach (string type in new[] { "ecdsa", "rsa" })
        {
            string[] key = (await File.ReadAllTextAsync(Path.Combine(folder, $"{type}.pub"))).Split(' ');
            string known = Path.Combine(folder, $"known_{type}");
            await File.WriteAllTextAsync(known, $"[127.0.0.1]:{server.Port} {key[0]} {key[1]}\n");

            await AssertAnswersAsync(WithKnownHosts(server.Target, known));
        }
    }

    [Fact]
    public async Task A_host_that_is_believed_once_is_known_from_then_on()
    {
        Needs.Sshd();
        using SshServer server = new();
        string known = Path.Combine(server.Folder, "believed");
        HostTarget target = WithKnownHosts(server.Target, known);

        await AssertAnswersAsync(
            target.WithSsh(static ssh => ssh with { Options = ["StrictHostKeyChecking=accept-new", .. ssh.Options] })
        );
        await AssertAnswersAsync(target);

        await File.WriteAllTextAsync(
            known,
            $"[127.0.0.1]:{server.Port} {string.Join(' ', (await File.ReadAllTextAsync(Path.Combine(server.Folder, "key.pub"))).Split(' ')[..2])}\n"
        );
        await AssertFailsAsync(
            target.WithSsh(static ssh => ssh with { Options = ["StrictHostKeyChecking=accept-new", .. ssh.Options] }),
            NestVirtErrorKind.HostKeyMismatch,
            "not the one known"
        );
    }

    [Fact]
    public async Task A_hundred_hosts_are_asked_at_once()
    {
        Needs.Sshd();
        HostFanOut<string> hosts = new(100, default);
        HostTarget target = SshServer.Shared.Target with
        {
            ConnectTimeout = TimeSpan.FromMinutes(5),
            CommandTimeout = TimeSpan.FromMinutes(5),
        };
        for (int i = 0; i < 100; i++)
        {
            hosts.Add(Named($"host-{i}", target), (host, token) => AskAsync(host, token));
        }

        hosts.Complete();
        int answered = 0;
        await foreach (HostOutcome<string> outcome in hosts.ReadAllAsync())
        {
            Assert.Null(outcome.Error);
            answered += outcome.Value == "answer\n" ? 1 : 0;
        }

        Assert.Equal(100, answered);
    }

    [Fact]
    public async Task A_refused_log_in_is_said_to_be()
    {
        Needs.Sshd();
        string key = SshServer.Shared.TargetWithOptions("from=\"192.0.2.1\"").KeyFilePath!;
        HostTarget target = SshServer.Shared.Target;

        await AssertFailsAsync(
            target.WithSsh(ssh => ssh with { KeyFilePath = key }),
            NestVirtErrorKind.HostAuthenticationFailed,
            "Permission denied"
        );
        await AssertFailsAsync(
            target.WithSsh(ssh => ssh with { UserName = "no-such-user" }),
            NestVirtErrorKind.HostAuthenticationFailed,
            "no-such-user"
        );
        await AssertFailsAsync(
            target.WithSsh(ssh => ssh with { KeyFilePath = "/no/such/key" }),
            NestVirtErrorKind.HostAuthenticationFailed,
            "/no/such/key"
        );
    }

    [Theory]
    [InlineData("PEM")]
    [InlineData("PKCS8")]
    [InlineData("RFC4716")]
    public async Task A_key_with_a_passphrase_is_said_to_have_one(string format)
    {
        Needs.Sshd();
        string folder = Directory.CreateTempSubdirectory().FullName;
        string[] type = format == "RFC4716" ? ["ed25519"] : ["rsa", "-m", format];
        await MakeKeyAsync(Path.Combine(folder, "secret"), "a passphrase", type);
        await MakeKeyAsync(Path.Combine(folder, "plain"), string.Empty, type);

        await AssertFailsAsync(WithKey("secret"), NestVirtErrorKind.HostAuthenticationFailed, "has a passphrase");
        await AssertFailsAsync(WithKey("plain"), NestVirtErrorKind.HostAuthenticationFailed, "refused the log-in");

        HostTarget WithKey(string name) =>
            SshServer.Shared.Target.WithSsh(ssh => ssh with { KeyFilePath = Path.Combine(folder, name) });
    }

    [Fact]
    public async Task A_key_that_ssh_leaves_out_is_said_to_be()
    {
        Needs.Sshd();
        string folder = Directory.CreateTempSubdirectory().FullName;
        string open = Path.Combine(folder, "open");
        File.Copy(SshServer.Shared.Target.KeyFilePath!, open);
        Allow(open, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        string publicHalf = Path.Combine(folder, "public");
        File.Copy(SshServer.Shared.Target.KeyFilePath + ".pub", publicHalf);
        Allow(publicHalf, UnixFileMode.UserRead);

        await AssertFailsAsync(WithKey(open), NestVirtErrorKind.HostAuthenticationFailed, "Others may read the key");
        await AssertFailsAsync(WithKey(publicHalf), NestVirtErrorKind.HostAuthenticationFailed, "no private key");

        static void Allow(string path, UnixFileMode mode)
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, mode);
            }
        }

        static HostTarget WithKey(string path) =>
            SshServer.Shared.Target.WithSsh(ssh => ssh with { KeyFilePath = path });
    }

    [Fact]
    public async Task A_host_that_is_not_there_is_unreachable()
    {
        Needs.Sshd();
        HostTarget target = SshServer.Shared.Target with { ConnectTimeout = s_short };

        await AssertFailsAsync(
            target.WithSsh(ssh => ssh with { Port = 1 }),
            NestVirtErrorKind.HostUnreachable,
            "Connection refused"
        );
        await AssertFailsAsync(
            new HostTarget("no-such-host.invalid", new SshAddress("no-such-host.invalid")),
            NestVirtErrorKind.HostUnreachable,
            IsOpenSsh ? "Could not resolve" : "A name on the way to the host is not known"
        );
        await AssertFailsAsync(
            target.WithSsh(ssh => ssh with { Options = [.. ssh.Options, "Foo=bar"] }),
            NestVirtErrorKind.SshOptionInvalid,
            IsOpenSsh ? "Bad configuration option" : "Foo=bar is not done by the built-in SSH client"
        );
    }

    [Fact]
    public async Task What_listens_and_is_no_ssh_server_is_an_error()
    {
        Needs.Sshd();
        using FakeListener silent = new((_, _) => Task.CompletedTask);
        using FakeListener web = new(
            (socket, token) => SendAsync(socket, "HTTP/1.1 400 Bad Request\r\n\r\n" + new string('x', 100_000), token)
        );
        using FakeListener reset = new((socket, token) => CloseAsync(socket, 0, token));
        using FakeListener closing = new((socket, token) => CloseAsync(socket, 1, token));
        HostTarget target = SshServer.Shared.Target with { ConnectTimeout = TimeSpan.FromSeconds(2) };

        await AssertFailsAsync(
            target.WithSsh(ssh => ssh with { Port = silent.Port }),
            NestVirtErrorKind.HostTimeout,
            "says nothing"
        );
        await AssertFailsAsync(
            target.WithSsh(ssh => ssh with { Port = web.Port }),
            NestVirtErrorKind.HostUnreachable,
            "not an SSH server"
        );
        await AssertFailsAsync(
            target.WithSsh(ssh => ssh with { Port = reset.Port }),
            NestVirtErrorKind.HostUnreachable,
            "before the log-in"
        );
        await AssertFailsAsync(
            target.WithSsh(ssh => ssh with { Port = closing.Port }),
            NestVirtErrorKind.HostUnreachable,
            "before the log-in"
        );
    }

    [Theory]
    [InlineData("sudo: a password is required", "refused", "it needs root, and sudo asks this account for a password")]
    [InlineData("", "refused", "it needs root, and sudo -n is not allowed for this account")]
    [InlineData("sudo: it rains", "refused", "it needs root, and sudo refuses: sudo: it rains")]
    [InlineData("", "allowed", "")]
    public async Task Sudo_is_asked_without_a_prompt(string words, string behaviour, string reason)
    {
        Needs.Sshd();
        // sudo(8), -n: "Avoid prompting the user for input of any kind. If a password is required for the command to
        // run, sudo will display an error message and exit." Without it this one waits, as sudo would.
        HostTarget target = WithFakeSudo(
            $$"""
            [ "$1" = -n ] || exec sleep 1000
            shift
            [ {{behaviour}} = refused ] || exec "$@"
            echo '{{words}}' >&2
            exit 1
            """
        );
        ShellProbe root = new("root", "echo 'it'\\''s root'") { NeedsRoot = true };

        ProbeAnswers answers = await ReadAsync(target, [s_probe, root]);

        Assert.Equal(new ProbeAnswer("answer\n"), answers[s_probe]);
        Assert.Equal(reason.Length > 0 ? new ProbeAnswer("", reason) : new ProbeAnswer("it's root\n"), answers[root]);
    }

    [Fact]
    public async Task A_sudo_that_hangs_is_ended_in_time()
    {
        Needs.Sshd();
        string seconds = RunningProcesses.UniqueSeconds();
        HostTarget target = WithFakeSudo($"sleep {seconds}") with { CommandTimeout = s_short };

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            ReadAsync(target, [new ShellProbe("root", "echo") { NeedsRoot = true }])
        );

        Assert.Equal(NestVirtErrorKind.HostTimeout, error.Kind);
        await RunningProcesses.AssertEndsAsync(seconds);
    }

    [Fact]
    public async Task A_host_without_tools_answers_what_the_shell_can()
    {
        Needs.Root();
        Needs.Sshd("ldd", "chroot");
        string root = Path.Combine(SshServer.Shared.Folder, Path.GetRandomFileName());
        await LocalAsync(
            $$"""
            for file in $(ldd /bin/sh | grep -o '/[^ ]*') /bin/sh; do
              mkdir -p "{{root}}${file%/*}" && cp -L "$file" "{{root}}$file"
            done
            mkdir "{{root}}/dev" && mknod "{{root}}/dev/null" c 1 3 || exit
            echo 'one line' >"{{root}}/file"
            """
        );
        ShellProbe files = new("files", "nv_files \"$NESTVIRT_ROOT\"/file; nv_read /file && echo \"$nv_value\"");
        ShellProbe tools = new("tools", "command -v awk || command -v cat || echo none");
        ShellProbe rooted = new("root", "echo rooted") { NeedsRoot = true };

        ProbeAnswers answers = await ReadAsync(
            SshServer.Shared.TargetWithCommand($"exec chroot {root} /bin/sh"),
            [files, tools, rooted]
        );

        Assert.Equal("@/file\n|one line\none line\n", answers[files].Text);
        Assert.Equal("none\n", answers[tools].Text);
        Assert.Equal("it needs root, and the host has no sudo", answers[rooted].UnavailableReason);
    }

    [Fact]
    public async Task Four_bad_hosts_of_twenty_do_not_hold_the_others_up()
    {
        Needs.Sshd();
        SshServer server = SshServer.Shared;
        using FakeListener silent = new((_, _) => Task.CompletedTask);
        HostTarget patient = server.Target with
        {
            ConnectTimeout = TimeSpan.FromMinutes(5),
            CommandTimeout = TimeSpan.FromMinutes(5),
        };
        HostFanOut<string> hosts = new(20, default);
        Add(Named("bad-refused", patient).WithSsh(ssh => ssh with { Port = 1 }));
        Add(Named("bad-silent", patient).WithSsh(ssh => ssh with { Port = silent.Port }));
        Add(Named("bad-endless", server.TargetWithCommand("exec yes")));
        Add(Named("bad-half", server.TargetWithCommand("echo half; exit 1")));
        for (int i = 0; i < 16; i++)
        {
            Add(Named($"good-{i}", patient));
        }

        hosts.Complete();
        List<HostOutcome<string>> outcomes = [];
        await foreach (HostOutcome<string> outcome in hosts.ReadAllAsync())
        {
            outcomes.Add(outcome);
            if (outcomes.Count == 19)
            {
                // Everybody else has answered while this one said nothing.
                Assert.DoesNotContain(outcomes, static one => one.Target.Name == "bad-silent");
                silent.Dispose();
            }
        }

        Assert.Equal(
            16,
            outcomes.Count(static one =>
                one.Error is null
                && one.Value == "answer\n"
                && one.Target.Name.StartsWith("good-", StringComparison.Ordinal)
            )
        );
        string[] expected =
        [
            "bad-endless HostShellInvalid",
            "bad-half HostShellInvalid",
            "bad-refused HostUnreachable",
            "bad-silent HostUnreachable",
        ];
        Assert.Equal(
            expected,
            outcomes
                .Where(static one => one.Error is not null)
                .Select(static one =>
                    $"{one.Target.Name} {(one.Error as NestVirtException)?.Kind.ToString() ?? one.Error!.ToString()}"
                )
                .Order(StringComparer.Ordinal)
        );

        void Add(HostTarget target) => hosts.Add(target, (host, token) => AskAsync(host, token));
    }

    private async IAsyncEnumerable<string> AskAsync(
        HostTarget target,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ProbeReader reader = new(_connector);
        yield return (await reader.ReadAsync(target, [s_probe], cancellationToken))[s_probe].Text;
    }

    private Task<ProbeAnswers> ReadAsync(HostTarget target, HostProbe[] probes) =>
        new ProbeReader(_connector).ReadAsync(target, probes, default);

    private async Task AssertAnswersAsync(HostTarget target)
    {
        ProbeAnswers answers = await ReadAsync(target, [s_probe]);

        Assert.Equal("answer\n", answers[s_probe].Text);
        Assert.False(
            RunningProcesses.Any(target.KeyFilePath!) && target.KeyFilePath != SshServer.Shared.Target.KeyFilePath
        );
    }

    private protected async Task AssertFailsAsync(
        HostTarget target,
        NestVirtErrorKind kind,
        string shown,
        IHostShellFactory? others = null
    )
    {
        NestVirtException error = await Assert.ThrowsAnyAsync<NestVirtException>(async () =>
        {
            await using IHostShell shell = await (others ?? shells).OpenAsync(target, default);
            await shell.RunAsync("echo", default);
        });

        Assert.Contains(shown, error.Message, StringComparison.Ordinal);
        Assert.Equal(kind, error.Kind);
        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.InRange(error.Message.Length, 1, 600);
    }

    private static async Task MakeKeyAsync(string path, string passphrase, string[] type)
    {
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start(
            "ssh-keygen",
            ["-q", "-f", path, "-N", passphrase, "-t", .. type]
        );
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    // ssh looks the name up by HostName, and reports the one that was typed.
    private static HostTarget Named(string name, HostTarget target) => target with { Name = name };

    private static HostTarget WithKnownHosts(HostTarget target, string path) =>
        target.WithSsh(ssh => ssh with { Options = [$"UserKnownHostsFile={path}", .. ssh.Options] });

    // Root needs no sudo, so the shell is an ordinary user's.
    private static HostTarget WithFakeSudo(string behaviour)
    {
        string folder = Directory
            .CreateDirectory(Path.Combine(SshServer.Shared.Folder, Path.GetRandomFileName()))
            .FullName;
        WriteProgram(folder, "sudo", behaviour);
        SshServer.LetOthersEnter(Path.Combine(folder, "sudo"));
        for (
            string? path = folder;
            path is not null && path != Path.TrimEndingDirectorySeparator(Path.GetTempPath());
            path = Path.GetDirectoryName(path)
        )
        {
            SshServer.LetOthersEnter(path);
        }

        string ordinary = Environment.IsPrivilegedProcess ? "setpriv --reuid=65534 --clear-groups " : string.Empty;
        return SshServer.Shared.TargetWithCommand($"PATH={folder}:$PATH; export PATH; exec {ordinary}/bin/sh");
    }

    private static async Task LocalAsync(string script)
    {
        await using IHostShell shell = await new LocalShellFactory().OpenAsync(HostTarget.Local, default);
        ShellResult result = await shell.RunAsync(script, default);
        Assert.True(result.ExitCode == 0, result.ErrorOutput);
    }

    private static void WriteProgram(string folder, string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        SshServer.MakeExecutable(path);
    }

    private static async Task SendAsync(Socket socket, string text, CancellationToken cancellationToken) =>
        await socket.SendAsync(Encoding.ASCII.GetBytes(text), cancellationToken);

    private static async Task CloseAsync(Socket socket, int lingerSeconds, CancellationToken cancellationToken)
    {
        await socket.ReceiveAsync(new byte[256], cancellationToken);
        socket.LingerState = new LingerOption(true, lingerSeconds);
        socket.Dispose();
    }
}

/// <summary>Through the user's ssh client.</summary>
[Trait("Category", "Security")]
public sealed class OpenSshHostileHostTests() : HostileHostTests(new SshShellFactory())
{
    [Fact]
    public async Task A_jump_host_that_does_not_work_is_an_error()
    {
        Needs.Sshd();
        using FakeListener silent = new((_, _) => Task.CompletedTask);
        SshServer server = SshServer.Shared;
        SshShellFactory shells = server.ShellsWithConfig(
            $"""
            {File.ReadAllText(server.ConfigPath)}
            Host silent
              HostName 127.0.0.1
              Port {silent.Port}
            """
        );
        HostTarget target = new("127.0.0.1", new SshAddress("127.0.0.1") { Port = 1 })
        {
            ConnectTimeout = s_short,
            CommandTimeout = TimeSpan.FromSeconds(10),
        };

        await AssertFailsAsync(
            target.WithSsh(ssh => ssh with { Options = ["ProxyJump=loopback"] }),
            NestVirtErrorKind.HostUnreachable,
            "stdio forwarding failed",
            shells
        );
        await AssertFailsAsync(
            target.WithSsh(ssh => ssh with { Options = ["ProxyJump=localhost:1"] }),
            NestVirtErrorKind.HostUnreachable,
            "Connection refused",
            shells
        );
        await AssertFailsAsync(
            target.WithSsh(ssh => ssh with { Options = ["ProxyJump=silent"] }),
            NestVirtErrorKind.HostTimeout,
            "",
            shells
        );
        await RunningProcesses.AssertEndsAsync("[127.0.0.1]:1");
    }
}

/// <summary>Through SSH.NET.</summary>
[Trait("Category", "Security")]
public sealed class LibraryHostileHostTests() : HostileHostTests(new SshNetShellFactory());
