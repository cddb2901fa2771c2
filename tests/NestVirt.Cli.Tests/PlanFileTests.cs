using System.Runtime.Versioning;
using System.Text.Json;
using NestVirt.Core.Tests;

namespace NestVirt.Cli.Tests;

/// <summary>Plans that are written to a file, reviewed, and applied.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PlanFileTests : IDisposable
{
    private readonly Lazy<ChangeableHost> _host = new(static () => new ChangeableHost());
    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-test-").FullName;

    private ChangeableHost Host => _host.Value;

    private string PlanPath => Path.Combine(_folder, "plan.json");

    [Fact]
    public async Task A_plan_is_shown_written_and_applied_where_it_was_made()
    {
        Needs.Root();
        Needs.Sshd();
        string[] before = Host.Files();
        CliResult planned = await Host.RunAsync("disable", "nesting", Host.Name, "--plan", PlanPath);
        string[] between = Host.Files();

        // The address, the port and the account are in the plan; how to log in is not.
        CliResult applied = await Host.RunAsync("apply", PlanPath, "--yes");
        CliResult again = await Host.RunAsync("apply", PlanPath, "--yes");
        CliResult empty = await Host.RunAsync("disable", "nesting", Host.Name, "--plan", PlanPath);
        CliResult undone = await Host.RunAsync("undo", Host.Name, "--yes");

        Assert.Equal(0, planned.ExitCode);
        Assert.Equal($"The plan is in {PlanPath}: nestvirt apply {PlanPath} makes it so.\n", planned.ErrorOutput);
        Assert.Equal($"There is nothing to change, and so says the plan in {PlanPath}.\n", empty.ErrorOutput);
        Assert.Contains("       +options kvm_amd nested=0", planned.Lines);
        Assert.Equal(before, between);
        Assert.Equal((0, "disable nesting: done and in effect"), (applied.ExitCode, applied.Lines[0]));
        Assert.Equal((0, "disable nesting: nothing to change\n"), (again.ExitCode, again.Output));
        Assert.Equal(0, undone.ExitCode);
        Assert.Equal(before, Host.Files());
    }

    [Fact]
    public async Task A_plan_over_a_snapshot_is_marked_and_applies_to_the_live_host_that_is_named()
    {
        Needs.Root();
        Needs.Sshd();
        string snapshot = Path.Combine(_folder, "kvm1.json");
        string livePath = Path.Combine(_folder, "live.json");
        await Host.RunAsync("snapshot", Host.Name, "--to", snapshot);
        CliResult shown = await CliProgram.RunAsync("disable", "nesting", "--snapshot", snapshot, "--what-if");
        CliResult planned = await CliProgram.RunAsync("disable", "nesting", "--snapshot", snapshot, "--plan", PlanPath);
        CliResult tree = await CliProgram.RunAsync("disable", "nesting", "--root", Host.Tree.Path, "--what-if");
        await Host.RunAsync("disable", "nesting", Host.Name, "--plan", livePath);

        Assert.Contains("  planned over a recorded host", shown.Lines);
        Assert.Contains("  planned over a recorded host", tree.Lines);
        Assert.Equal(
            (0, $"The plan is in {PlanPath}: nestvirt apply {PlanPath} HOST makes it so.\n"),
            (planned.ExitCode, planned.ErrorOutput)
        );
        JsonElement plan = Read(PlanPath);
        JsonElement live = Read(livePath);
        Assert.True(plan.GetProperty("isRecorded").GetBoolean());
        Assert.False(live.TryGetProperty("isRecorded", out _));
        Assert.Equal(live.GetProperty("fingerprint").GetString(), plan.GetProperty("fingerprint").GetString());

        CliResult unnamed = await CliProgram.RunAsync("apply", PlanPath, "--yes");
        CliResult applied = await Host.RunAsync("apply", PlanPath, Host.Name, "--yes");
        await Host.RunAsync("undo", Host.Name, "--yes");
        Host.Tree.Write("etc/machine-id", "another\n");
        CliResult other = await Host.RunAsync("apply", PlanPath, Host.Name, "--yes");

        Assert.Equal(2, unnamed.ExitCode);
        Assert.StartsWith(
            "nestvirt: The plan was made over the recorded host kvm1: name the live host",
            unnamed.ErrorOutput,
            StringComparison.Ordinal
        );
        Assert.Equal((0, "disable nesting: done and in effect"), (applied.ExitCode, applied.Lines[0]));
        Assert.Equal(4, other.ExitCode);
        Assert.Contains("The plan was made for another machine", other.ErrorOutput, StringComparison.Ordinal);

        static JsonElement Read(string path) => JsonDocument.Parse(File.ReadAllText(path)).RootElement;
    }

    [Fact]
    public async Task Of_a_snapshot_only_what_a_plan_reads_has_to_be_in_it()
    {
        using HostTree tree = new();
        tree.Write("proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu lm vmx\n\n")
            .Write("proc/sys/kernel/osrelease", "6.1.0\n")
            .Write("proc/sys/kernel/arch", "x86_64\n")
            .Write("var/log/dmesg", "[    1.000000] kvm: disabled by bios\n");
        string snapshot = Path.Combine(_folder, "kvm1.json");
        await CliProgram.RunAsync("snapshot", "--root", tree.Path, "--redact", "--to", snapshot);

        CliResult refused = await CliProgram.RunAsync("enable", "nesting", "--snapshot", snapshot, "--what-if");
        CliResult missing = await CliProgram.RunAsync(
            "enable",
            "nesting",
            "--snapshot",
            Repository.Recording("amd-epyc-nested-off"),
            "--what-if"
        );

        Assert.Equal(4, refused.ExitCode);
        Assert.Contains("firmware", refused.ErrorOutput, StringComparison.Ordinal);
        Assert.DoesNotContain("snapshot", refused.ErrorOutput, StringComparison.Ordinal);
        Assert.Equal(
            (
                4,
                "nestvirt: amd-epyc-nested-off: The change cannot be planned over this snapshot: it was made by an earlier release, or redacted, and does not hold the tools of its boot loader and initial RAM file system.\n"
                    + "  Make it again as root with nestvirt snapshot, not redacted.\n"
            ),
            (missing.ExitCode, missing.ErrorOutput)
        );
    }

    [Fact]
    public async Task A_plan_of_a_host_of_an_inventory_is_applied_with_the_inventory_alone()
    {
        Needs.Root();
        Needs.Sshd();
        string inventory = Path.Combine(_folder, "hosts.json");
        Host.WriteInventory(inventory, "kvm7");
        await CliProgram.RunAsync(
            "disable",
            "nesting",
            "kvm7",
            "--inventory",
            inventory,
            "--trust-inventory",
            "--plan",
            PlanPath
        );

        CliResult lost = await CliProgram.RunAsync("apply", PlanPath, "--yes", "--connect-timeout", "5");
        CliResult applied = await CliProgram.RunAsync(
            "apply",
            PlanPath,
            "--inventory",
            inventory,
            "--trust-inventory",
            "--yes"
        );

        Assert.NotEqual(0, lost.ExitCode);
        Assert.Equal((0, "disable nesting: done and in effect"), (applied.ExitCode, applied.Lines[0]));
        Assert.DoesNotContain("known_hosts", await File.ReadAllTextAsync(PlanPath), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task A_plan_is_refused_when_its_host_has_changed()
    {
        Needs.Root();
        Needs.Sshd();
        await Host.RunAsync("disable", "nesting", Host.Name, "--plan", PlanPath);
        Host.Tree.Write(ChangeableHost.OwnFile, "# by hand\n");
        string[] before = Host.Files();

        CliResult changed = await Host.RunAsync("apply", PlanPath, "--yes", "--output", "json");
        Host.Tree.Write("etc/machine-id", "other\n");
        CliResult another = await Host.RunAsync("apply", PlanPath, "--yes");
        Host.Tree.Write("etc/machine-id", "machine\n");

        Assert.Equal(4, changed.ExitCode);
        Assert.StartsWith(
            "nestvirt: 127.0.0.1: The plan does not fit any more, and nothing was done: ",
            changed.ErrorOutput,
            StringComparison.Ordinal
        );
        using JsonDocument document = JsonDocument.Parse(changed.Output);
        Assert.Single(document.RootElement.GetProperty("errors").EnumerateArray());
        Assert.Equal(4, another.ExitCode);
        Assert.Contains("The plan was made for another machine", another.ErrorOutput, StringComparison.Ordinal);
        Assert.Equal(before, Host.Files());
    }

    [Fact]
    public async Task What_somebody_wrote_into_a_plan_is_not_done()
    {
        Needs.Root();
        Needs.Sshd();
        await Host.RunAsync("disable", "nesting", Host.Name, "--plan", PlanPath);
        string[] before = Host.Files();
        string text = await File.ReadAllTextAsync(PlanPath);
        foreach (
            (string from, string to) in (IEnumerable<(string, string)>)
                [
                    ("\"enable\": false", "\"enable\": true"),
                    ("kvm_amd nested=0", "kvm_amd nested=1"),
                    ("/etc/modprobe.d/nestvirt.conf", "/etc/cron.d/other"),
                ]
        )
        {
            Assert.Contains(from, text, StringComparison.Ordinal);
            await File.WriteAllTextAsync(PlanPath, text.Replace(from, to, StringComparison.Ordinal));

            CliResult result = await Host.RunAsync("apply", PlanPath, "--yes");

            Assert.Equal(4, result.ExitCode);
            Assert.Contains("nothing was done", result.ErrorOutput, StringComparison.Ordinal);
            Assert.Equal(before, Host.Files());
        }
    }

    [Theory]
    [Trait("Category", "Security")]
    [InlineData("--stop-guests", "may shut down running guests, waiting up to 120 s for them, and start them again")]
    [InlineData("--force", "may interrupt what is in use")]
    public async Task What_a_plan_may_interrupt_is_shown_and_agreed_to_again(string allowed, string phrase)
    {
        Needs.Root();
        Needs.Sshd();
        string[] before = Host.Files();
        CliResult planned = await Host.RunAsync("disable", "nesting", Host.Name, allowed, "--plan", PlanPath);

        CliResult shown = await Host.RunAsync("apply", PlanPath, "--what-if");
        CliResult refused = await Host.RunAsync("apply", PlanPath, "--yes");
        string[] between = Host.Files();
        CliResult applied = await Host.RunAsync("apply", PlanPath, "--yes", allowed);

        Assert.Contains(phrase, OnOneLine(planned.Output), StringComparison.Ordinal);
        Assert.Contains(phrase, OnOneLine(shown.Output), StringComparison.Ordinal);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(
            $" {phrase}.\n  If that is meant, repeat with {allowed}.",
            refused.ErrorOutput,
            StringComparison.Ordinal
        );
        Assert.Equal(before, between);
        Assert.Equal(0, applied.ExitCode);
    }

    [Fact]
    public async Task A_plan_on_standard_output_is_all_that_is_there()
    {
        Needs.Root();
        Needs.Sshd();
        CliResult result = await Host.RunAsync("disable", "nesting", Host.Name, "--plan", "-");

        Assert.Equal(0, result.ExitCode);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        Assert.Empty(result.ErrorOutput);
        Assert.Equal("nestvirt/plan/1", document.RootElement.GetProperty("schema").GetString());
    }

    [Fact]
    public async Task Hosts_that_give_no_plan_leave_the_file_alone()
    {
        Needs.Sshd();
        await File.WriteAllTextAsync(PlanPath, "old");

        CliResult result = await CliProgram.RunAsync("disable", "nesting", "127.0.0.1:1", "--plan", PlanPath);

        Assert.Equal(4, result.ExitCode);
        Assert.Equal("old", await File.ReadAllTextAsync(PlanPath));
    }

    [Theory]
    [InlineData("", " is not a plan: it is empty.")]
    [InlineData("# text", " is not a plan: it stops being JSON at line 1, column 1.")]
    [InlineData("{\n  \"schema\": \"nestvirt/plan/1\"", " is not a plan: it stops being JSON at line 2, column ")]
    [InlineData("null", " is not a plan: it is JSON, but no object.")]
    [InlineData("[]", " holds no plan.")]
    [InlineData("[1]", " is not a plan: it is JSON, but no object.")]
    [InlineData("{}", " is not a plan: it has no schema, which would be nestvirt/plan/1.")]
    [InlineData(
        """{"schema":"nestvirt/snapshot/1"}""",
        " is not a plan: its schema is 'nestvirt/snapshot/1', not nestvirt/plan/1."
    )]
    [InlineData(
        """{"schema":"nestvirt/plan/1","hostName":"h"}""",
        " is not a plan: it has no userName, port, isLocal, fingerprint, identity, request, changes."
    )]
    [InlineData(
        """{"schema":"nestvirt/plan/1","hostName":"h","userName":null,"port":null,"isLocal":false,"fingerprint":"","identity":{},"request":{"kind":"bogus"},"changes":[]}""",
        " is not a plan: its request is of the kind 'bogus', which this release does not know."
    )]
    [InlineData(
        """{"schema":"nestvirt/plan/1","hostName":"h","userName":null,"port":null,"isLocal":false,"fingerprint":"","identity":{},"request":{},"changes":[]}""",
        " is not a plan: its request is of no kind."
    )]
    [InlineData(
        """{"schema":"nestvirt/plan/1","hostName":"h","userName":null,"port":null,"isLocal":false,"fingerprint":"","identity":{},"request":{"kind":"iommu","enable":true},"changes":[]}""",
        " is not a plan: what stands at $.identity is not what a plan has there."
    )]
    public async Task A_file_that_holds_no_plan_is_explained_in_a_sentence(string text, string sentence)
    {
        await File.WriteAllTextAsync(PlanPath, text);

        CliResult result = await CliProgram.RunAsync("apply", PlanPath, "--yes");

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith($"nestvirt: {PlanPath}{sentence}", result.ErrorOutput, StringComparison.Ordinal);
        Assert.DoesNotContain("..\n", result.ErrorOutput, StringComparison.Ordinal);
        Assert.Equal(2, result.ErrorOutput.TrimEnd('\n').Split('\n').Length);
    }

    [Fact]
    public async Task A_plan_that_cannot_be_written_is_named_as_it_was_typed()
    {
        Needs.Root();
        Needs.Sshd();
        string path = Path.Combine(_folder, "none", "plan.json");

        CliResult result = await Host.RunAsync("disable", "nesting", Host.Name, "--plan", path);

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith(
            $"nestvirt: The plan cannot be written to {path}: ",
            result.ErrorOutput,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(".tmp", result.ErrorOutput, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        if (_host.IsValueCreated)
        {
            _host.Value.Dispose();
        }
    }

    private static string OnOneLine(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
