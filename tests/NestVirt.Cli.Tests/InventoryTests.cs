using NestVirt.Cli.Hosting;
using NestVirt.Hosts;

namespace NestVirt.Cli.Tests;

public sealed class InventoryTests : IDisposable
{
    private const string Yaml = """
        # every host of the house
        user: admin
        sshOptions: {ProxyJump: gate}
        hosts:
          kvm1: {address: 10.0.0.1, port: 2222, identity: /keys/kvm1}
          kvm2:
        groups:
          lab:
            user: root
            sudo: false
            hosts: [kvm1, lab1, "ops@lab2:2022", {name: lab3, user: guest}]
          empty: []
        """;

    private const string Json = """
        {
          "user": "admin",
          "sshOptions": { "ProxyJump": "gate" },
          "hosts": { "kvm1": { "address": "10.0.0.1", "port": 2222, "identity": "/keys/kvm1" }, "kvm2": null },
          "groups": {
            "lab": { "user": "root", "sudo": false, "hosts": ["kvm1", "lab1", "ops@lab2:2022", { "name": "lab3", "user": "guest" }] },
            "empty": [],
          },
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("hosts.yml", Yaml)]
    [InlineData("hosts.json", Json)]
    public void A_group_gives_its_hosts_with_the_nearest_settings(string name, string text)
    {
        IReadOnlyList<HostTarget> hosts = Resolve(name, text, "@lab");

        Assert.Equal(["kvm1", "lab1", "lab2", "lab3"], hosts.Select(static host => host.Name));
        Assert.Equal(["admin", "root", "ops", "guest"], hosts.Select(static host => host.UserName));
        Assert.Equal([2222, null, 2022, null], hosts.Select(static host => host.Port));
        Assert.Equal([true, false, false, false], hosts.Select(static host => host.AllowSudo));
        Assert.Equal("/keys/kvm1", hosts[0].KeyFilePath);
        Assert.Equal(["HostName=10.0.0.1", "ProxyJump=gate"], hosts[0].SshOptions);
        Assert.All(hosts, static host => Assert.Equal(HostTransport.Ssh, host.Transport));
    }

    [Fact]
    public void No_word_gives_every_host_once() =>
        Assert.Equal(
            ["kvm1", "kvm2", "lab1", "lab2", "lab3"],
            Resolve("hosts.yml", Yaml).Select(static host => host.Name)
        );

    [Fact]
    public void A_word_may_be_a_host_a_group_or_neither() =>
        Assert.Equal(
            ["kvm2", "kvm1", "lab1", "lab2", "lab3", "elsewhere"],
            Resolve("hosts.yml", Yaml, "kvm2", "lab", "KVM1", "elsewhere").Select(static host => host.Name)
        );

    [Fact]
    public void A_word_may_be_a_pattern_of_hosts_or_groups()
    {
        Assert.Equal(["kvm1", "kvm2"], Resolve("hosts.yml", Yaml, "kvm?").Select(static host => host.Name));
        Assert.Equal(
            ["kvm1", "lab1", "lab2", "lab3"],
            Resolve("hosts.yml", Yaml, "@l*").Select(static host => host.Name)
        );

        UsageException error = Assert.Throws<UsageException>(() => Resolve("hosts.yml", Yaml, "none*"));
        Assert.Equal("The inventory has no host or group like 'none*'.", error.Message);
    }

    [Fact]
    public void The_command_line_fills_what_the_file_leaves_open()
    {
        HostSources sources = new()
        {
            InventoryPath = Write("hosts.yml", Yaml),
            Settings = new HostSettings
            {
                UserName = "other",
                Port = 22022,
                SshOptions = ["ProxyJump=back"],
                AllowSudo = false,
            },
        };

        HostTarget host = Assert.Single(sources.Resolve(["kvm2"]));

        Assert.Equal("admin", host.UserName);
        Assert.Equal(22022, host.Port);
        Assert.Equal(["ProxyJump=gate", "ProxyJump=back"], host.SshOptions);
        Assert.False(host.AllowSudo);
    }

    [Theory]
    [InlineData("hosts.yml", "hosts: [a", "is not YAML: line ")]
    [InlineData("hosts.yml", "hosts: &x [a]\ngroups: {b: *x}", "anchors and aliases are not understood here")]
    [InlineData("hosts.yml", "", "is empty")]
    [InlineData("hosts.yml", "hosts: 5", "has hosts that are neither a list nor a map")]
    [InlineData("hosts.yml", "hosts: [{user: root}]", "has a host without a name")]
    [InlineData(
        "hosts.yml",
        "hosts: [-oProxyCommand=reboot]",
        "has a host '-oProxyCommand=reboot', which is not of the form"
    )]
    [InlineData("hosts.yml", "hosts: {a: {address: '$(reboot)'}}", "has an address '$(reboot)', which is none")]
    [InlineData("hosts.yml", "hosts: {a: {port: 70000}}", "has a port '70000', which is no number from 1 to 65535")]
    [InlineData("hosts.yml", "hosts: {a: {user: [x]}}", "has a 'user' that is not text")]
    [InlineData("hosts.yml", "groups: [a]", "'groups' is not a map from names to groups")]
    [InlineData("hosts.json", "{\"hosts\": [", "is not JSON: ")]
    public void What_cannot_be_understood_is_named(string name, string text, string sentence)
    {
        UsageException error = Assert.Throws<UsageException>(() => Resolve(name, text));

        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    // Each of these planned a change of the machine that the program runs on.
    [Theory]
    [InlineData("hosts.json", "{}", "@lab")]
    [InlineData("hosts.json", "{}", "*")]
    [InlineData("hosts.json", "{}")]
    [InlineData("hosts.json", "{\"groups\": {\"lab\": []}}", "@lab")]
    [InlineData("hosts.json", "{\"groups\": {\"lab\": []}}", "lab")]
    [InlineData("hosts.json", "{\"host\": [\"kvm1\"]}")]
    [InlineData("hosts.json", "{\"groups\": {\"lab\": {\"host\": [\"kvm1\"]}}}", "@lab")]
    [InlineData("hosts.yml", "groups: {lab: []}", "@lab")]
    [InlineData("hosts.yml", "groups: {lab: }", "@*")]
    [InlineData("hosts.yml", "hosts:\n", "*")]
    [InlineData("hosts.yml", "hosts: []")]
    public async Task An_inventory_that_gives_no_host_is_never_this_machine(
        string name,
        string text,
        params string[] words
    )
    {
        string[] inventory = ["--inventory", Write(name, text), .. words];

        CliResult read = await CliProgram.RunAsync(["support", .. inventory]);
        CliResult changed = await CliProgram.RunAsync([
            "set",
            "hugepages",
            .. inventory,
            "--size",
            "2M",
            "--count",
            "2",
            "--what-if",
        ]);

        Assert.Equal((2, string.Empty), (read.ExitCode, read.Output));
        Assert.Equal((2, string.Empty), (changed.ExitCode, changed.Output));
        Assert.Equal(read.ErrorOutput, changed.ErrorOutput);
        Assert.StartsWith("nestvirt: The ", read.ErrorOutput, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_word_of_yaml_is_told_with_its_line() =>
        Assert.Contains(
            "line 3: the host 'kvm1' has 'prot', which is no word of an inventory: did you mean 'port'?",
            Assert.Throws<UsageException>(() => Resolve("hosts.yml", "hosts:\n  kvm1:\n    prot: 22\n")).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_group_that_is_not_there_is_named_with_those_that_are()
    {
        UsageException error = Assert.Throws<UsageException>(() => Resolve("hosts.yml", Yaml, "@web"));

        Assert.Equal("The inventory has no group 'web'.", error.Message);
        Assert.Equal("Its groups are: lab, empty.", error.Remedy);
    }

    private IReadOnlyList<HostTarget> Resolve(string name, string text, params string[] words) =>
        new HostSources { InventoryPath = Write(name, text) }.Resolve(words);

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
