using System.Text.Json;
using NestVirt.Core.Tests;

namespace NestVirt.Cli.Tests;

/// <summary>Virtual machines of a stand-in for a Hyper-V host, changed by the program, with the journal in a folder of the test's own.</summary>
public sealed class VmChangeTests : IDisposable
{
    private const string User = "administrator";
    private const string Password = "pass word 1";
    private const string Login = $"--user {User} --ask-password";

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-test-").FullName;

    private string PlanPath => Path.Combine(_folder, "plan.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_virtual_machine_is_set_listed_and_taken_back()
    {
        await using StandInProcess host = await StartAsync("--vm", "lab 1,dynamic", "--vm", "other");
        string line =
            $"set cpu {host.Word} {Login} --vm 'LAB 1' --nesting on --count 4 --threads 1 --static-memory --mac-spoofing on --iov-weight 100 --vbs-opt-out on";

        CliResult shown = await RunAsync($"{line} --what-if");
        CliResult before = await RunAsync($"history {host.Word} {Login} --output json");
        CliResult made = await RunAsync($"{line} --yes");
        CliResult again = await RunAsync($"{line} --yes --output json");
        CliResult history = await RunAsync($"history {host.Word} {Login} --output json");
        JsonElement[] guests = await GuestsAsync(host);
        CliResult undone = await RunAsync($"undo {host.Word} {Login} --yes --output json");

        foreach (
            string change in (IEnumerable<string>)
                [
                    "lab 1: ExposeVirtualizationExtensions: false -> true",
                    "lab 1: VirtualQuantity: 2 -> 4",
                    "lab 1: HwThreadsPerCore: 0 -> 1",
                    "lab 1: DynamicMemoryEnabled: true -> false",
                    "lab 1: VirtualizationBasedSecurityOptOut: false -> true",
                    "lab 1: AllowMacSpoofing: false -> true",
                    "lab 1: IOVOffloadWeight: 0 -> 100",
                ]
        )
        {
            Assert.Contains(change, shown.Output, StringComparison.Ordinal);
            Assert.Contains(change, made.Output, StringComparison.Ordinal);
        }

        Assert.Equal((0, 0), (shown.ExitCode, made.ExitCode));
        Assert.Empty(ResultsIn(before));
        Assert.Contains("done and in effect", made.Output, StringComparison.Ordinal);
        Assert.Contains($"To take it back: nestvirt undo 1 {WordOf(host)}", made.Output, StringComparison.Ordinal);
        Assert.Equal("Unchanged", Assert.Single(ResultsIn(again)).GetProperty("state").GetString());
        JsonElement entry = Assert.Single(ResultsIn(history));
        Assert.Equal(
            ("Applied", true),
            (entry.GetProperty("state").GetString(), entry.GetProperty("canUndo").GetBoolean())
        );
        Assert.Equal((true, false), (IsExposed(guests, "lab 1"), IsExposed(guests, "other")));
        Assert.Equal("Undone", Assert.Single(ResultsIn(undone)).GetProperty("state").GetString());
        Assert.False(IsExposed(await GuestsAsync(host), "lab 1"));
        Assert.Single(Directory.GetDirectories(Path.Combine(_folder, "nestvirt", "hyperv")));
    }

    [Fact]
    public async Task Nesting_is_of_all_that_can_have_it_or_of_those_that_are_named()
    {
        await using StandInProcess host = await StartAsync("--vm", "lab", "--vm", "lab2", "--vm", "web");

        CliResult named = await RunAsync($"enable nesting {host.Word} {Login} --vm 'lab*' --yes");
        bool?[] some = [.. (await GuestsAsync(host)).Select(IsExposed)];
        CliResult all = await RunAsync($"enable nesting {host.Word} {Login} --yes");
        bool?[] every = [.. (await GuestsAsync(host)).Select(IsExposed)];
        CliResult off = await RunAsync($"disable nesting {host.Word} {Login} --vm web --yes");

        Assert.Equal((0, 0, 0), (named.ExitCode, all.ExitCode, off.ExitCode));
        Assert.Contains("enable nesting of lab*: done and in effect", named.Output, StringComparison.Ordinal);
        Assert.Equal([true, true, false], some);
        Assert.Equal([true, true, true], every);
        Assert.Equal([true, true, false], (await GuestsAsync(host)).Select(IsExposed));
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task A_plan_file_leads_back_to_the_Hyper_V_host_without_another_word()
    {
        await using StandInProcess host = await StartAsync("--vm", "lab");
        CliResult planned = await RunAsync(
            $"set cpu {host.Word} {Login} --vm lab --nesting on --plan {PlanPath} --output json"
        );
        bool? between = IsExposed(await GuestsAsync(host), "lab");

        CliResult applied = await RunAsync($"apply {PlanPath} {Login} --yes");
        CliResult again = await RunAsync($"apply {PlanPath} {Login} --yes --output json");

        Assert.Equal((0, false), (planned.ExitCode, between));
        using JsonDocument plan = JsonDocument.Parse(await File.ReadAllTextAsync(PlanPath));
        Assert.Equal(WordOf(host), plan.RootElement.GetProperty("address").GetString());
        Assert.DoesNotContain(Password, plan.RootElement.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("done and in effect", applied.Output, StringComparison.Ordinal);
        Assert.Equal(0, applied.ExitCode);
        Assert.Equal("Unchanged", Assert.Single(ResultsIn(again)).GetProperty("state").GetString());
        Assert.True(IsExposed(await GuestsAsync(host), "lab"));
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task A_plan_that_names_another_kind_of_host_than_its_address_is_none()
    {
        await using StandInProcess host = await StartAsync("--vm", "lab");
        await RunAsync($"set cpu {host.Word} {Login} --vm lab --nesting on --plan {PlanPath}");
        string text = await File.ReadAllTextAsync(PlanPath);
        await File.WriteAllTextAsync(
            PlanPath,
            text.Replace($"\"{WordOf(host)}\"", "\"ssh:elsewhere\"", StringComparison.Ordinal)
        );

        CliResult result = await CliProgram.RunAsync("apply", PlanPath, "--yes");

        Assert.Equal(ExitCode.Usage, result.ExitCode);
        Assert.Contains("'ssh:elsewhere' is no Hyper-V host", result.ErrorOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_runs_is_left_alone_unless_it_may_be_shut_down()
    {
        await using StandInProcess host = await StartAsync("--vm", "lab,running");
        string line = $"set cpu {host.Word} {Login} --vm lab --nesting on";

        CliResult refused = await RunAsync($"{line} --yes");
        CliResult shown = await RunAsync($"{line} --restart --what-if");
        CliResult made = await RunAsync($"{line} --restart --yes --output json");

        Assert.Equal(ExitCode.AllHostsFailed, refused.ExitCode);
        Assert.Contains("The virtual machine is not off", refused.Output, StringComparison.Ordinal);
        Assert.Contains("--stop-guests", refused.Output, StringComparison.Ordinal);
        Assert.Contains("shuts lab down, and starts it again", OnOneLine(shown.Output), StringComparison.Ordinal);
        Assert.DoesNotContain("restarts the host", OnOneLine(shown.Output), StringComparison.Ordinal);
        Assert.Equal("InEffect", Assert.Single(ResultsIn(made)).GetProperty("state").GetString());
        JsonElement guest = Assert.Single(await GuestsAsync(host));
        Assert.Equal(
            ("Running", "Now"),
            (guest.GetProperty("state").GetString(), guest.GetProperty("nesting").GetString())
        );
    }

    [Fact]
    public async Task A_name_has_to_be_that_of_one_virtual_machine()
    {
        await using StandInProcess host = await StartAsync("--vm", "lab", "--vm", "lab");
        string line = $"set cpu {host.Word} {Login} --nesting on --yes";
        string id = (await GuestsAsync(host))[1].GetProperty("id").GetString()!;

        CliResult missing = await RunAsync($"{line} --vm web");
        CliResult twice = await RunAsync($"{line} --vm lab");
        CliResult byId = await RunAsync($"{line} --vm {id}");

        Assert.Equal(ExitCode.AllHostsFailed, missing.ExitCode);
        Assert.Contains("The host has no virtual machine 'web'", missing.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.AllHostsFailed, twice.ExitCode);
        Assert.Contains("Several virtual machines are called 'lab'", twice.Output, StringComparison.Ordinal);
        Assert.Contains("by its id", OnOneLine(twice.Output), StringComparison.Ordinal);
        Assert.Equal(0, byId.ExitCode);
        Assert.Equal([false, true], (await GuestsAsync(host)).Select(IsExposed));
    }

    [Theory]
    [InlineData("No virtual machine is named.", "--vm '*'", "--nesting", "on")]
    [InlineData("Nothing is asked for.", "--mac-spoofing", "--vm", "lab")]
    [InlineData("--nesting cannot be 'maybe'.", "on or off", "--vm", "lab", "--nesting", "maybe")]
    [InlineData("A virtual machine cannot have 0 processors.", "1 to 2048", "--vm", "lab", "--count", "0")]
    [InlineData("A core cannot have 9 threads.", "1 or 2", "--vm", "lab", "--threads", "9")]
    [InlineData("--count cannot be 'two'", "", "--vm", "lab", "--count", "two")]
    [InlineData("A blank word names no virtual machine.", "give *", "--vm", " ", "--nesting", "on")]
    [InlineData("--mode cannot be 'host'.", "host-passthrough", "--vm", "lab", "--mode", "host")]
    [InlineData("The mode custom needs a model.", "EPYC", "--vm", "lab", "--mode", "custom")]
    [InlineData("--feature cannot be 'vmx'.", "NAME=VALUE", "--vm", "lab", "--feature", "vmx")]
    [InlineData("'on' is no policy of a feature.", "require", "--vm", "lab", "--feature", "vmx=on")]
    [InlineData("--topology cannot be 'sockets=x'.", "cores=4", "--vm", "lab", "--topology", "sockets=x")]
    [InlineData("--topology cannot be 'books=1'.", "cores=4", "--vm", "lab", "--topology", "books=1")]
    public async Task A_slip_is_told_before_a_host_is_asked(string sentence, string remedy, params string[] options)
    {
        CliResult result = await CliProgram.RunAsync(["set", "cpu", "wsman:hv1", "--yes", .. options]);

        Assert.Equal(ExitCode.Usage, result.ExitCode);
        Assert.Contains(sentence, result.ErrorOutput, StringComparison.Ordinal);
        Assert.Contains(remedy, result.ErrorOutput, StringComparison.Ordinal);
    }

    private static async Task<StandInProcess> StartAsync(params string[] options)
    {
        Needs.Tools("script");
        Needs.Ntlm();
        return await StandInProcess.StartAsync(["--ntlm", $"{User}:{Password}", "--vms", "0", .. options]);
    }

    private async Task<JsonElement[]> GuestsAsync(StandInProcess host) =>
        ResultsIn(await RunAsync($"guests {host.Word} {Login} --output json"));

    private Task<CliResult> RunAsync(string words) =>
        TypedAnswer.RunAsync(
            Password,
            words,
            new Dictionary<string, string> { ["XDG_STATE_HOME"] = _folder, ["COLUMNS"] = "200" }
        );

    // As it was reached: with the account.
    private static string WordOf(StandInProcess host) =>
        host.Word.Replace("wsman:", $"wsman:{User}@", StringComparison.Ordinal);

    private static bool? IsExposed(JsonElement guest) => guest.GetProperty("isExposed").GetBoolean();

    private static bool? IsExposed(JsonElement[] guests, string name) =>
        IsExposed(guests.Single(guest => guest.GetProperty("vmName").GetString() == name));

    private static string OnOneLine(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    // What a terminal is told while it waits stands before the document.
    private static JsonElement[] ResultsIn(CliResult result)
    {
        int at = result.Output.IndexOf('{', StringComparison.Ordinal);
        Assert.True(at >= 0, result.Output);
        using JsonDocument document = JsonDocument.Parse(result.Output[at..]);
        return [.. document.RootElement.GetProperty("results").Clone().EnumerateArray()];
    }
}
