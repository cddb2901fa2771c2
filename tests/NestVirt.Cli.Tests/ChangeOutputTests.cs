using System.Runtime.Versioning;
using System.Text.Json;
using NestVirt.Core.Tests;

namespace NestVirt.Cli.Tests;

/// <summary>What programs read of plans, changes and the history.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ChangeOutputTests : IDisposable
{
    private readonly Lazy<ChangeableHost> _host = new(static () => new ChangeableHost());

    private ChangeableHost Host => _host.Value;

    [Fact]
    public async Task Json_has_a_schema_for_plans_changes_and_history()
    {
        Needs.Root();
        Needs.Sshd();
        JsonElement plan = await ResultAsync("nestvirt/change-plan/1", "disable", "nesting", Host.Name, "--what-if");
        JsonElement made = await ResultAsync("nestvirt/change/1", "disable", "nesting", Host.Name, "--yes");
        JsonElement entry = await ResultAsync("nestvirt/history/1", "history", Host.Name);
        JsonElement undone = await ResultAsync("nestvirt/change/1", "undo", Host.Name, "--yes");

        Assert.All(
            [plan, made, entry],
            static result => Assert.Equal("disable nesting", result.GetProperty("title").GetString())
        );
        Assert.All(
            [plan, made, entry, undone],
            static result => Assert.Equal("127.0.0.1", result.GetProperty("hostName").GetString())
        );
        JsonElement change = Assert.Single(plan.GetProperty("changes").EnumerateArray());
        Assert.Equal("/etc/modprobe.d/nestvirt.conf", change.GetProperty("setting").GetString());
        Assert.Equal(JsonValueKind.Null, change.GetProperty("from").ValueKind);
        Assert.EndsWith("\noptions kvm_amd nested=0", change.GetProperty("to").GetString(), StringComparison.Ordinal);
        Assert.Equal("ModuleReload", change.GetProperty("takesEffect").GetString());
        Assert.Equal("machine", plan.GetProperty("identity").GetProperty("machineId").GetString());
        Assert.Equal(64, plan.GetProperty("fingerprint").GetString()!.Length);
        Assert.Equal(("InEffect", 1), (made.GetProperty("state").GetString(), made.GetProperty("id").GetInt32()));
        Assert.Equal(
            ("Applied", 1, true),
            (
                entry.GetProperty("state").GetString(),
                entry.GetProperty("id").GetInt32(),
                entry.GetProperty("canUndo").GetBoolean()
            )
        );
        Assert.Equal(("Undone", 1), (undone.GetProperty("state").GetString(), undone.GetProperty("id").GetInt32()));
    }

    [Fact]
    public async Task The_line_ends_of_Windows_are_in_json_and_not_in_what_people_read()
    {
        Needs.Root();
        Needs.Sshd();
        Host.Tree.Write(ChangeableHost.OwnFile, "options kvm_amd npt=1\r\n");

        CliResult table = await Host.RunAsync("disable", "nesting", Host.Name, "--what-if");
        JsonElement plan = await ResultAsync("nestvirt/change-plan/1", "disable", "nesting", Host.Name, "--what-if");

        Assert.DoesNotContain('\uFFFD', table.Output);
        Assert.Contains("-options kvm_amd npt=1", table.Output, StringComparison.Ordinal);
        Assert.Contains(
            plan.GetProperty("changes")[0].GetProperty("diff").EnumerateArray(),
            static line => line.GetString() == "-options kvm_amd npt=1\r"
        );
    }

    [Fact]
    public async Task Lines_of_json_are_the_same_results()
    {
        Needs.Root();
        Needs.Sshd();
        CliResult plan = await Host.RunAsync("disable", "nesting", Host.Name, "--what-if", "--output", "jsonl");
        CliResult made = await Host.RunAsync("disable", "nesting", Host.Name, "--yes", "--output", "jsonl");
        CliResult history = await Host.RunAsync("history", Host.Name, "--output", "jsonl");
        CliResult failed = await Host.RunAsync("undo", "7", Host.Name, "--yes", "--output", "jsonl");

        Assert.Equal("disable nesting", Line(plan).GetProperty("title").GetString());
        Assert.Equal("InEffect", Line(made).GetProperty("state").GetString());
        Assert.Equal("Applied", Line(history).GetProperty("state").GetString());
        Assert.Equal("127.0.0.1", Line(failed).GetProperty("error").GetProperty("hostName").GetString());

        static JsonElement Line(CliResult result) => JsonDocument.Parse(Assert.Single(result.Lines)).RootElement;
    }

    [Fact]
    public async Task Csv_names_the_file_and_not_what_is_in_it()
    {
        Needs.Root();
        Needs.Sshd();
        CliResult plan = await Host.RunAsync("disable", "nesting", Host.Name, "--what-if", "--output", "csv");
        CliResult made = await Host.RunAsync("disable", "nesting", Host.Name, "--yes", "--output", "csv");
        CliResult history = await Host.RunAsync("history", Host.Name, "--output", "csv");

        Assert.Equal(
            [
                "hostName,title,changes,disruptions,pending,isRecorded",
                "127.0.0.1,disable nesting,/etc/modprobe.d/nestvirt.conf,,,false",
            ],
            Lines(plan)
        );
        Assert.Equal(
            [
                "hostName,title,state,id,changes,pending,findings",
                "127.0.0.1,disable nesting,InEffect,1,/etc/modprobe.d/nestvirt.conf,,",
            ],
            Lines(made)
        );
        Assert.Equal("hostName,id,when,state,effect,who,title,changes", Lines(history)[0]);
        Assert.Matches(
            @"^127\.0\.0\.1,1,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ,Applied,InEffect,[^,]+,disable nesting,/etc/modprobe\.d/nestvirt\.conf$",
            Lines(history)[1]
        );

        static string[] Lines(CliResult result) => [.. result.Lines.Select(static line => line.TrimEnd('\r'))];
    }

    public void Dispose()
    {
        if (_host.IsValueCreated)
        {
            _host.Value.Dispose();
        }
    }

    private async Task<JsonElement> ResultAsync(string schema, params string[] arguments)
    {
        CliResult result = await Host.RunAsync([.. arguments, "--output", "json"]);
        Assert.Equal((0, ""), (result.ExitCode, result.ErrorOutput));
        JsonElement document = JsonDocument.Parse(result.Output).RootElement;
        Assert.Equal(
            ["schema", "results", "errors"],
            document.EnumerateObject().Select(static property => property.Name)
        );
        Assert.Equal(schema, document.GetProperty("schema").GetString());
        Assert.Empty(document.GetProperty("errors").EnumerateArray());
        return Assert.Single(document.GetProperty("results").EnumerateArray());
    }
}
