using System.Text.Json;
using System.Text.Json.Nodes;

namespace NestVirt.Cli.Tests;

/// <summary>
/// What is told of the guests of a KVM host. A real libvirtd 9.0 answered for nine guests, of which three ran without KVM; its answers
/// stand beside those of a lab host that has KVM, with nesting on, on an AMD processor.
/// </summary>
public sealed class GuestListTests
{
    private static readonly string s_file = Repository.Recording("libvirt/kvm1");

    [Fact]
    public async Task Each_guest_is_told_with_when_hypervisors_run_in_it_and_why_not()
    {
        CliResult result = await CliProgram.RunAsync("guests", "--snapshot", s_file, "--output", "json");

        Assert.Equal(
            [
                "guest1 Running Now Ready VmRestartPending VmEmulated VmNestingReady",
                "guest2 Paused Now Ready VmEmulated VmNestingReady",
                "guest3 Off NextStart Ready VmNestingReady",
                "guest4 Off NextStart Ready VmNestingReady",
                "guest5 Off Off Configurable VmNestingOff",
                "guest6 Off Off Configurable VmNestingOff",
                "guest7 Off WillNotStart Configurable VmWillNotStart VmWrongVendor",
                "guest8 Off Unknown Configurable VmUnknown",
                "guest9 Saved Unknown Unknown VmSaved VmEmulated",
            ],
            ResultsIn(result.Output)
                .Select(static one =>
                    string.Join(
                        ' ',
                        [
                            Text(one, "vmName"),
                            Text(one, "state"),
                            Text(one, "nesting"),
                            Text(one, "verdict"),
                            .. one.GetProperty("reasons")
                                .EnumerateArray()
                                .Select(static reason => Text(reason, "code")),
                        ]
                    )
                )
        );
        Assert.Equal((ExitCode.Success, string.Empty), (result.ExitCode, result.ErrorOutput));
    }

    [Fact]
    public async Task What_is_of_KVM_alone_is_told_of_each_guest()
    {
        JsonElement[] guests = [.. ResultsIn((await RunAsync("--output", "json")).Output)];

        Assert.Equal(
            """{"isExposed":false,"isExposedNow":true,"isRestartPending":true,"isInUse":null,"wasUsed":null,"nestedRunCount":null,"cpuMode":"custom","cpuModel":"EPYC","cpuFeatures":["disable svm"],"enlightenments":[],"isMigratable":null,"isPersistent":true,"isStartedWithHost":false}""",
            KvmOf(guests[0])
        );
        Assert.Equal(
            """{"isExposed":true,"isExposedNow":null,"isRestartPending":null,"isInUse":null,"wasUsed":null,"nestedRunCount":null,"cpuMode":"host-passthrough","cpuModel":null,"cpuFeatures":[],"enlightenments":[],"isMigratable":true,"isPersistent":true,"isStartedWithHost":true}""",
            KvmOf(guests[2])
        );
        Assert.False(guests[1].GetProperty("isPersistent").GetBoolean());
        Assert.Equal(["relaxed", "vapic"], Texts(guests[4], "enlightenments"));
        Assert.Equal(["0000:01:10.0"], Texts(guests[5], "assignedDevices"));
        Assert.Equal(2, guests[3].GetProperty("threadsPerCore").GetInt32());
        Assert.Equal(4L << 30, guests[2].GetProperty("memoryBytes").GetInt64());
    }

    [Fact]
    public async Task The_table_has_the_processor_in_the_place_of_the_version()
    {
        string[] lines = (await RunAsync()).Lines;

        Assert.Equal("NAME    STATE    NESTING            VERDICT       CPUS  PROCESSOR", lines[0]);
        Assert.Equal("guest3  off      at the next start  ready         4     host-passthrough", lines[3]);
        Assert.Equal("guest5  off      off                configurable  1     -", lines[5]);
        Assert.Contains("guest1, guest2, guest9:", lines);
        Assert.All(lines, static line => Assert.InRange(line.Length, 0, 80));
    }

    [Fact]
    public async Task Csv_has_every_property_but_those_of_Hyper_V_filled()
    {
        string[] lines = (await RunAsync("--name", "guest3", "--output", "csv")).Lines;

        Assert.Equal(2, lines.Length);
        Assert.Equal(
            "kvm1,guest3,00000000-0000-4000-8000-000000000003,Off,NextStart,Ready,true,,,,,,host-passthrough,,,,true,true,true,4,,,,4294967296,,,,,,VmNestingReady",
            lines[1].TrimEnd('\r')
        );
    }

    [Theory]
    [InlineData("guest1 guest2 guest3", "*3", "guest1", "*2")]
    [InlineData("guest4", "00000000-0000-4000-8000-000000000004")]
    [InlineData("guest1 guest2 guest3 guest4 guest5 guest6 guest7 guest8 guest9", "GUEST?")]
    public async Task Guests_are_found_by_name_and_id(string expected, params string[] names)
    {
        CliResult result = await RunAsync([.. names.SelectMany(static name => new[] { "--name", name }), "-o", "json"]);

        Assert.Equal(expected.Split(' '), ResultsIn(result.Output).Select(static one => Text(one, "vmName")));
    }

    [Theory]
    [InlineData("guest10")]
    [InlineData("a;b")]
    [InlineData("$(id)")]
    public async Task A_name_that_no_guest_has_is_an_error_that_says_which_are_listed(string name)
    {
        CliResult result = await RunAsync("--name", name, "--name", "guest1", "--output", "json");

        Assert.Equal(ExitCode.Findings, result.ExitCode);
        Assert.StartsWith(
            $"nestvirt: No host that answered has the virtual machine '{name}'.\n",
            result.ErrorOutput,
            StringComparison.Ordinal
        );
        JsonElement root = JsonDocument.Parse(result.Output).RootElement;
        Assert.Single(root.GetProperty("results").EnumerateArray());
        JsonElement error = Assert.Single(root.GetProperty("errors").EnumerateArray());
        Assert.Equal("ValueNotFound", Text(error, "id"));
        Assert.Contains("none of a user's session", Text(error, "remedy"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_without_libvirt_has_no_guests_and_is_no_error()
    {
        string file = With("absent\tvirsh");
        CliResult json = await CliProgram.RunAsync("guests", "--snapshot", file, "--output", "json");
        CliResult table = await CliProgram.RunAsync("guests", "--snapshot", file);
        CliResult named = await CliProgram.RunAsync("guests", "--snapshot", file, "--name", "guest1");
        File.Delete(file);

        Assert.Equal((ExitCode.Success, ExitCode.Success), (json.ExitCode, table.ExitCode));
        Assert.Empty(ResultsIn(json.Output));
        Assert.Empty(JsonDocument.Parse(json.Output).RootElement.GetProperty("errors").EnumerateArray());
        Assert.Equal("No virtual machine to show.\n", table.Output);
        Assert.Contains(
            "The host has no libvirt, by which guests are listed",
            table.ErrorOutput,
            StringComparison.Ordinal
        );
        Assert.Equal(ExitCode.Findings, named.ExitCode);
    }

    [Theory]
    [InlineData("FeatureNotSupported", "and not virsh", "socket\t/run/libvirt/libvirt-sock", "absent\tvirsh")]
    [InlineData("HostTimeout", "within 25 seconds", "socket\t/run/libvirt/libvirt-sock", "status\t124")]
    [InlineData("HostPermissionDenied", "group libvirt", "closed\t/run/libvirt/libvirt-sock-ro", "status\t1")]
    [InlineData("FeatureNotSupported", "systemctl start libvirtd", "status\t1", "error\terror: failed")]
    public async Task A_libvirt_that_does_not_tell_is_an_error(string kind, string said, params string[] answer)
    {
        string file = With(answer);
        CliResult result = await CliProgram.RunAsync("guests", "--snapshot", file, "--output", "json");
        File.Delete(file);

        Assert.Equal(ExitCode.AllHostsFailed, result.ExitCode);
        JsonElement error = Assert.Single(
            JsonDocument.Parse(result.Output).RootElement.GetProperty("errors").EnumerateArray()
        );
        Assert.Equal(kind, Text(error, "id"));
        Assert.Contains(said, error.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_snapshot_of_before_is_said_to_hold_no_guests()
    {
        CliResult result = await CliProgram.RunAsync("guests", "--snapshot", Repository.Recording("amd-epyc"));

        Assert.Equal(ExitCode.AllHostsFailed, result.ExitCode);
        Assert.Contains("Make the snapshot again with this release.", result.ErrorOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_KVM_counts_is_told_of_the_guests_that_run()
    {
        string file = With(
            ("kvmusers", ["user\t56\tqemu", "user\t71\tqemu", "guest\t56\tguest1", "guest\t71\tguest2"]),
            ("guestuse", ["use\t56-9\t3\t1", "use\t71-9\t2\t0", "use\t16-9\t9\t1"])
        );
        CliResult json = await CliProgram.RunAsync("guests", "--snapshot", file, "--output", "json");
        CliResult table = await CliProgram.RunAsync("guests", "--snapshot", file);
        File.Delete(file);

        Assert.Equal(
            ["guest1 true true 3", "guest2 false true 2", "guest3 null null null"],
            ResultsIn(json.Output)
                .Take(3)
                .Select(static one =>
                    $"{Text(one, "vmName")} {one.GetProperty("isInUse").GetRawText()} {one.GetProperty("wasUsed").GetRawText()} {one.GetProperty("nestedRunCount").GetRawText()}"
                )
        );
        Assert.StartsWith("guest1  running  now, in use        ready ", table.Lines[1], StringComparison.Ordinal);
        Assert.StartsWith("guest2  paused   now, was used      ready ", table.Lines[2], StringComparison.Ordinal);
    }

    private static Task<CliResult> RunAsync(params string[] words) =>
        CliProgram.RunAsync(["guests", "--snapshot", s_file, .. words]);

    // The recorded host with another answer of libvirt's, or with other answers.
    private static string With(params string[] answer) => With(("guests", answer));

    private static string With(params (string Probe, string[] Lines)[] answers)
    {
        JsonNode snapshot = JsonNode.Parse(File.ReadAllText(s_file))!;
        foreach ((string probe, string[] lines) in answers)
        {
            snapshot["probes"]![probe] = new JsonArray([
                .. lines.Append(string.Empty).Select(static line => (JsonNode)line),
            ]);
        }

        string file = Path.Combine(Path.GetTempPath(), $"nestvirt-{Guid.NewGuid():N}.json");
        File.WriteAllText(file, snapshot.ToJsonString());
        return file;
    }

    private static string KvmOf(JsonElement guest) =>
        "{"
        + string.Join(
            ',',
            (
                (string[])
                    [
                        "isExposed",
                        "isExposedNow",
                        "isRestartPending",
                        "isInUse",
                        "wasUsed",
                        "nestedRunCount",
                        "cpuMode",
                        "cpuModel",
                        "cpuFeatures",
                        "enlightenments",
                        "isMigratable",
                        "isPersistent",
                        "isStartedWithHost",
                    ]
            ).Select(name =>
                $"\"{name}\":{JsonNode.Parse(guest.GetProperty(name).GetRawText())?.ToJsonString() ?? "null"}"
            )
        )
        + "}";

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static IEnumerable<string?> Texts(JsonElement element, string name) =>
        element.GetProperty(name).EnumerateArray().Select(static text => text.GetString());

    private static JsonElement.ArrayEnumerator ResultsIn(string output) =>
        JsonDocument.Parse(output).RootElement.GetProperty("results").EnumerateArray();
}
