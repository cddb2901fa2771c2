using System.Diagnostics;
using System.Text.Json;
using NestVirt.Core.Tests;

namespace NestVirt.Cli.Tests;

/// <summary>Whole runs over hosts of the lab that were recorded with <c>nestvirt snapshot --redact</c>.</summary>
public sealed class RecordedHostTests
{
    private const string Host = "amd-epyc";
    private const string HostWithNestingOff = "amd-epyc-nested-off";
    private const string HostWithFunctions = "amd-epyc-vfs";

    public static TheoryData<string, string> Schemas =>
        new()
        {
            { "support", "nestvirt/support/1" },
            { "iommu", "nestvirt/iommu/1" },
            { "pci", "nestvirt/pci/1" },
            { "sriov", "nestvirt/sriov/1" },
            { "modules", "nestvirt/modules/1" },
        };

    [Theory]
    [MemberData(nameof(Schemas))]
    public async Task Json_names_its_schema_and_the_host(string command, string schema)
    {
        JsonElement document = await JsonAsync(command, "--snapshot", Repository.Recording(Host));

        Assert.Equal(schema, document.GetProperty("schema").GetString());
        Assert.Empty(document.GetProperty("errors").EnumerateArray());
        JsonElement[] results = [.. document.GetProperty("results").EnumerateArray()];
        Assert.NotEmpty(results);
        Assert.All(results, static result => Assert.Equal(Host, result.GetProperty("hostName").GetString()));
        Assert.All(results, static result => Assert.False(result.TryGetProperty("target", out _)));
    }

    [Theory]
    [InlineData("blocked", 0, 0, 1)]
    [InlineData("configurable", 0, 1, 1)]
    [InlineData("unknown", 0, 1, 1)]
    public async Task A_verdict_can_be_made_the_exit_code(string threshold, int ready, int configurable, int blocked)
    {
        using HostTree tree = new();
        tree.Write("proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu lm vmx\n\n")
            .Write("proc/sys/kernel/osrelease", "6.1.0\n")
            .Write("proc/sys/kernel/arch", "x86_64\n")
            .Write("var/log/dmesg", "[    1.000000] kvm: disabled by bios\n");

        Assert.Equal(ready, await ExitCodeAsync("--snapshot", Repository.Recording(Host)));
        Assert.Equal(configurable, await ExitCodeAsync("--snapshot", Repository.Recording(HostWithNestingOff)));
        Assert.Equal(blocked, await ExitCodeAsync("--root", tree.Path));

        async Task<int> ExitCodeAsync(params string[] host) =>
            (await CliProgram.RunAsync(["support", "--fail-on", threshold, .. host])).ExitCode;
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task A_redacted_snapshot_is_for_its_owner_and_not_named_after_its_host()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("nestvirt-test-");
        try
        {
            string to = folder.FullName + "/";
            string[] line = ["snapshot", "--snapshot", Repository.Recording(Host), "--redact", "--to", to];
            await CliProgram.RunAsync(line);
            await CliProgram.RunAsync(line);

            FileInfo[] files = folder.GetFiles();
            Assert.Equal(["host-2.json", "host.json"], files.Select(static file => file.Name).Order());
            Assert.All(
                files,
                static file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode)
            );
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Schemas))]
    public async Task Lines_are_the_results_of_the_document(string command, string schema)
    {
        JsonElement document = await JsonAsync(command, "--snapshot", Repository.Recording(Host));
        CliResult lines = await CliProgram.RunAsync(command, "--snapshot", Repository.Recording(Host), "-o", "jsonl");

        Assert.StartsWith("nestvirt/", schema, StringComparison.Ordinal);
        Assert.Equal(document.GetProperty("results").GetArrayLength(), lines.Lines.Length);
        Assert.All(
            document.GetProperty("results").EnumerateArray().Zip(lines.Lines),
            static pair => Assert.True(JsonElement.DeepEquals(pair.First, JsonDocument.Parse(pair.Second).RootElement))
        );
    }

    [Theory]
    [MemberData(nameof(Schemas))]
    public async Task A_table_fits_80_columns_and_a_narrow_terminal(string command, string schema)
    {
        CliResult wide = await CliProgram.RunAsync(
            command,
            "--snapshot",
            Path.GetDirectoryName(Repository.Recording(Host))!
        );
        CliResult narrow = await CliProgram.RunAsync(
            new Dictionary<string, string> { ["COLUMNS"] = "60" },
            command,
            "--snapshot",
            Repository.Recording(Host)
        );

        Assert.EndsWith("/1", schema, StringComparison.Ordinal);
        Assert.All(wide.Lines, static line => Assert.InRange(line.Length, 0, 80));
        Assert.All(narrow.Lines, static line => Assert.InRange(line.Length, 0, 60));
    }

    [Fact]
    public async Task Nesting_that_is_off_is_told_from_nesting_that_is_on()
    {
        JsonElement on = Single(await JsonAsync("support", "--snapshot", Repository.Recording(Host)));
        JsonElement off = Single(await JsonAsync("support", "--snapshot", Repository.Recording(HostWithNestingOff)));

        Assert.Equal(
            ("Ready", "On"),
            (on.GetProperty("verdict").GetString(), on.GetProperty("nested").GetProperty("effective").GetString())
        );
        Assert.Equal(
            ("Configurable", "Off"),
            (off.GetProperty("verdict").GetString(), off.GetProperty("nested").GetProperty("effective").GetString())
        );
    }

    [Fact]
    public async Task Virtual_functions_that_came_are_told_by_the_diff()
    {
        JsonElement document = await JsonAsync(
            "iommu",
            "diff",
            Repository.Recording(Host),
            Repository.Recording(HostWithFunctions)
        );

        Assert.Equal("nestvirt/iommu-diff/1", document.GetProperty("schema").GetString());
        JsonElement[] joined = [.. document.GetProperty("results").EnumerateArray()];
        Assert.Equal(3, joined.Length);
        Assert.All(joined, static difference => Assert.Equal("Joined", difference.GetProperty("change").GetString()));
    }

    [Fact]
    public async Task An_IOMMU_that_was_turned_off_is_one_result_and_one_line()
    {
        string off = Directory.CreateTempSubdirectory("nestvirt-test-").FullName;
        Directory.CreateDirectory(Path.Combine(off, "sys/kernel/iommu_groups"));
        Directory.CreateDirectory(Path.Combine(off, "sys/bus/pci/devices"));

        JsonElement result = Single(await JsonAsync("iommu", "diff", Repository.Recording(Host), "--root", off));
        CliResult table = await CliProgram.RunAsync("iommu", "diff", Repository.Recording(Host), "--root", off);
        Directory.Delete(off, recursive: true);

        Assert.Equal("TurnedOff", result.GetProperty("change").GetString());
        Assert.Equal(JsonValueKind.Null, result.GetProperty("address").ValueKind);
        Assert.Matches(@"\AThe IOMMU is off now, and was not: \d+ devices in \d+ groups\n\z", table.Output);
    }

    [Fact]
    public async Task A_host_does_not_differ_from_itself()
    {
        CliResult result = await CliProgram.RunAsync(
            "iommu",
            "diff",
            Repository.Recording(Host),
            Repository.Recording(Host)
        );

        Assert.Equal(
            (0, "No device joined, left or shares a group with others than before.\n"),
            (result.ExitCode, result.Output)
        );
    }

    [Theory]
    [InlineData(23)]
    [InlineData(1, "--class", "Ethernet", "--driver", "igb")]
    [InlineData(1, "--class", "0x02", "--driver", "igb")]
    [InlineData(1, "--address", "01:00.0")]
    [InlineData(1, "--address", "0000:01:*")]
    [InlineData(1, "--class", "Ethernet", "--driver", "igb", "--vendor", "intel")]
    [InlineData(0, "--driver", "no-such-driver*")]
    public async Task Filters_keep_what_is_asked_for(int count, params string[] filters)
    {
        JsonElement document = await JsonAsync(["pci", "--snapshot", Repository.Recording(Host), .. filters]);

        Assert.Equal(count, document.GetProperty("results").GetArrayLength());
    }

    [Theory]
    [InlineData("the address '02:00.9'", "pci", "--address", "02:00.9")]
    [InlineData("the class 'Ethernot'", "pci", "--class", "Ethernot")]
    [InlineData("the driver 'igc'", "pci", "--driver", "igc")]
    [InlineData("the vendor 'Inlet'", "pci", "--vendor", "Inlet")]
    [InlineData("the group '4711'", "iommu", "--number", "4711")]
    [InlineData("the address '02:00.9'", "iommu", "--address", "02:00.9")]
    [InlineData("the address '02:00.9'", "sriov", "--address", "02:00.9")]
    [InlineData("the module 'kvm_intle'", "modules", "--name", "kvm_intle")]
    public async Task A_name_that_no_host_has_is_an_error_and_not_silence(string what, params string[] arguments)
    {
        CliResult result = await CliProgram.RunAsync([
            .. arguments,
            "--snapshot",
            Repository.Recording(Host),
            "--output",
            "json",
        ]);

        Assert.Equal((1, $"nestvirt: No host that answered has {what}.\n"), (result.ExitCode, result.ErrorOutput));
        JsonElement errors = JsonDocument.Parse(result.Output).RootElement.GetProperty("errors");
        Assert.Equal("ValueNotFound", Assert.Single(errors.EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task Groups_are_found_by_number_and_address()
    {
        JsonElement byAddress = Single(
            await JsonAsync("iommu", "--snapshot", Repository.Recording(Host), "--address", "01:00.0")
        );
        string number = byAddress.GetProperty("number").GetRawText();
        JsonElement byNumber = Single(
            await JsonAsync("iommu", "--snapshot", Repository.Recording(Host), "--number", number)
        );

        Assert.True(JsonElement.DeepEquals(byAddress, byNumber));
        JsonElement two = await JsonAsync(
            "iommu",
            "--snapshot",
            Repository.Recording(Host),
            "--number",
            "0",
            "--number",
            "1"
        );
        Assert.Equal(2, two.GetProperty("results").GetArrayLength());
        JsonElement isolated = await JsonAsync("iommu", "--snapshot", Repository.Recording(Host), "--isolated");
        Assert.All(
            isolated.GetProperty("results").EnumerateArray(),
            static group => Assert.True(group.GetProperty("isIsolated").GetBoolean())
        );
        JsonElement viable = await JsonAsync("iommu", "--snapshot", Repository.Recording(Host), "--viable");
        Assert.All(
            viable.GetProperty("results").EnumerateArray(),
            static group => Assert.True(group.GetProperty("isViable").GetBoolean())
        );
    }

    [Fact]
    public async Task A_module_is_found_by_either_spelling()
    {
        JsonElement module = Single(
            await JsonAsync("modules", "--snapshot", Repository.Recording(Host), "--name", "kvm-amd")
        );

        Assert.Equal("kvm_amd", module.GetProperty("name").GetString());
        Assert.Equal("On", module.GetProperty("nested").GetString());
    }

    [Fact]
    public async Task A_snapshot_of_a_snapshot_answers_alike()
    {
        string folder = Directory.CreateTempSubdirectory("nestvirt-test-").FullName;
        try
        {
            string copy = Path.Combine(folder, $"{Host}.json");
            CliResult streamed = await CliProgram.RunAsync("snapshot", "--snapshot", Repository.Recording(Host));
            await File.WriteAllTextAsync(copy, streamed.Output);
            CliResult written = await CliProgram.RunAsync(
                "snapshot",
                "--snapshot",
                Repository.Recording(Host),
                "--to",
                folder + "/new/",
                "-o",
                "json"
            );

            JsonElement first = await JsonAsync("support", "--snapshot", Repository.Recording(Host));
            JsonElement second = await JsonAsync("support", "--snapshot", copy);

            Assert.True(JsonElement.DeepEquals(first, second));
            Assert.Equal(0, written.ExitCode);
            Assert.Equal([$"{Host}.json"], Directory.GetFiles(Path.Combine(folder, "new")).Select(Path.GetFileName));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task A_hostile_file_name_stays_text()
    {
        string folder = Directory.CreateTempSubdirectory("nestvirt-test-").FullName;
        try
        {
            string file = Path.Combine(folder, "e\u001b[31mvil[red]\u202Etxt.json");
            File.Copy(Repository.Recording(Host), file);

            CliResult result = await CliProgram.RunAsync(
                "support",
                "--snapshot",
                file,
                "--snapshot",
                Path.Combine(folder, "no\u001b[31msuch.json")
            );

            Assert.Equal(3, result.ExitCode);
            Assert.Contains("vil[red]", result.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(
                result.Output + result.ErrorOutput,
                static character => character is '\u001b' or '\u202E'
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_tree_of_proc_and_sys_stands_for_a_host()
    {
        Needs.Data("lscpu");
        string folder = Directory.CreateTempSubdirectory("nestvirt-test-").FullName;
        try
        {
            string tarball = Path.Combine(TestData.Folder("lscpu")!, "tarballs", "x86_64-epyc_7451.tar.gz");
            using (Process tar = Process.Start("tar", ["-xzf", tarball, "-C", folder]))
            {
                await tar.WaitForExitAsync();
            }

            JsonElement result = Single(await JsonAsync("support", "--root", Path.Combine(folder, "x86_64-epyc_7451")));

            Assert.Equal("x86_64-epyc_7451", result.GetProperty("hostName").GetString());
            Assert.Equal("AuthenticAMD", result.GetProperty("cpu").GetProperty("vendor").GetString());
            Assert.Equal("AMD-V", result.GetProperty("virtualization").GetProperty("extension").GetString());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        CliResult result = await CliProgram.RunAsync([.. arguments, "--output", "json"]);
        Assert.True(result.ExitCode == 0, result.ErrorOutput);
        return JsonDocument.Parse(result.Output).RootElement;
    }

    [Theory]
    [InlineData("table", "No IOMMU group to show.")]
    [InlineData("json", "\"results\": []")]
    public async Task An_IOMMU_that_is_off_is_said_to_be(string format, string shown)
    {
        Needs.Shell();
        using HostTree tree = new();
        Directory.CreateDirectory(Path.Combine(tree.Path, "sys/bus/pci/devices"));
        Directory.CreateDirectory(Path.Combine(tree.Path, "sys/kernel/iommu_groups"));

        CliResult result = await CliProgram.RunAsync("iommu", "--root", tree.Path, "--viable", "--output", format);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(shown, result.Output, StringComparison.Ordinal);
        Assert.Contains(
            ": The IOMMU is off, so that there are no groups.\n",
            result.ErrorOutput,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_filter_that_fits_nothing_says_nothing_of_the_IOMMU()
    {
        CliResult result = await CliProgram.RunAsync(
            "iommu",
            "--snapshot",
            Repository.Recording("amd-host"),
            "--address",
            "ff:*"
        );

        Assert.Equal(
            (0, "No IOMMU group to show.\n", string.Empty),
            (result.ExitCode, result.Output, result.ErrorOutput)
        );
    }

    [Fact]
    public async Task A_device_that_stays_in_its_group_has_not_moved()
    {
        CliResult result = await CliProgram.RunAsync(
            "iommu",
            "diff",
            Repository.Recording("amd-host"),
            Repository.Recording("amd-host-after")
        );

        Assert.Contains("shares group 11 with others than before", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("from group 11 to 11", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_snapshot_has_no_journal_and_says_so()
    {
        CliResult result = await CliProgram.RunAsync("history", "--snapshot", Repository.Recording("amd-host"));

        Assert.Equal(4, result.ExitCode);
        Assert.Contains(
            "A snapshot does not hold the journal of its host.",
            result.ErrorOutput,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Recorded_hosts_come_in_the_order_of_their_files()
    {
        string folder = Path.GetDirectoryName(Repository.Recording("amd-host"))!;

        CliResult result = await CliProgram.RunAsync("support", "--snapshot", folder, "--output", "jsonl");

        string[] names = [.. result.Lines.Select(static line => line.Split("\"hostName\":\"")[1].Split('"')[0])];
        Assert.Equal(["amd-epyc-nested-off", "amd-epyc-vfs", "amd-epyc", "amd-host-after", "amd-host"], names);
    }

    private static JsonElement Single(JsonElement document) =>
        Assert.Single(document.GetProperty("results").EnumerateArray());
}
