using NestVirt.Core.Tests;

namespace NestVirt.Cli.Tests;

public sealed class UsageTests
{
    private const int Usage = 2;

    [Theory]
    [InlineData("'suport' is not a command of nestvirt. Did you mean 'support'?", "suport", "kvm1")]
    [InlineData(
        "'--outptu' is not an option of nestvirt support. Did you mean '--output'?",
        "support",
        "--outptu",
        "json"
    )]
    [InlineData("--output cannot be 'xml'.", "support", "--output", "xml")]
    [InlineData("--fail-on cannot be 'ready'.", "support", "--fail-on", "ready")]
    [InlineData("--throttle cannot be '0'.", "support", "--throttle", "0")]
    [InlineData("--port cannot be '65536'.", "support", "--port", "65536", "kvm1")]
    [InlineData("--timeout cannot be 'soon'.", "support", "--timeout", "soon")]
    [InlineData("--ssh-option cannot be 'ProxyJump'.", "support", "--ssh-option", "ProxyJump", "kvm1")]
    [InlineData("--ssh-client cannot be 'PuTTY'.", "support", "--ssh-client", "PuTTY", "kvm1")]
    [InlineData(
        "--ssh-client openssh takes no password and no passphrase.",
        "support",
        "--ssh-client",
        "openssh",
        "--ask-password",
        "kvm1"
    )]
    [InlineData("There is no key file 'no/such/key'.", "support", "--identity", "no/such/key", "kvm1")]
    [InlineData("There is no key file '/", "support", "--identity", "~/no/such/key", "kvm1")]
    [InlineData("'hv1,hv2' is not a Hyper-V host of the form [user@]host[:port].", "support", "wsman:hv1,hv2")]
    [InlineData("'@lab' names a group, and there is no inventory.", "support", "@lab")]
    [InlineData("'kvm1;reboot' is not a host of the form [user@]host[:port].", "support", "kvm1;reboot")]
    [InlineData("--snapshot no/*.json: there is no file of that name.", "support", "--snapshot", "no/*.json")]
    [InlineData("--number cannot be 'x'.", "iommu", "--number", "x")]
    [InlineData("nestvirt iommu diff needs REFERENCE: The look before: a snapshot file, or a host.", "iommu", "diff")]
    [InlineData("nestvirt apply needs FILE: A file that --plan wrote.", "apply")]
    [InlineData("nestvirt completion needs SHELL: bash, zsh, fish or pwsh.", "completion")]
    [InlineData("nestvirt set module needs WORD: [HOST…] MODULE NAME=VALUE…, such as: ", "set", "module")]
    [InlineData("nestvirt enable is not whole: say of what, nesting or iommu.", "enable")]
    [InlineData(
        "nestvirt set is not whole: say of what, module or kernel or sriov or cpu or tuning or driver or hugepages.",
        "set"
    )]
    [InlineData("--output needs a value: table|json|jsonl|csv.", "support", "--output")]
    [InlineData("--class needs a value: NAME|HEX.", "pci", "--class")]
    [InlineData("--output is given 2 times, and takes one value.", "support", "-o", "json", "-o", "csv")]
    [InlineData("--yes is a switch, and cannot be 'maybe'.", "undo", "--yes=maybe")]
    [InlineData("--no-sudo is a switch, and cannot be 'x'.", "support", "--no-sudo", "--no-sudo=x")]
    [InlineData("-y is a switch, and cannot be 'no'.", "enable", "nesting", "-y:no")]
    [InlineData("'--version' is not an option of nestvirt support.", "support", "--version")]
    [InlineData("nestvirt set hugepages needs --size SIZE and --count N.", "set", "hugepages", "kvm1")]
    [InlineData("'-x' is not an option of nestvirt support.", "support", "-x")]
    [InlineData("'kvm1' is not a command of nestvirt.", "kvm1")]
    [InlineData("2 hosts do not fit on standard output.", "snapshot", "kvm1", "kvm2")]
    [InlineData("There is no completion for 'tcsh'.", "completion", "tcsh")]
    [InlineData("'fish' is one word more than nestvirt completion takes.", "completion", "bash", "fish")]
    [InlineData("'nestin' is not a command of nestvirt enable. Did you mean 'nesting'?", "enable", "nestin")]
    [InlineData(
        "'--wat-if' is not an option of nestvirt set module. Did you mean '--what-if'?",
        "set",
        "module",
        "kvm1",
        "kvm",
        "a=1",
        "--wat-if"
    )]
    [InlineData("'--frce' is not an option of nestvirt undo. Did you mean '--force'?", "undo", "--frce")]
    [InlineData("No parameter is named.", "set", "module", "kvm1", "kvm_amd", "--yes")]
    [InlineData("No module is named before the parameters.", "set", "module", "npt=0", "--yes")]
    [InlineData("A parameter cannot be 'npt='.", "set", "module", "kvm1", "kvm_amd", "npt=", "--yes")]
    [InlineData("--parameter cannot be 'npt'.", "enable", "nesting", "kvm1", "--parameter", "npt", "--yes")]
    [InlineData("--passthrough cannot be 'maybe'.", "enable", "iommu", "kvm1", "--passthrough", "maybe", "--yes")]
    [InlineData("--size cannot be '3Q'.", "set", "hugepages", "kvm1", "--size", "3Q", "--count", "1", "--yes")]
    [InlineData("--count cannot be 'x'.", "set", "hugepages", "kvm1", "--size", "2M", "--count", "x", "--yes")]
    [InlineData(
        "--node cannot be '-1'.",
        "set",
        "hugepages",
        "kvm1",
        "--size",
        "2M",
        "--count",
        "1",
        "--node=-1",
        "--yes"
    )]
    [InlineData("nestvirt set hugepages needs --count N.", "set", "hugepages", "kvm1", "--size", "2M", "--yes")]
    [InlineData("nestvirt set driver needs --address ADDRESS.", "set", "driver", "kvm1", "--driver", "host", "--yes")]
    [InlineData("No kernel parameter is named.", "set", "kernel", "kvm1", "--yes")]
    [InlineData("Nothing is asked for.", "set", "sriov", "kvm1", "--address", "0000:01:00.0", "--yes")]
    [InlineData(
        "--vf and --set need each other.",
        "set",
        "sriov",
        "kvm1",
        "--address",
        "0000:01:00.0",
        "--vf",
        "0",
        "--yes"
    )]
    [InlineData(
        "--vf and --set need each other.",
        "set",
        "sriov",
        "kvm1",
        "--address",
        "0000:01:00.0",
        "--set",
        "vlan=1",
        "--yes"
    )]
    [InlineData(
        "There is no setting colour of virtual functions.",
        "set",
        "sriov",
        "kvm1",
        "--address",
        "0000:01:00.0",
        "--vf",
        "0",
        "--set",
        "colour=1",
        "--yes"
    )]
    [InlineData(
        "'vlan=6' contradicts 'vlan=5'.",
        "set",
        "sriov",
        "kvm1",
        "--address",
        "0000:01:00.0",
        "--vf",
        "0",
        "--set",
        "vlan=5",
        "--set",
        "vlan=6",
        "--yes"
    )]
    [InlineData(
        "mac cannot be 'zz'.",
        "set",
        "sriov",
        "kvm1",
        "--address",
        "0000:01:00.0",
        "--vf",
        "0",
        "--set",
        "mac=zz",
        "--yes"
    )]
    [InlineData(
        "vlan cannot be '4095'.",
        "set",
        "sriov",
        "kvm1",
        "--address",
        "0000:01:00.0",
        "--vf",
        "0",
        "--set",
        "vlan=4095",
        "--yes"
    )]
    [InlineData("'zz' is no PCI address.", "set", "sriov", "kvm1", "--address", "zz", "--count", "1", "--yes")]
    [InlineData("'zz' is no PCI address.", "set", "driver", "kvm1", "--address", "zz", "--driver", "host", "--yes")]
    [InlineData(
        "'a/../b' is no name of a driver.",
        "set",
        "driver",
        "kvm1",
        "--address",
        "0000:01:00.0",
        "--driver",
        "a/../b",
        "--yes"
    )]
    [InlineData(
        "'nested=0' contradicts 'nested=1'.",
        "set",
        "module",
        "kvm1",
        "kvm_amd",
        "nested=1",
        "nested=0",
        "--yes"
    )]
    [InlineData("igb is none of KVM's modules.", "set", "module", "kvm1", "igb", "x=1", "--yes")]
    [InlineData(
        "nested cannot be '1 evil=2': that is not one word",
        "set",
        "module",
        "kvm1",
        "kvm_amd",
        "nested=1 evil=2",
        "--yes"
    )]
    [InlineData(
        "nested=0 contradicts the request to enable nesting,",
        "enable",
        "nesting",
        "kvm1",
        "--parameter",
        "nested=0",
        "--yes"
    )]
    [InlineData(
        "nested=1 contradicts the request to disable nesting,",
        "disable",
        "nesting",
        "kvm1",
        "--parameter",
        "nested=1",
        "--yes"
    )]
    [InlineData(
        "--bind-drivers cannot be 'maybe'.",
        "set",
        "sriov",
        "kvm1",
        "--address",
        "0000:01:00.0",
        "--bind-drivers",
        "maybe",
        "--yes"
    )]
    [InlineData(
        "--guest-timeout cannot be '0'.",
        "disable",
        "nesting",
        "kvm1",
        "--stop-guests",
        "--guest-timeout",
        "0",
        "--yes"
    )]
    [InlineData("'99999999999' is no number of a change.", "undo", "99999999999", "kvm1", "--yes")]
    [InlineData("'2' is one number more than is taken back at a time.", "undo", "1", "2", "kvm1", "--yes")]
    [InlineData(
        "kvm1 is a recorded host: it can be read and planned over, not changed.",
        "disable",
        "nesting",
        "--snapshot",
        "kvm1.json",
        "--yes"
    )]
    [InlineData("tmp is a directory: it can be read and planned over, not changed.", "undo", "--root", "/tmp", "--yes")]
    [InlineData("tmp is a directory: it can be read and planned over, not changed.", "undo", "--root", "/tmp")]
    [InlineData(
        "kvm1 is a recorded host: it can be read and planned over, not changed.",
        "set",
        "hugepages",
        "--snapshot",
        "kvm1.json",
        "--size",
        "2M",
        "--count",
        "2"
    )]
    [InlineData("The plan no/such.json cannot be read: ", "apply", "no/such.json", "--yes")]
    [InlineData("The plan no/such.json cannot be read: ", "apply", "no/such.json")]
    public async Task A_wrong_command_line_is_explained_in_a_sentence(string sentence, params string[] arguments)
    {
        CliResult result = await CliProgram.RunAsync(arguments);

        Assert.Equal(Usage, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.StartsWith($"nestvirt: {sentence}", result.ErrorOutput, StringComparison.Ordinal);
        Assert.Equal(2, result.ErrorOutput.TrimEnd('\n').Split('\n').Length);
        Assert.DoesNotContain("   at ", result.ErrorOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_in_place_of_a_host_is_pointed_out()
    {
        string file = Repository.Recording("amd-epyc");

        CliResult result = await CliProgram.RunAsync("support", file);

        Assert.Equal(Usage, result.ExitCode);
        Assert.Contains($"--snapshot {file}", result.ErrorOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_at_all_gives_help_with_the_main_job_first()
    {
        CliResult result = await CliProgram.RunAsync();

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("nestvirt support", result.Lines[2], StringComparison.Ordinal);
        Assert.Empty(result.ErrorOutput);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("support", "--help")]
    [InlineData("iommu", "--help")]
    [InlineData("iommu", "diff", "-h")]
    [InlineData("pci", "--help")]
    [InlineData("sriov", "--help")]
    [InlineData("modules", "--help")]
    [InlineData("snapshot", "--help")]
    [InlineData("completion", "--help")]
    [InlineData("enable", "--help")]
    [InlineData("enable", "nesting", "--help")]
    [InlineData("enable", "iommu", "--help")]
    [InlineData("set", "--help")]
    [InlineData("set", "module", "--help")]
    [InlineData("set", "kernel", "--help")]
    [InlineData("set", "sriov", "--help")]
    [InlineData("set", "driver", "--help")]
    [InlineData("set", "hugepages", "--help")]
    [InlineData("set", "cpu", "--help")]
    [InlineData("set", "tuning", "--help")]
    [InlineData("add", "--help")]
    [InlineData("add", "vm-pci", "--help")]
    [InlineData("remove", "--help")]
    [InlineData("remove", "vm-pci", "--help")]
    [InlineData("apply", "--help")]
    [InlineData("undo", "--help")]
    [InlineData("history", "--help")]
    public async Task Help_fits_80_columns(params string[] arguments)
    {
        CliResult result = await CliProgram.RunAsync(arguments);

        Assert.Equal(0, result.ExitCode);
        Assert.All(result.Lines, static line => Assert.InRange(line.Length, 0, 80));
    }

    [Fact]
    public async Task Help_tells_of_the_exit_code_of_a_run_that_was_stopped_and_of_patterns_without_a_match()
    {
        string help = (await CliProgram.RunAsync("--help")).Output;

        Assert.Contains("130 stopped by\nCtrl+C", help, StringComparison.Ordinal);
        Assert.Contains("A pattern that nothing fits is no error", help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_of_the_history_explains_every_state()
    {
        CliResult result = await CliProgram.RunAsync("history", "--help");

        Assert.All(
            [
                "in effect",
                "pending",
                "not in effect",
                "applied",
                "running",
                "interrupted",
                "rolled back",
                "failed",
                "undone",
            ],
            state =>
                Assert.Contains(
                    result.Lines,
                    line =>
                        line.StartsWith($"    {state}", StringComparison.Ordinal)
                        || line.Contains($", {state}", StringComparison.Ordinal)
                )
        );
    }

    [Fact]
    public async Task The_first_page_of_help_names_every_command_and_option()
    {
        string[] lines =
        [
            .. (await CliProgram.RunAsync("support", "--help")).Lines,
            .. (await CliProgram.RunAsync("disable", "iommu", "--help")).Lines,
        ];
        IEnumerable<string> options = lines
            .SelectMany(static line => line.Split(' ', ','))
            .Where(static word => word.StartsWith("--", StringComparison.Ordinal));

        string help = (await CliProgram.RunAsync("--help")).Output;

        Assert.All(options, option => Assert.Contains(option, help, StringComparison.Ordinal));
        Assert.All(
            [
                "support",
                "iommu",
                "iommu diff",
                "pci",
                "sriov",
                "modules",
                "snapshot",
                "completion",
                "history",
                "apply",
                "undo",
                "enable nesting",
                "enable iommu",
                "set module",
                "set kernel",
                "set sriov",
                "set driver",
                "set hugepages",
                "set cpu",
                "set tuning",
                "add vm-pci",
            ],
            command => Assert.Contains($"  {command} ", help, StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("support", "--version")]
    public async Task The_version_is_one_line(params string[] arguments)
    {
        CliResult result = await CliProgram.RunAsync(arguments);

        if (arguments.Length == 1)
        {
            Assert.Equal(0, result.ExitCode);
            Assert.Matches(@"\Anestvirt \d+\.\d+\.\d+(-[0-9A-Za-z.]+)?\n\z", result.Output);
        }
        else
        {
            Assert.Equal(Usage, result.ExitCode);
        }
    }

    [Theory]
    [InlineData("'nosuch.invalid' stands before 'diff'", "iommu", "nosuch.invalid", "diff", "before.json")]
    [InlineData("'@lab' stands before 'diff'", "iommu", "@lab", "diff", "before.json", "kvm1")]
    [InlineData("'--viable' stands before 'diff'", "iommu", "--viable", "diff", "before.json")]
    [InlineData("'--number' stands before 'diff'", "iommu", "--number", "1", "diff", "before.json", "-o", "json")]
    [InlineData("'--group' is not an option of nestvirt iommu.", "iommu", "--snapshot", "a.json", "--group", "1")]
    [InlineData(
        "'--what-iff' is not an option of nestvirt disable nesting. Did you mean '--what-if'?",
        "disable",
        "nesting",
        "--snapshot",
        "a.json",
        "--what-iff"
    )]
    [InlineData("'kvm1,kvm2' is not a host of the form", "support", "kvm1,kvm2")]
    [InlineData("'root@@kvm1' is not a host of the form", "support", "root@@kvm1")]
    public async Task No_word_is_lost_or_taken_for_something_else(string sentence, params string[] arguments)
    {
        CliResult result = await CliProgram.RunAsync(arguments);

        Assert.Equal((Usage, string.Empty), (result.ExitCode, result.Output));
        Assert.StartsWith($"nestvirt: {sentence}", result.ErrorOutput, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("support", "kvm1", "kvm2", "--ssh-option", "Foo=bar")]
    [InlineData("enable", "nesting", "kvm1", "--what-if", "--ssh-option", "Port=many")]
    public async Task An_option_that_ssh_does_not_take_is_a_usage_error(params string[] arguments)
    {
        Needs.Tools("ssh");

        CliResult result = await CliProgram.RunAsync(arguments);

        Assert.Equal(Usage, result.ExitCode);
        Assert.Contains("The ssh client does not take its options", result.ErrorOutput, StringComparison.Ordinal);
        Assert.Contains("--ssh-option", result.ErrorOutput, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public async Task Completion_asks_the_program(string shell)
    {
        CliResult result = await CliProgram.RunAsync("completion", shell);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("[suggest:", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nestvirt su", "support")]
    [InlineData("nestvirt dis", "disable")]
    [InlineData("nestvirt enable ", "nesting", "iommu")]
    [InlineData("nestvirt set ", "module", "kernel", "sriov", "tuning", "driver", "hugepages")]
    [InlineData("nestvirt set module ", "kvm", "kvm_amd", "kvm_intel")]
    [InlineData("nestvirt set driver --driver ", "vfio-pci", "host")]
    [InlineData("nestvirt set sriov --set ", "mac=", "vlan=", "trust=")]
    [InlineData("nestvirt enable iommu --passthrough ", "yes", "no")]
    [InlineData("nestvirt undo --", "--yes", "--what-if", "--force")]
    public async Task The_program_suggests_what_may_follow(string typed, params string[] words)
    {
        CliResult result = await CliProgram.RunAsync($"[suggest:{typed.Length}]", typed);

        Assert.All(words, word => Assert.Contains(word, result.Lines));
    }
}
