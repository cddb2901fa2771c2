using System.Text.RegularExpressions;
using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.PowerShell.Parameters;
using NestVirt.Testing;

namespace NestVirt.Module.Tests.Parameters;

/// <summary>What advice names by type is a cmdlet or a parameter that the module has.</summary>
public sealed partial class CmdletWordsTests
{
    private static readonly CmdletWords s_words = new();

    public static TheoryData<int> Samples => [.. Enumerable.Range(0, CommandSamples.All.Count)];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_command_that_advice_writes_can_be_typed(int sample)
    {
        CommandCall call = CommandSamples.All[sample];
        string line = s_words.Write(call)!;

        AssertTypable(line);
        Assert.All(call.Switches, allowed => Assert.Contains(s_words.NameOf(allowed), line, StringComparison.Ordinal));
    }

    [Fact]
    public void The_commands_of_the_pages_on_findings_can_be_typed()
    {
        string[] names = [.. CmdletClass.All.Select(static cmdlet => cmdlet.Name)];
        string[] lines =
        [
            .. Directory
                .EnumerateFiles(Repository.PathOf("docs", "findings"), "*.md")
                .SelectMany(static file => PageCommand().Matches(File.ReadAllText(file)))
                .Select(static match => match.Groups[1].Value)
                .Where(line => line.Contains("Nest", StringComparison.Ordinal) || names.Contains(line.Split(' ')[0]))
                .Distinct(StringComparer.Ordinal),
        ];

        Assert.NotEmpty(lines);
        Assert.All(lines, AssertTypable);
    }

    [Fact]
    public void Values_that_PowerShell_would_read_are_quoted()
    {
        Assert.Equal(
            "Set-NestKernelParameter -HostName kvm1 -Set hugepagesz=1048576K, 'a=$(x)' -Remove amd_iommu=on -ReplaceConflict",
            s_words.Write(CommandSamples.All.Single(static call => call.Command == OwnCommand.SetKernel))
        );
        Assert.Equal(
            "Set-KvmModuleParameter -HostName '[fe80::1]:22' -Module kvm_intel -Parameter @{ ept = 'it''s' }",
            s_words.Write(CommandSamples.All.Single(static call => call.Command == OwnCommand.SetModule))
        );
        Assert.Equal(
            "Add-VmPciDevice -HostName kvm1 -Device 0000:01:00.0 -VMName lab -MacAddress 52:54:00:12:34:56 -VlanId 100 -GuestAddress 0000:05:00.0 -RomFile '/srv/it''s a rom.bin' -WholeGroup -Unmanaged",
            s_words.Write(
                CommandSamples.All.First(static call => call is { Command: OwnCommand.AddVmPci, Host: "kvm1" })
            )
        );
    }

    [Fact]
    public void A_Hyper_V_host_is_named_as_one()
    {
        Assert.Equal(
            "Set-VmNestedCpu -ComputerName https://hv1:15986 -VMName 'it''s a lab', 0A1B2C3D-0000-4000-8000-00000000000E -ExposeVirtualizationExtensions $true -Count 4 -HwThreadsPerCore 0 -MacAddressSpoofing $false -IovWeight 100 -VbsOptOut $true -StaticMemory -StopGuest -Force",
            s_words.Write(
                CommandSamples.All.Single(static call =>
                    call is { Command: OwnCommand.SetCpu, Host: { } host }
                    && host.StartsWith("wsman:", StringComparison.Ordinal)
                )
            )
        );
        Assert.Equal(
            "Undo-NestChange -Id 3 -ComputerName hv1 -Force",
            s_words.Write(
                CommandSamples.All.Single(static call =>
                    call is { Command: OwnCommand.Undo, Host: { } host }
                    && host.StartsWith("wsman:", StringComparison.Ordinal)
                )
            )
        );
    }

    [Fact]
    public void A_processor_of_a_KVM_host_is_named_by_hashtables() =>
        Assert.Equal(
            "Set-VmNestedCpu -HostName kvm1 -VMName lab -Mode Custom -Model Skylake-Server -Feature @{ avx512f = 'disable'; vmx = 'require' } -Topology @{ sockets = 1; dies = 1; cores = 4; threads = 2 } -WindowsHypervisor",
            s_words.Write(CommandSamples.All.First(static call => call is { Command: OwnCommand.SetCpu, Host: "kvm1" }))
        );

    [Fact]
    public void What_fits_virtual_machines_is_named_by_members_of_enumerations() =>
        Assert.Equal(
            "Optimize-VmNestedPerformance -HostName kvm1 -VMName 'it''s a lab', 'db*' -Tuning Cpu, HugePages, Disks -SiblingUse Pair -Node 1 -PageSize 2048KB -IOThreadCount 2 -StopGuest -Force",
            s_words.Write(CommandSamples.All.Single(static call => call.Command == OwnCommand.TuneVm))
        );

    [Fact]
    public void Every_tuning_that_a_request_names_can_be_worded() =>
        Assert.All(
            Enum.GetValues<VmTuning>(),
            static tuning =>
                Assert.Equal(
                    $"Optimize-VmNestedPerformance -Tuning {tuning}",
                    s_words.Write(
                        new CommandCall(
                            OwnCommand.TuneVm,
                            (CommandArgument.Tuning, tuning.ToString().ToLowerInvariant())
                        )
                    )
                )
        );

    [Fact]
    public void Typographic_quotes_do_not_end_a_text()
    {
        string line = s_words.Write(
            new CommandCall(OwnCommand.SetKernel, (CommandArgument.KernelWord, "a=\u2019 calc \u2018\u201A\u201B"))
        )!;

        Assert.Equal("Set-NestKernelParameter -Set 'a=\u2019\u2019 calc \u2018\u2018\u201A\u201A\u201B\u201B'", line);
    }

    [Fact]
    public void Every_command_switch_and_setting_is_there()
    {
        HashSet<string> names =
        [
            .. CmdletClass.All.Select(static cmdlet => cmdlet.Name),
            .. CmdletClass
                .All.SelectMany(static cmdlet => cmdlet.Parameters)
                .Select(static parameter => $"-{parameter.Name}"),
        ];

        Assert.Empty(
            Enum.GetValues<ChangeSwitch>()
                .Select(s_words.NameOf)
                .Concat(Enum.GetValues<HostSetting>().Select(s_words.NameOf))
                .Concat(Enum.GetValues<OwnCommand>().Select(s_words.NameOf))
                .Except(names)
        );
    }

    [Fact]
    public void Who_writes_a_line_for_a_host_asks_for_its_words() =>
        Assert.DoesNotContain(
            Directory.EnumerateFiles(
                Repository.PathOf("src", "NestVirt.PowerShell"),
                "*.cs",
                SearchOption.AllDirectories
            ),
            static file => Path.GetFileName(file) != "CmdletWords.cs" && HostLine().IsMatch(File.ReadAllText(file))
        );

    private static void AssertTypable(string line)
    {
        CmdletClass cmdlet = Assert.Single(CmdletClass.All, cmdlet => cmdlet.Name == line.Split(' ')[0]);
        Assert.Empty(
            Parameter()
                .Matches(Quoted().Replace(line, "''"))
                .Select(static match => match.Groups[1].Value)
                .Except(cmdlet.ParameterWords)
        );
    }

    [GeneratedRegex("`([A-Z][a-z]+-[A-Z][^`]+)`")]
    private static partial Regex PageCommand();

    // The kind of a host decides by which parameter it is named.
    [GeneratedRegex("-(?:HostName|ComputerName) \\{")]
    private static partial Regex HostLine();

    [GeneratedRegex("'(?:[^']|'')*'")]
    private static partial Regex Quoted();

    [GeneratedRegex(" -([A-Z][A-Za-z]+)")]
    private static partial Regex Parameter();
}
