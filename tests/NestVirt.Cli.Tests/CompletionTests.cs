using System.Diagnostics;
using NestVirt.Core.Tests;

namespace NestVirt.Cli.Tests;

/// <summary>Completion by the real shells, which ask the program.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory().FullName;

    public CompletionTests()
    {
        Directory.CreateDirectory(Path.Combine(_home, ".ssh"));
        File.WriteAllText(Path.Combine(_home, ".ssh", "config"), "Host kvm1 kvm2\nHost *\n  User root\n");
        File.WriteAllText(
            Path.Combine(_home, "hosts.yml"),
            "hosts: [box1, box2]\ngroups:\n  lab: [box1]\n  '$(touch pwned)': [box2]\n"
        );
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Theory]
    [InlineData("nestvirt support kv", "kvm1", "kvm2")]
    [InlineData("nestvirt support root@", "root@kvm1", "root@kvm2")]
    [InlineData("nestvirt enable nesting k", "kvm1", "kvm2")]
    [InlineData("nestvirt history -i hosts.yml b", "box1", "box2")]
    [InlineData("nestvirt support -i hosts.yml @", "@lab")]
    [InlineData("nestvirt support -i absent.yml x")]
    public async Task The_program_suggests_hosts(string typed, params string[] hosts)
    {
        CliResult result = await RunAsync(CliProgram.Path, $"[suggest:{typed.Length}]", typed);

        Assert.Equal((0, string.Empty), (result.ExitCode, result.ErrorOutput));
        string word = typed[(typed.LastIndexOf(' ') + 1)..];
        Assert.Equal(
            hosts,
            result.Lines.Where(line => line.Length > 0 && line.StartsWith(word, StringComparison.Ordinal))
        );
    }

    [Theory]
    [InlineData(
        "nestvirt ",
        "support iommu pci sriov modules guests vm-pci snapshot ping enable disable set add remove apply undo history completion"
    )]
    [InlineData("nestvirt s", "support sriov snapshot set")]
    [InlineData("nestvirt support ", "kvm1 kvm2")]
    [InlineData("nestvirt iommu ", "diff kvm1 kvm2")]
    [InlineData("nestvirt iommu diff ", "kvm1 kvm2")]
    [InlineData("nestvirt undo ", "kvm1 kvm2")]
    [InlineData("nestvirt apply plan.json ", "kvm1 kvm2")]
    [InlineData("nestvirt apply ", "")]
    [InlineData("nestvirt set ", "module kernel sriov cpu tuning driver hugepages")]
    [InlineData("nestvirt set module kvm1 kvm_", "kvm_amd kvm_intel")]
    [InlineData("nestvirt completion bash ", "")]
    [InlineData("nestvirt support -o ", "csv json jsonl table")]
    [InlineData("nestvirt support --output=", "--output=csv --output=json --output=jsonl --output=table")]
    [InlineData("nestvirt support --output=j", "--output=json --output=jsonl")]
    [InlineData("nestvirt support kvm1 --fail-on=", "--fail-on=blocked --fail-on=configurable --fail-on=unknown")]
    [InlineData("nestvirt pci --class E", "Ethernet")]
    [InlineData("nestvirt pci --driver ", "none vfio-pci")]
    [InlineData("nestvirt set driver --driver=h", "--driver=host")]
    [InlineData("nestvirt set cpu --nesting ", "off on")]
    [InlineData("nestvirt set cpu --mac-spoofing=", "--mac-spoofing=off --mac-spoofing=on")]
    [InlineData("nestvirt set cpu --vbs-opt-out=o", "--vbs-opt-out=off --vbs-opt-out=on")]
    [InlineData("nestvirt set cpu --mode ", "custom host-model host-passthrough maximum")]
    [InlineData("nestvirt set cpu --mode=h", "--mode=host-model --mode=host-passthrough")]
    [InlineData("nestvirt set cpu --mi", "--migratable")]
    [InlineData("nestvirt set cpu --vm ", "")]
    [InlineData("nestvirt set cpu --stat", "--static-memory")]
    [InlineData("nestvirt set cpu --iov", "--iov-weight")]
    [InlineData("nestvirt set tuning --tuning ", "balloon cpu disks hugepages memory network")]
    [InlineData("nestvirt set tuning --tuning cpu --tuning h", "hugepages")]
    [InlineData("nestvirt set tuning --siblings=", "--siblings=avoid --siblings=pair")]
    [InlineData("nestvirt set tuning --page-size ", "1G 2M")]
    [InlineData("nestvirt set tuning --vm ", "")]
    [InlineData("nestvirt set tuning --no", "--node --no-sudo")]
    [InlineData("nestvirt set tuning --io", "--io-threads")]
    [InlineData("nestvirt set tuning kvm", "kvm1 kvm2")]
    [InlineData("nestvirt enable nesting --v", "--vm")]
    [InlineData("nestvirt add ", "vm-pci")]
    [InlineData("nestvirt add vm-pci kvm1 --high", "--high-mmio")]
    [InlineData("nestvirt add vm-pci --low", "--low-mmio")]
    [InlineData("nestvirt add vm-pci kvm1 --wh", "--whole-group --what-if")]
    [InlineData("nestvirt add vm-pci kvm1 --un", "--unmanaged")]
    [InlineData("nestvirt add vm-pci --m", "--mac --multifunction")]
    [InlineData("nestvirt add vm-pci --v", "--vm --vlan")]
    [InlineData("nestvirt add vm-pci --gue", "--guest-address --guest-timeout")]
    [InlineData("nestvirt add vm-pci --no", "--no-rom --no-sudo")]
    [InlineData("nestvirt add vm-pci --rom", "--rom-file")]
    [InlineData("nestvirt remove vm-pci ", "kvm1 kvm2")]
    [InlineData("nestvirt remove vm-pci --wh", "--whole-group --what-if")]
    [InlineData("nestvirt remove vm-pci --v", "--vm")]
    [InlineData("nestvirt support --no-sudo kvm1", "kvm1")]
    [InlineData("nestvirt support --snapshot ", "")]
    [InlineData("nestvirt support --timeo", "--timeout")]
    [InlineData("nestvirt undo --st", "--stop-guests")]
    public async Task Words_are_suggested_first_and_options_after_a_dash(string typed, string words)
    {
        CliResult result = await RunAsync(CliProgram.Path, $"[suggest:{typed.Length}]", typed);

        Assert.Equal((0, string.Empty), (result.ExitCode, result.ErrorOutput));
        Assert.Equal(words, result.Output.Trim().ReplaceLineEndings(" "));
    }

    [Fact]
    public async Task Of_help_the_names_of_this_world_are_suggested()
    {
        CliResult result = await RunAsync(CliProgram.Path, "[suggest:18]", "nestvirt support - kvm1");

        Assert.Contains("-h", result.Lines);
        Assert.All(
            result.Lines,
            static line => Assert.True(line.StartsWith('-') && !line.Contains('?', StringComparison.Ordinal))
        );
    }

    [Theory]
    [InlineData("nestvirt su", "support")]
    [InlineData("nestvirt support --output=j", "json jsonl")]
    [InlineData("nestvirt support ", "kvm1 kvm2")]
    [InlineData("nestvirt support kv", "kvm1 kvm2")]
    [InlineData("nestvirt support root@k", "kvm1 kvm2")]
    [InlineData("nestvirt support -i hosts.yml @", "lab")]
    [InlineData("nestvirt set sriov --set ma", "mac=")]
    public async Task Bash_completes(string typed, string replies)
    {
        Needs.Tools("bash");
        string script = (await CliProgram.RunAsync("completion", "bash")).Output;

        CliResult result = await RunAsync(
            "bash",
            "-c",
            script + "COMP_LINE=$1 COMP_POINT=${#1}; _nestvirt; echo \"${COMPREPLY[*]}\"",
            "bash",
            typed
        );

        Assert.Equal((replies, string.Empty), (result.Output.Trim(), result.ErrorOutput));
        Assert.False(File.Exists(Path.Combine(_home, "pwned")));
    }

    [Theory]
    [InlineData("nestvirt su", "support")]
    [InlineData("nestvirt support kv", "kvm1 kvm2")]
    [InlineData("nestvirt support -i hosts.yml '@", "'@lab'")]
    [InlineData("nestvirt set hugepages --size ", "1G 2M")]
    public async Task PowerShell_completes(string typed, string replies)
    {
        Needs.Tools("dotnet");
        string script = (await CliProgram.RunAsync("completion", "pwsh")).Output;

        CliResult result = await RunAsync(
            Path.Combine(Repository.Folder, "tools", "pwsh.sh"),
            "-NoProfile",
            "-NonInteractive",
            "-Command",
            $"$env:HOME = $env:HOME_OF_TEST\n{script}\n\"$((TabExpansion2 -inputScript $env:TYPED).CompletionMatches.CompletionText)\"",
            typed
        );

        Assert.Equal((replies, string.Empty), (result.Output.Trim(), result.ErrorOutput));
    }

    // The last argument is what is typed, which a variable carries past every shell's quoting.
    private Task<CliResult> RunAsync(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(
            program,
            program.EndsWith(".sh", StringComparison.Ordinal) ? arguments[..^1] : arguments
        )
        {
            WorkingDirectory = _home,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The tool that is PowerShell is found by the real home.
        start.Environment[program.EndsWith(".sh", StringComparison.Ordinal) ? "HOME_OF_TEST" : "HOME"] = _home;
        start.Environment["TYPED"] = arguments[^1];
        start.Environment["PATH"] =
            $"{Path.GetDirectoryName(CliProgram.Path)}:{Environment.GetEnvironmentVariable("PATH")}";
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return CliProgram.FinishAsync(process);
    }
}
