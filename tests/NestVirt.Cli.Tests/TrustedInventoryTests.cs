using NestVirt.Core.Tests;

namespace NestVirt.Cli.Tests;

/// <summary>A file of hosts runs nothing here and believes no host, unless it is trusted in so many words.</summary>
public sealed class TrustedInventoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;
    private readonly string _mark;

    public TrustedInventoryTests()
    {
        Needs.Tools("ssh");
        _mark = Path.Combine(_folder, "was-run");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [Trait("Category", "Security")]
    [InlineData("yml", "sshOptions:\n  ProxyCommand: touch MARK\nhosts: [kvm1.invalid]\n", "line 2", "ProxyCommand")]
    [InlineData("yml", "sshOptions:\n  Match: exec \"touch MARK\"\nhosts: [kvm1.invalid]\n", "line 2", "Match")]
    [InlineData(
        "yml",
        "hosts:\n  k:\n    sshOptions: {KnownHostsCommand: touch MARK}\n",
        "line 3",
        "KnownHostsCommand"
    )]
    [InlineData("yml", "sshOptions: {ProxyJump: a;touch$IFS'MARK'}\nhosts: [kvm1.invalid]\n", "line 1", "ProxyJump")]
    [InlineData("json", "{\"sshOptions\":{\"StrictHostKeyChecking\":false},\"hosts\":[\"k\"]}", "line 1", "StrictHost")]
    public async Task An_inventory_that_sets_more_than_harmless_options_is_refused(
        string ending,
        string text,
        string line,
        string option
    )
    {
        string file = Write(ending, text);
        CliResult result = await CliProgram.RunAsync("support", "--inventory", file);

        Assert.False(File.Exists(_mark), "the inventory ran a program");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(file, result.ErrorOutput, StringComparison.Ordinal);
        Assert.Contains(line, result.ErrorOutput, StringComparison.Ordinal);
        Assert.Contains(option, result.ErrorOutput, StringComparison.Ordinal);
        Assert.Contains("--ssh-option", result.ErrorOutput, StringComparison.Ordinal);
        Assert.Contains("--trust-inventory", result.ErrorOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trusted_one_is_followed()
    {
        string file = Write("yml", "sshOptions:\n  ProxyCommand: touch MARK\nhosts: [kvm1.invalid]\n");
        CliResult result = await CliProgram.RunAsync("support", "--inventory", file, "--trust-inventory");

        Assert.True(File.Exists(_mark));
        Assert.Equal(4, result.ExitCode);
    }

    [Theory]
    [Trait("Category", "Security")]
    [InlineData("support", "127.0.0.1:1", "127.0.0.1:2")]
    [InlineData("iommu", "diff", "127.0.0.1:1", "127.0.0.1:2")]
    [InlineData("enable", "nesting", "127.0.0.1:1", "127.0.0.1:2", "--what-if")]
    public async Task A_loosened_check_of_host_keys_is_warned_of_once(params string[] words)
    {
        CliResult result = await CliProgram.RunAsync([.. words, "--ssh-option", "StrictHostKeyChecking=no"]);

        Assert.Single(
            result.ErrorOutput.Split('\n'),
            static line =>
                line.StartsWith("nestvirt: warning: 'StrictHostKeyChecking=no' loosens", StringComparison.Ordinal)
        );
    }

    [Theory]
    [Trait("Category", "Security")]
    [InlineData("--user", "-oProxyCommand=x")]
    [InlineData("--user", "a%h")]
    [InlineData("--ssh-option", "User=a;b")]
    [InlineData("--ssh-option", "Port 22\nProxyCommand=x")]
    public async Task An_account_or_option_that_is_none_is_refused(string option, string value)
    {
        CliResult result = await CliProgram.RunAsync("support", "127.0.0.1:1", $"{option}={value}");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"{option} cannot be", result.ErrorOutput, StringComparison.Ordinal);
    }

    private string Write(string ending, string text)
    {
        string file = Path.Combine(_folder, $"hosts.{ending}");
        File.WriteAllText(file, text.Replace("MARK", _mark, StringComparison.Ordinal));
        return file;
    }
}
