using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using NestVirt.Cli.Hosting;
using NestVirt.Guidance;
using NestVirt.Testing;

namespace NestVirt.Cli.Tests;

/// <summary>What advice names by type is a command or an option that the command line has.</summary>
public sealed partial class CommandLineWordsTests
{
    private static readonly CommandLineWords s_words = new();

    public static TheoryData<int> Samples => [.. Enumerable.Range(0, CommandSamples.All.Count)];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_command_that_advice_writes_can_be_typed(int sample)
    {
        CommandCall call = CommandSamples.All[sample];
        string line = s_words.Write(call)!;
        ParseResult parsed = CommandTree.Create().Parse(Typed(line));

        Assert.Empty(parsed.Errors);
        Assert.Equal(s_words.NameOf(call.Command), $"nestvirt {PathOf(parsed.CommandResult)}");

        // What is no option ends up among the words.
        Assert.DoesNotContain(
            parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(static result => result.Tokens),
            static token => token.Value.StartsWith('-')
        );
        if (call.Host is { } host)
        {
            Assert.Contains(parsed.Tokens, token => token.Value == host);
        }
    }

    [Fact]
    public void Words_that_a_shell_would_read_are_quoted()
    {
        Assert.Equal(
            "nestvirt set kernel kvm1 --set hugepagesz=1048576K --set 'a=$(x)' --remove amd_iommu=on --replace-conflict",
            s_words.Write(CommandSamples.All.Single(static call => call.Command == OwnCommand.SetKernel))
        );
        Assert.Equal(
            @"nestvirt add vm-pci kvm1 0000:01:00.0 --vm lab --mac 52:54:00:12:34:56 --vlan 100 --guest-address 0000:05:00.0 --rom-file '/srv/it'\''s a rom.bin' --whole-group --unmanaged",
            s_words.Write(
                CommandSamples.All.First(static call => call is { Command: OwnCommand.AddVmPci, Host: "kvm1" })
            )
        );
    }

    [Fact]
    public void What_fits_virtual_machines_is_named_by_options() =>
        Assert.Equal(
            @"nestvirt set tuning kvm1 --vm 'it'\''s a lab' --vm 'db*' --tuning cpu --tuning hugepages --tuning disks --siblings pair --node 1 --page-size 2048K --io-threads 2 --stop-guests --force",
            s_words.Write(CommandSamples.All.Single(static call => call.Command == OwnCommand.TuneVm))
        );

    [Fact]
    public void Every_switch_and_setting_is_an_option()
    {
        HashSet<string> options =
        [
            .. Commands(CommandTree.Create())
                .SelectMany(static command => command.Options)
                .Select(static option => option.Name),
        ];

        Assert.Empty(
            Enum.GetValues<ChangeSwitch>()
                .Select(s_words.NameOf)
                .Concat(Enum.GetValues<HostSetting>().Except([HostSetting.CimClient]).Select(s_words.NameOf))
                .Select(static name => name.Split(' ')[0])
                .Except(options)
        );
    }

    [Fact]
    public void The_commands_of_the_pages_on_findings_can_be_typed()
    {
        string[] lines =
        [
            .. Directory
                .EnumerateFiles(Path.Combine(Repository.Folder, "docs", "findings"), "*.md")
                .SelectMany(static file => PageCommand().Matches(File.ReadAllText(file)))
                .Select(static match => match.Groups[1].Value)
                .Distinct(StringComparer.Ordinal),
        ];

        Assert.NotEmpty(lines);
        Assert.All(
            lines,
            static line => Assert.Empty(CommandTree.Create().Parse([.. line.Split(' ')[1..], "--yes"]).Errors)
        );
    }

    [Fact]
    public async Task An_error_advises_in_words_of_the_command_line()
    {
        CliResult result = await CliProgram.RunAsync("set", "driver", "--address", "zz", "--driver", "host", "--yes");

        Assert.Contains("nestvirt pci", result.ErrorOutput, StringComparison.Ordinal);
    }

    [GeneratedRegex("`(nestvirt [^`]+)`")]
    private static partial Regex PageCommand();

    private static IEnumerable<Command> Commands(Command command) =>
        command.Subcommands.SelectMany(Commands).Prepend(command);

    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult { Command: not RootCommand } parent
            ? $"{PathOf(parent)} {result.Command.Name}"
            : result.Command.Name;

    // Reads a line as a shell does: words in single quotes are one.
    private static string[] Typed(string line)
    {
        List<string> words = [];
        string word = string.Empty;
        bool isQuoted = false;
        for (int at = "nestvirt ".Length; at < line.Length; at++)
        {
            char sign = line[at];
            if (sign == '\\' && !isQuoted)
            {
                word += line[++at];
            }
            else if (sign == '\'')
            {
                isQuoted = !isQuoted;
            }
            else if (sign == ' ' && !isQuoted)
            {
                words.Add(word);
                word = string.Empty;
            }
            else
            {
                word += sign;
            }
        }

        return [.. words, word];
    }
}
