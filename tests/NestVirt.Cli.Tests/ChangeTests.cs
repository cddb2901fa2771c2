using System.Runtime.Versioning;
using System.Text.Json;
using NestVirt.Core.Tests;

namespace NestVirt.Cli.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class ChangeTests : IDisposable
{
    // Nothing listens on port 1 of this machine.
    private const string ClosedHost = "127.0.0.1:1";

    private readonly Lazy<ChangeableHost> _host = new(static () => new ChangeableHost());

    private ChangeableHost Host => _host.Value;

    [Fact]
    public async Task A_parameter_is_set_listed_and_taken_back_byte_for_byte()
    {
        Needs.Root();
        Needs.Sshd();
        string[] before = Host.Files();

        CliResult made = await Host.RunAsync("set", "module", Host.Name, "kvm_amd", "npt=0", "--yes");
        string? own = Host.Text(ChangeableHost.OwnFile);
        CliResult history = await Host.RunAsync("history", Host.Name);
        CliResult undone = await Host.RunAsync("undo", Host.Name, "--yes");

        Assert.Equal((0, ""), (made.ExitCode, made.ErrorOutput));
        Assert.Equal(
            [
                "set kvm_amd npt=0: done and in effect",
                "  /etc/modprobe.d/nestvirt.conf",
                $"  To take it back: nestvirt undo 1 {Host.Name}",
            ],
            made.Lines
        );
        Assert.EndsWith("\noptions kvm_amd npt=0\n", own, StringComparison.Ordinal);
        Assert.Matches(@"^1\s.*\sin effect\s.*\sset kvm_amd npt=0$", history.Lines[1]);
        Assert.Equal((0, ""), (undone.ExitCode, undone.ErrorOutput));
        Assert.Equal("undo 1: set kvm_amd npt=0: taken back", undone.Lines[0]);
        Assert.Equal(before, Host.Files());
    }

    [Theory]
    [InlineData("openssh")]
    [InlineData("library")]
    public async Task A_command_logs_in_to_its_host_once(string client)
    {
        Needs.Root();
        Needs.Sshd();
        string[][] commands =
        [
            ["set", "module", Host.Name, "kvm_amd", "npt=0", "--yes"],
            ["history", Host.Name],
            ["undo", Host.Name, "--yes"],
            ["support", Host.Name],
            ["snapshot", Host.Name, "--to", Path.Combine(Host.Tree.Path, "snapshot.json")],
        ];
        foreach (string[] command in commands)
        {
            int before = Host.LogInCount;

            CliResult result = await Host.RunAsync([.. command, "--ssh-client", client]);

            Assert.Equal((0, 1), (result.ExitCode, Host.LogInCount - before));
        }
    }

    [Fact]
    public async Task A_finding_names_the_command_that_mends_it_for_its_host()
    {
        Needs.Root();
        Needs.Sshd();
        CliResult live = await Host.RunAsync("support", Host.Name, "--output", "json");
        CliResult tree = await CliProgram.RunAsync("support", "--root", Host.Tree.Path, "--output", "json");
        CliResult card = await Host.RunAsync("support", Host.Name);

        Assert.Equal($"nestvirt enable nesting {Host.Name}", CommandOf(live, "KvmModuleNotLoaded"));
        Assert.Null(CommandOf(tree, "KvmModuleNotLoaded"));
        Assert.Contains(card.Lines, line => line.Trim() == $"Or run: nestvirt enable nesting {Host.Name}");
    }

    [Fact]
    public async Task A_refusal_names_the_command_that_is_let_through()
    {
        Needs.Root();
        Needs.Sshd();
        Host.Tree.Write("etc/modprobe.d/zz.conf", "options kvm_amd npt=1\n");

        CliResult refused = await Host.RunAsync("set", "module", Host.Name, "kvm_amd", "npt=0", "--yes");
        string command = refused.ErrorOutput.Split("Run: ")[1].Trim();
        CliResult made = await Host.RunAsync([.. command.Split(' ')[1..], "--yes"]);

        Assert.Equal($"nestvirt set module {Host.Name} kvm_amd npt=0 --replace-conflict", command);
        Assert.Equal((0, ""), (made.ExitCode, made.ErrorOutput));
    }

    [Fact]
    public async Task An_older_change_is_not_taken_back_below_a_later_one_however_the_host_stands()
    {
        Needs.Root();
        Needs.Sshd();
        await Host.RunAsync("set", "module", Host.Name, "kvm_amd", "npt=0", "--yes");
        await Host.RunAsync("set", "module", Host.Name, "kvm_amd", "npt=1", "--yes");
        string later = Host.Text(ChangeableHost.OwnFile)!;
        File.Delete(Path.Combine(Host.Tree.Path, ChangeableHost.OwnFile));

        CliResult early = await Host.RunAsync("undo", "1", Host.Name, "--yes");
        Host.Tree.Write(ChangeableHost.OwnFile, later);
        CliResult second = await Host.RunAsync("undo", "2", Host.Name, "--yes");
        File.Delete(Path.Combine(Host.Tree.Path, ChangeableHost.OwnFile));
        CliResult first = await Host.RunAsync("undo", "1", Host.Name, "--yes");

        Assert.Equal(4, early.ExitCode);
        Assert.Contains(
            "Change 2 changed the same since, and nothing was done",
            early.ErrorOutput,
            StringComparison.Ordinal
        );
        Assert.Equal((0, 0), (second.ExitCode, first.ExitCode));
        Assert.Contains("was as before the change already", first.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_reload_since_made_of_a_change_is_said_when_its_files_are_taken_back()
    {
        Needs.Root();
        Needs.Sshd();
        Host.LoadModuleInUse();

        CliResult waiting = await Host.RunAsync("disable", "nesting", Host.Name, "--yes");
        CliResult early = await Host.RunAsync("undo", Host.Name, "--yes");
        await Host.RunAsync("disable", "nesting", Host.Name, "--yes");
        Host.Tree.Write("sys/module/kvm_amd/parameters/nested", "0\n");
        CliResult late = await Host.RunAsync("undo", Host.Name, "--yes");

        Assert.Equal(1, waiting.ExitCode);
        Assert.Equal((0, "undo 1: disable nesting: taken back"), (early.ExitCode, early.Lines[0]));
        Assert.DoesNotContain("runs with", early.Output, StringComparison.Ordinal);
        Assert.Equal(1, late.ExitCode);
        Assert.Contains(
            "runs with nested=0",
            string.Join(' ', late.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal
        );
        Assert.Null(Host.Text(ChangeableHost.OwnFile));
    }

    [Fact]
    public async Task A_restart_is_said_before_it_is_made()
    {
        Needs.Root();
        Needs.Sshd();
        Host.LoadModuleInUse();

        CliResult with = await Host.RunAsync("disable", "nesting", Host.Name, "--restart", "--what-if");
        CliResult without = await Host.RunAsync("disable", "nesting", Host.Name, "--what-if");

        Assert.Contains("The host is restarted after the change", with.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("The host is restarted", without.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_file_where_ours_would_be_is_named()
    {
        Needs.Root();
        Needs.Sshd();
        Host.Tree.Link(ChangeableHost.OwnFile, "/dev/null");

        CliResult result = await Host.RunAsync("disable", "nesting", Host.Name, "--yes");

        Assert.Equal(4, result.ExitCode);
        Assert.Contains(
            "/etc/modprobe.d/nestvirt.conf is there and is no regular file, so it cannot be edited, and nothing was done.",
            result.ErrorOutput,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("Plan again", result.ErrorOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_of_one_file_are_taken_back_by_number_and_a_line_of_another_is_left_out()
    {
        Needs.Root();
        Needs.Sshd();
        Host.Tree.Write(ChangeableHost.OthersFile, "options kvm_amd nested=1");
        string[] before = Host.Files();

        CliResult first = await Host.RunAsync("disable", "nesting", Host.Name, "--replace-conflict", "--yes");
        string[] between = Host.Files();
        await Host.RunAsync("set", "module", Host.Name, "kvm_amd", "npt=0", "vls=0", "--yes");
        CliResult refused = await Host.RunAsync("undo", "1", Host.Name, "--yes");
        CliResult second = await Host.RunAsync("undo", Host.Name, "2", "--yes");
        string[] after = Host.Files();
        CliResult last = await Host.RunAsync("undo", Host.Name, "--yes");

        Assert.Equal(0, first.ExitCode);
        Assert.NotEqual(before, between);
        Assert.Equal(4, refused.ExitCode);
        Assert.Contains(
            "Change 2 changed the same since, and nothing was done: /etc/modprobe.d/nestvirt.conf.",
            refused.ErrorOutput,
            StringComparison.Ordinal
        );
        Assert.Equal(0, second.ExitCode);
        Assert.Equal(between, after);
        Assert.Equal(0, last.ExitCode);
        Assert.Equal(before, Host.Files());
    }

    [Fact]
    public async Task What_is_so_already_is_not_changed_again()
    {
        Needs.Root();
        Needs.Sshd();
        await Host.RunAsync("disable", "nesting", Host.Name, "--yes");

        CliResult again = await Host.RunAsync("disable", "nesting", Host.Name, "--yes");
        CliResult history = await Host.RunAsync("history", Host.Name, "--output", "jsonl");

        Assert.Equal((0, "disable nesting: nothing to change\n"), (again.ExitCode, again.Output));
        Assert.Single(history.Lines);
    }

    [Fact]
    public async Task What_if_shows_the_bytes_and_writes_none()
    {
        Needs.Root();
        Needs.Sshd();
        CliResult result = await Host.RunAsync("disable", "nesting", Host.Name, "--what-if");

        Assert.Equal((0, ""), (result.ExitCode, result.ErrorOutput));
        Assert.Equal("disable nesting", result.Lines[0]);
        Assert.Contains("       +options kvm_amd nested=0", result.Lines);
        Assert.False(Directory.Exists(Path.Combine(Host.Tree.Path, "var")));
        Assert.False(Directory.Exists(Path.Combine(Host.Tree.Path, "run")));
        Assert.Null(Host.Text(ChangeableHost.OwnFile));
    }

    [Fact]
    public async Task What_could_be_in_effect_and_is_not_gives_code_1_again_and_again()
    {
        Needs.Root();
        Needs.Sshd();
        Host.LoadModuleInUse();

        CliResult shown = await Host.RunAsync("disable", "nesting", Host.Name, "--what-if");
        CliResult made = await Host.RunAsync("disable", "nesting", Host.Name, "--yes");
        CliResult again = await Host.RunAsync("disable", "nesting", Host.Name, "--yes", "--output", "csv");

        Assert.Equal(0, shown.ExitCode);
        Assert.Equal(1, made.ExitCode);
        Assert.Equal("disable nesting: done, not in effect yet", made.Lines[0]);
        Assert.Contains(
            made.Lines,
            static line =>
                line.StartsWith(
                    "  warning  kvm_amd.nested waits for kvm_amd to be loaded again",
                    StringComparison.Ordinal
                )
        );
        Assert.Equal(1, again.ExitCode);
        Assert.EndsWith(
            ",disable nesting,Pending,,,ReloadBlocked,",
            again.Lines[1].TrimEnd('\r'),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task One_bad_host_of_two_keeps_the_other_from_nothing_and_gives_code_3()
    {
        Needs.Root();
        Needs.Sshd();
        CliResult result = await Host.RunAsync(
            "disable",
            "nesting",
            ClosedHost,
            Host.Name,
            "--yes",
            "--output",
            "json"
        );

        Assert.Equal(3, result.ExitCode);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        Assert.Equal(
            "InEffect",
            Assert.Single(document.RootElement.GetProperty("results").EnumerateArray()).GetProperty("state").GetString()
        );
        Assert.Equal(
            "HostUnreachable",
            Assert.Single(document.RootElement.GetProperty("errors").EnumerateArray()).GetProperty("id").GetString()
        );
        Assert.NotNull(Host.Text(ChangeableHost.OwnFile));
    }

    [Fact]
    public async Task A_host_that_cannot_be_brought_there_gives_code_4_and_says_why()
    {
        Needs.Root();
        Needs.Sshd();
        CliResult result = await Host.RunAsync("set", "module", Host.Name, "kvm_amd", "nptt=0", "--yes");
        CliResult unknown = await Host.RunAsync("undo", "7", Host.Name, "--yes");

        Assert.Equal(4, result.ExitCode);
        Assert.Equal("nestvirt: 127.0.0.1: kvm_amd has no parameter nptt.\n  Did you mean npt?\n", result.ErrorOutput);
        Assert.Equal(4, unknown.ExitCode);
        Assert.StartsWith(
            "nestvirt: 127.0.0.1: The journal of the host has no change 7.\n",
            unknown.ErrorOutput,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Where_nobody_can_be_asked_no_host_is_asked_either()
    {
        Needs.Sshd("touch");
        string asked = Path.Combine(Host.Tree.Path, "asked");

        CliResult result = await CliProgram.RunAsync(
            "disable",
            "nesting",
            "kvm1",
            "--ssh-option",
            $"ProxyCommand=touch {asked}"
        );

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(
            "nestvirt: Nobody can be asked here whether to make the change.\n  Look at it with --what-if, then repeat with --yes.\n",
            result.ErrorOutput
        );
        Assert.False(File.Exists(asked));
    }

    [Fact]
    public async Task On_a_terminal_only_a_yes_changes_the_host()
    {
        Needs.Root();
        Needs.Sshd("script");
        string[] before = Host.Files();

        CliResult no = await Host.TypeAsync("n", "disable", "nesting", Host.Name);
        CliResult nothing = await Host.TypeAsync("", "disable", "nesting", Host.Name);
        string[] between = Host.Files();
        CliResult yes = await Host.TypeAsync("y", "disable", "nesting", Host.Name);

        Assert.All([no, nothing], static result => Assert.Equal(0, result.ExitCode));
        Assert.All(
            [no, nothing],
            static result => Assert.Contains("Nothing was changed.", result.Output, StringComparison.Ordinal)
        );
        Assert.Contains("+options kvm_amd nested=0", no.Output, StringComparison.Ordinal);
        Assert.Contains("Make these changes? [y/N]", no.Output, StringComparison.Ordinal);
        Assert.Equal(before, between);
        Assert.Equal(0, yes.ExitCode);
        Assert.Contains("done and in effect", yes.Output, StringComparison.Ordinal);
        Assert.NotNull(Host.Text(ChangeableHost.OwnFile));
    }

    private static string? CommandOf(CliResult result, string code)
    {
        using JsonDocument document = JsonDocument.Parse(result.Output);
        return document
            .RootElement.GetProperty("results")[0]
            .GetProperty("reasons")
            .EnumerateArray()
            .Single(reason => reason.GetProperty("code").GetString() == code)
            .GetProperty("command")
            .GetString();
    }

    public void Dispose()
    {
        if (_host.IsValueCreated)
        {
            _host.Value.Dispose();
        }
    }
}
