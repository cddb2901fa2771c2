using System.Diagnostics;
using System.Text;
using NestVirt.Changes;
using NestVirt.Core.Tests.Transport.Shell.OpenSsh;
using NestVirt.Hosts;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Worker;
using NestVirt.Probing;
using NestVirt.SshNet;
using NestVirt.Transport.Shell;
using NestVirt.Transport.Shell.OpenSsh;

namespace NestVirt.Core.Tests.Transport.Shell;

/// <summary>Hosts whose sudo asks for a password: the real sudo behind a real sshd, through both clients.</summary>
[Trait("Category", "Security")]
public abstract class SudoPasswordTests(IHostShellFactory shells) : IDisposable
{
    private const string All = "ME ALL=(ALL) ALL";

    private static readonly ChangePlan s_plan = new(
        HostTarget.Local,
        new NestingRequest(Enable: true),
        new HostIdentity("machine", "boot", "6.1"),
        [ModuleAction.Plan("kvm_amd", null, [], "loaded", new NestingRequest(Enable: true), [])]
    );

    private readonly ThrowAwayUser _user = ThrowAwayUser.Create();
    private readonly string _fakes = Directory.CreateTempSubdirectory("nestvirt-sudo-").FullName;

    [Theory]
    [InlineData(All)]
    [InlineData("ME ALL=(root) /bin/sh")]
    [InlineData("Defaults:ME lecture=always", All)]
    [InlineData("Defaults:ME passprompt=\"Say the word, %u: \", badpass_message=\"No: \"", All)]
    [InlineData("Defaults:ME passprompt_override, passprompt=\"Say the word, %u: \"", All)]
    [InlineData("Defaults:ME !use_pty, log_output", All)]
    [InlineData("Defaults:ME use_pty, log_input", All)]
    public async Task The_right_password_makes_the_shell_that_of_root(params string[] rules)
    {
        using SudoRules sudo = new(_user, rules);
        using SshServer server = SshServer.ForOthers();
        using HostSecret password = new(_user.Password);
        await using IHostShell shell = await OpenAsync(server, password);

        Assert.Equal("0\n", await OutputOfAsync(shell, "id -u"));
        ThrowAwayUser.AssertInNoProcess(_user.Password);
        Assert.Equal("127.0.0.1\n", await OutputOfAsync(shell, "echo ${SSH_CONNECTION%% *}"));
        Assert.DoesNotContain(_user.Password, await OutputOfAsync(shell, "set; env"), StringComparison.Ordinal);
        Assert.DoesNotContain(_user.Password, sudo.Log, StringComparison.Ordinal);
        Assert.Equal(1, sudo.Log.Split("COMMAND=/bin/sh").Length - 1);
    }

    [Fact]
    public async Task A_wrong_password_is_tried_once_and_nothing_is_run()
    {
        using SudoRules sudo = new(_user, All);
        using SshServer server = SshServer.ForOthers();
        using HostSecret password = new("wrong-secret");
        await using IHostShell shell = await OpenAsync(server, password);
        string mark = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

        NestVirtException error = await Assert.ThrowsAsync<SudoFailedException>(() =>
            shell.RunAsync($"touch {mark}", TestContext.Current.CancellationToken)
        );

        Assert.Equal(NestVirtErrorKind.HostAuthenticationFailed, error.Kind);
        Assert.Equal("sudo does not accept the password. It was tried once.", error.Message);
        Assert.DoesNotContain("wrong-secret", error.ToString(), StringComparison.Ordinal);
        Assert.False(File.Exists(mark));
        for (int i = 0; i < 200 && sudo.WrongPasswords is null; i++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Equal(1, sudo.WrongPasswords);
        Assert.DoesNotContain("wrong-secret", sudo.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sudo_that_gives_up_after_one_wrong_password_is_understood()
    {
        using SudoRules sudo = new(_user, "Defaults:ME passwd_tries=1", All);
        using SshServer server = SshServer.ForOthers();
        using HostSecret password = new("wrong-secret");
        await using IHostShell shell = await OpenAsync(server, password);

        NestVirtException error = await Assert.ThrowsAsync<SudoFailedException>(() => OutputOfAsync(shell, "id"));

        Assert.Equal(NestVirtErrorKind.HostAuthenticationFailed, error.Kind);
        Assert.Equal(1, sudo.WrongPasswords);
    }

    [Fact]
    public async Task A_password_that_nobody_asks_for_is_not_sent()
    {
        string mark = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using SudoRules sudo = new(_user, "ME ALL=(ALL) NOPASSWD: ALL");
        using SshServer server = SshServer.ForOthers();
        using HostSecret password = new($"touch {mark}");
        await using IHostShell shell = await OpenAsync(server, password);

        Assert.Equal("0\n", await OutputOfAsync(shell, "id -u"));
        Assert.Equal("again\n", await OutputOfAsync(shell, "cat; echo again"));
        Assert.False(File.Exists(mark));
    }

    [Theory]
    [InlineData("sudo works on a terminal alone here (requiretty)", "Defaults:ME requiretty", All)]
    [InlineData("sudo does not let this account run /bin/sh", "ME ALL=(ALL) /bin/ls")]
    [InlineData("sudo does not let this account run /bin/sh", "Defaults:ME insults")]
    public async Task What_sudo_refuses_is_told_apart_and_all_else_is_read(string reason, params string[] rules)
    {
        using SudoRules sudo = new(_user, rules);
        using SshServer server = SshServer.ForOthers();
        using HostSecret password = new(_user.Password);
        await using IHostShell shell = await OpenAsync(server, password);

        ProbeAnswers answers = await ProbeReader.AskAsync(
            shell,
            [KvmModuleProbe.Probe, JournalProbe.Probe],
            allowSudo: true,
            TestContext.Current.CancellationToken
        );

        Assert.True(answers[KvmModuleProbe.Probe].IsAvailable);
        Assert.Equal($"it needs root, and {reason}", answers[JournalProbe.Probe].UnavailableReason);
        NestVirtException denied = await ChangeAsync(shell);
        Assert.Equal(
            (NestVirtErrorKind.HostPermissionDenied, $"Changes need root, and {reason}."),
            (denied.Kind, denied.Message)
        );
        Assert.False(string.IsNullOrEmpty(denied.Remedy));
        Assert.NotEqual("0\n", await OutputOfAsync(shell, "id -u"));
    }

    [Theory]
    [InlineData("sudo asks this account for a password", All)]
    [InlineData("sudo asks this account for a password", "ME ALL=(ALL) NOPASSWD: /bin/true, /usr/bin/true")]
    [InlineData("sudo works on a terminal alone here (requiretty)", "Defaults:ME requiretty", All)]
    public async Task Without_a_password_too_it_is_told_apart(string reason, params string[] rules)
    {
        using SudoRules sudo = new(_user, rules);
        using SshServer server = SshServer.ForOthers();
        await using IHostShell shell = await OpenAsync(server, password: null);

        ProbeAnswers answers = await ProbeReader.AskAsync(
            shell,
            [JournalProbe.Probe],
            allowSudo: true,
            TestContext.Current.CancellationToken
        );

        Assert.Equal($"it needs root, and {reason}", answers[JournalProbe.Probe].UnavailableReason);
        Assert.Equal($"Changes need root, and {reason}.", (await ChangeAsync(shell)).Message);
    }

    [Theory]
    [InlineData("ME ALL=(root) NOPASSWD: /bin/sh")]
    [InlineData("Defaults:ME !env_reset", "ME ALL=(root) NOPASSWD: /bin/sh")]
    public async Task An_account_that_may_run_nothing_but_sh_is_asked_for_nothing_else(params string[] rules)
    {
        using SudoRules sudo = new(_user, rules);
        using SshServer server = SshServer.ForOthers();
        await using IHostShell shell = await OpenAsync(server, password: null);

        Assert.Equal(
            "0 -\n",
            await OutputOfAsync(
                shell,
                "export MODPROBE_OPTIONS=-n\n"
                    + ChangeScript.Launch("echo \"$(id -u) ${MODPROBE_OPTIONS:--}\"\n", allowSudo: true)
            )
        );
        Assert.DoesNotContain("command not allowed", sudo.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("printf '[sudo: authenticate] Password: ' >&2", true)]
    [InlineData("printf 'A line that ends so: password:\\n' >&2; sleep 0.2; printf 'LDAP Password:' >&2", true)]
    [InlineData("printf 'Verification code: ' >&2", false)]
    public async Task A_question_in_other_words_is_answered_when_it_is_for_a_password(string asks, bool isPassword)
    {
        using SshServer server = SshServer.ForOthers($"ForceCommand PATH={_fakes}:$PATH exec /bin/sh");
        string fake = Path.Combine(_fakes, "sudo");
        await File.WriteAllTextAsync(
            fake,
            $"#!/bin/sh\n{asks}\nIFS= read -r word || exit 1\n[ \"$word\" = 'the word' ] || exit 1\nshift 2\nexec \"$@\"\n",
            TestContext.Current.CancellationToken
        );
        SshServer.MakeExecutable(fake);
        SshServer.LetOthersEnter(fake);
        SshServer.LetOthersEnter(_fakes);
        using HostSecret password = new("the word");
        await using IHostShell shell = await OpenAsync(server, password, TimeSpan.FromSeconds(isPassword ? 60 : 5));

        if (isPassword)
        {
            Assert.Equal("in\n", await OutputOfAsync(shell, "echo in"));
            return;
        }

        NestVirtException error = await Assert.ThrowsAsync<SudoFailedException>(() => OutputOfAsync(shell, "id"));
        Assert.Equal(
            "sudo did not come to an end within 5 s; it only said: Verification code:",
            error.Message.TrimEnd()
        );
    }

    [Fact]
    public async Task A_root_shell_that_is_killed_is_a_connection_that_is_lost()
    {
        using SudoRules sudo = new(_user, All);
        using SshServer server = SshServer.ForOthers();
        using HostSecret password = new(_user.Password);
        await using IHostShell shell = await OpenAsync(server, password);
        await OutputOfAsync(shell, "kill -KILL $$");
        long began = Stopwatch.GetTimestamp();

        await Assert.ThrowsAnyAsync<NestVirtException>(() => OutputOfAsync(shell, "id"));

        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(30), "It was waited for.");
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _user.Dispose();
        Directory.Delete(_fakes, recursive: true);
    }

    private async Task<IHostShell> OpenAsync(SshServer server, HostSecret? password, TimeSpan? timeout = null)
    {
        HostTarget target = server.Target.WithSsh(ssh => ssh with { UserName = _user.Name }) with
        {
            SudoPassword = password,
            CommandTimeout = timeout ?? TimeSpan.FromMinutes(1),
        };
        return await shells.OpenAsync(target, TestContext.Current.CancellationToken);
    }

    // Where sudo refuses, no worker is begun.
    private static async Task<NestVirtException> ChangeAsync(IHostShell shell)
    {
        ChangeReport report = ChangeReport.Parse(
            await OutputOfAsync(shell, ChangeScript.Apply(s_plan, "tester", allowSudo: true)),
            s_plan.Changes.Count
        );
        return Assert.Throws<NestVirtException>(() => WorkerFailure.ThrowIfFailed(s_plan, report, string.Empty));
    }

    private static async Task<string> OutputOfAsync(IHostShell shell, string script) =>
        Encoding.UTF8.GetString((await shell.RunAsync(script, TestContext.Current.CancellationToken)).Output.Span);
}

/// <summary>Through the OpenSSH client.</summary>
public sealed class OpenSshSudoPasswordTests() : SudoPasswordTests(new SshShellFactory());

/// <summary>Through the built-in client.</summary>
public sealed class LibrarySudoPasswordTests() : SudoPasswordTests(new SshNetShellFactory());
