using System.Runtime.Versioning;
using NestVirt.Changes;
using NestVirt.Core.Tests.Changes;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Worker;

namespace NestVirt.Core.Tests.Linux.Kvm;

[UnsupportedOSPlatform("windows")]
public sealed class ModuleActionTests : IDisposable
{
    private const string OwnFile = "/etc/modprobe.d/nestvirt.conf";
    private readonly TreeChange _host = new();

    public ModuleActionTests() => _host.WithModules();

    [Fact]
    public async Task A_module_is_loaded_with_what_the_files_give_it_and_again_with_what_it_had()
    {
        Needs.Shell();
        ChangePlan plan = Plan();

        Assert.Equal("applied", (await ApplyAsync(plan)).State);
        Assert.Equal("0", Shown("kvm_amd", "nested"));
        ChangeReport undone = await UndoAsync(plan);

        Assert.Equal("undone", undone.State);
        Assert.Equal("1", Shown("kvm_amd", "nested"));
        Assert.Null(_host.Text("/inserted"));
    }

    [Theory]
    [InlineData("options kvm_amd npt=maybe")]
    [InlineData("options kvm halt_poll_ns=abc")]
    [InlineData("options kvm_amd nested=Y")]
    [InlineData("install kvm_amd /bin/false")]
    [InlineData("install kvm_amd /bin/true")]
    [InlineData("options kvm_amd npt=maybe", true)]
    public async Task A_reload_that_fails_leaves_the_module_loaded_as_it_was(string line, bool isBusybox = false)
    {
        Needs.Shell();
        _host.Tree.Write("etc/modprobe.d/site.conf", line + "\n");
        if (isBusybox)
        {
            _host.Tree.Write("busybox", "");
        }

        ChangeReport report = await ApplyAsync(Plan());

        Assert.Equal(("rolled-back", 2), (report.State, report.FailedStep));
        AssertAsBefore();
        Assert.Null(_host.Text(OwnFile));
        Assert.Equal("warning: kvm_amd is loaded with the values of before", Warning(report));
    }

    [Theory]
    [InlineData("options kvm_amd npt=maybe")]
    [InlineData("options kvm halt_poll_ns=abc")]
    [InlineData("install kvm_amd /bin/false")]
    public async Task Undo_over_a_line_that_was_written_since_leaves_the_module_loaded_as_it_was(string line)
    {
        Needs.Shell();
        ChangePlan plan = Plan();
        await ApplyAsync(plan);
        _host.Tree.Write("etc/modprobe.d/site.conf", line + "\n");

        ChangeReport undone = await UndoAsync(plan);

        Assert.Equal("undone", undone.State);
        AssertAsBefore();
        Assert.Null(_host.Text(OwnFile));
        Assert.Equal("warning: kvm_amd is loaded with the values of before", Warning(undone));
    }

    [Fact]
    public async Task A_worker_that_is_killed_while_the_module_is_unloaded_is_taken_back()
    {
        Needs.Shell();
        ChangePlan plan = Plan();
        _host.Tree.Write("etc/modprobe.d/site.conf", "options kvm_amd npt=maybe\n").Write("kill", "");

        await ApplyAsync(plan);
        bool isLoaded = File.Exists(_host.Tree.Path + "/sys/module/kvm_amd/initstate");
        ChangeReport undone = await UndoAsync(plan);

        Assert.False(isLoaded);
        Assert.Equal("undone", undone.State);
        AssertAsBefore();
    }

    [Fact]
    public async Task A_module_whose_file_is_gone_is_not_unloaded()
    {
        Needs.Shell();
        ChangePlan plan = Plan();
        await ApplyAsync(plan);
        _host.Tree.Write("upgraded", "");

        ChangeReport blocked = await UndoAsync(plan);
        ChangeReport failed = await ApplyAsync(
            _host.Plan(
                ModuleAction.Plan(
                    "kvm_amd",
                    new Dictionary<string, string> { ["kvm_amd.nested"] = "0" },
                    ["kvm_amd.nested"],
                    "loaded kvm_amd.nested=1",
                    new NestingRequest(Enable: true),
                    []
                )
            )
        );

        Assert.Equal(StepState.Kept, blocked.Steps[2].State);
        Assert.Contains("could not be loaded again", blocked.Steps[2].Output, StringComparison.Ordinal);
        Assert.Equal("rolled-back", failed.State);
        Assert.Equal("0", Shown("kvm_amd", "nested"));
        Assert.NotNull(_host.Text(OwnFile));
    }

    [Theory]
    [InlineData("MODPROBE_OPTIONS=-n")]
    [InlineData("MODPROBE_OPTIONS='-C /nowhere'")]
    [InlineData(
        "POSIXLY_CORRECT=1 GRUB_DEFAULT=3 SYSTEMD_IGNORE_CHROOT=1 DRACUT_PATH=/x ENV=/nowhere BASH_ENV=/nowhere"
    )]
    [InlineData("IFS=/ CDPATH=/etc LC_ALL=tr_TR.UTF-8 QUOTING_STYLE=shell-always XDG_CONFIG_HOME=/x")]
    [InlineData("LD_LIBRARY_PATH=/nowhere TMPDIR=/nowhere HOME=/nowhere a=\"$(printf '1\\nPATH=x')\"")]
    [Trait("Category", "Security")]
    public async Task What_an_account_exports_does_not_reach_the_tools(string words)
    {
        Needs.Shell();

        ChangeReport report = await _host.RunAsync(
            $"PATH={_host.Tree.Path}/bin:$PATH\nexport PATH {words}\n"
                + ChangeScript.Apply(Plan(), "tester@desk", allowSudo: false)
        );

        Assert.Equal(("applied", "0"), (report.State, Shown("kvm_amd", "nested")));
        Assert.Equal(
            ["HOME=/root", "LC_ALL=C", $"NESTVIRT_ROOT={_host.Tree.Path}", "PATH"],
            _host
                .Text("/environment")!
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(static line => line.StartsWith("PATH=", StringComparison.Ordinal) ? "PATH" : line)
                .Where(static line => line.Split('=')[0] is not ("OLDPWD" or "PWD" or "SHLVL" or "_"))
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task An_unload_that_ends_well_and_does_nothing_is_a_failure()
    {
        Needs.Shell();
        _host.Tree.Write("idle", "");

        ChangeReport report = await ApplyAsync(Plan());

        Assert.Equal(("rolled-back", 2), (report.State, report.FailedStep));
        Assert.Contains(
            "modprobe -r ended with exit code 0, and kvm_amd is still loaded",
            report.Steps[2].Output,
            StringComparison.Ordinal
        );
        Assert.Equal("1", Shown("kvm_amd", "nested"));
        Assert.Null(_host.Text(OwnFile));
    }

    [Fact]
    public async Task A_load_that_says_nothing_is_named_with_its_exit_code()
    {
        Needs.Shell();
        _host.Tree.Write("silent", "");
        Directory.Delete(_host.Tree.Path + "/sys/module/kvm_amd", recursive: true);

        ChangeReport report = await ApplyAsync(
            _host.Plan(ModuleAction.Plan("kvm_amd", null, [], "loaded", new NestingRequest(Enable: true), []))
        );

        Assert.Equal("modprobe ended with exit code 3", report.Steps[1].Output);
    }

    public void Dispose() => _host.Dispose();

    // All that can be read of it is given back; words that the module only shows are not.
    private void AssertAsBefore()
    {
        Assert.Equal("1", Shown("kvm_amd", "nested"));
        Assert.Equal("N", Shown("kvm_amd", "npt"));
        Assert.Equal("1000", Shown("kvm", "halt_poll_ns"));
        Assert.Equal("kvm halt_poll_ns=1000\nkvm_amd nested=1 npt=N\n", _host.Text("/inserted"));
    }

    private static string? Warning(ChangeReport report) =>
        report
            .Steps[2]
            .Output.Split('\n')
            .LastOrDefault(static line => line.StartsWith("warning:", StringComparison.Ordinal))
            ?.Split(',')[0];

    private string Shown(string module, string parameter) =>
        _host.Text($"/sys/module/{module}/parameters/{parameter}")!.Trim();

    private ChangePlan Plan() =>
        _host.Plan(
            _host.File(OwnFile, "options kvm_amd nested=0\n"),
            ModuleAction.Plan(
                "kvm_amd",
                new Dictionary<string, string> { ["kvm_amd.nested"] = "1" },
                ["kvm_amd.nested"],
                "loaded kvm_amd.nested=0",
                new NestingRequest(Enable: false),
                []
            )
        );

    private Task<ChangeReport> ApplyAsync(ChangePlan plan) => RunAsync(ChangeScript.Apply(plan, "tester@desk", false));

    private Task<ChangeReport> UndoAsync(ChangePlan plan) =>
        RunAsync(
            ChangeScript.Undo(plan, 1, 1, "tester@desk", new ChangeScope(StopGuests: false, 1, Force: false), false)
        );

    private Task<ChangeReport> RunAsync(string script) =>
        _host.RunAsync($"PATH={_host.Tree.Path}/bin:$PATH\nexport PATH\n" + script);
}
