using System.IO.Enumeration;
using System.Text;
using NestVirt.Hosts;

namespace NestVirt.Core.Tests.Hosts;

public sealed class HostInventoryTests
{
    private const string Json = """
        {
          "user": "admin", // a comment
          "sshOptions": { "ProxyJump": "gate" },
          "hosts": { "kvm1": { "address": "10.0.0.1", "port": 2222, "identity": "/keys/kvm1" }, "kvm2": null },
          "groups": {
            "lab": { "user": "root", "sudo": false, "hosts": ["kvm1", "lab1", "ops@lab2:2022", { "name": "lab3", "user": "guest" }] },
            "spare": ["lab3", "kvm1"],
          },
        }
        """;

    [Fact]
    public void Read_gives_the_hosts_and_groups_in_the_order_of_the_file()
    {
        HostInventory inventory = Read(Json);

        Assert.Equal(["kvm1", "kvm2", "lab1", "lab2", "lab3"], inventory.Hosts.Select(static host => host.Name));
        Assert.Equal(["lab", "spare"], inventory.GroupNames);
    }

    [Fact]
    public void Read_takes_the_nearest_setting()
    {
        IReadOnlyList<HostTarget> hosts = Read(Json).Find("@lab")!;

        Assert.Equal(["admin", "root", "ops", "guest"], hosts.Select(static host => host.UserName));
        Assert.Equal([2222, null, 2022, null], hosts.Select(static host => host.Port));
        Assert.Equal([true, false, false, false], hosts.Select(static host => host.AllowSudo));
        Assert.Equal(["HostName=10.0.0.1", "ProxyJump=gate"], hosts[0].SshOptions);
    }

    [Fact]
    public void Read_takes_settings_in_any_case_and_after_a_byte_order_mark()
    {
        HostInventory inventory = Read(
            "\uFEFF{\"User\":\"root\",\"Hosts\":[{\"Name\":\"kvm1\",\"PORT\":2222}],\"GROUPS\":{\"Lab\":{\"SshOptions\":{\"A\":\"b\"},\"hosts\":[\"kvm2\"]}}}"
        );

        Assert.Equal(("root", 2222), (inventory.Find("kvm1")![0].UserName, inventory.Find("kvm1")![0].Port));
        Assert.Equal(["A=b"], inventory.Find("lab")![0].SshOptions);
    }

    [Fact]
    public void Read_starts_relative_keys_in_the_folder_of_the_file()
    {
        HostInventory inventory = HostInventory.Read(
            "{\"identity\":\"keys/lab\",\"hosts\":[\"a\"]}"u8.ToArray(),
            Path.Join(Path.GetTempPath(), "house", "hosts.json")
        );

        Assert.Equal(Path.Join(Path.GetTempPath(), "house", "keys/lab"), inventory.Find("a")![0].KeyFilePath);
    }

    [Theory]
    [InlineData("kvm*", "kvm1 kvm2")]
    [InlineData("KVM?", "kvm1 kvm2")]
    [InlineData("*", "kvm1 kvm2 lab1 lab2 lab3")]
    [InlineData("s*e", "lab3 kvm1")]
    [InlineData("@*a*", "kvm1 lab1 lab2 lab3")]
    [InlineData("@l*", "kvm1 lab1 lab2 lab3")]
    public void Find_takes_patterns_of_hosts_and_then_of_groups(string pattern, string names) =>
        Assert.Equal(names.Split(' '), Read(Json).Find(pattern, Matches)!.Select(static host => host.Name));

    [Theory]
    [InlineData("none*")]
    [InlineData("@kvm*")]
    public void Find_gives_null_for_a_pattern_that_nothing_fits(string pattern) =>
        Assert.Null(Read(Json).Find(pattern, Matches));

    [Theory]
    [InlineData("{\"hosts\": [", "is not JSON: ")]
    [InlineData("{\"hosts\": 5}", "has hosts that are neither a list nor a map")]
    [InlineData("{\"groups\": [5]}", "'groups' is not a map from names to groups")]
    [InlineData(
        "{\"hosts\": [\"-oProxyCommand=reboot\"]}",
        "has a host '-oProxyCommand=reboot', which is not of the form"
    )]
    public void Read_names_what_it_cannot_understand(string json, string sentence)
    {
        NestVirtException error = Assert.Throws<NestVirtException>(() => Read(json));

        Assert.Equal(NestVirtErrorKind.InventoryInvalid, error.Kind);
        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
        Assert.Contains("hosts.json", error.Message, StringComparison.Ordinal);
    }

    private static HostInventory Read(string json) => HostInventory.Read(Encoding.UTF8.GetBytes(json), "hosts.json");

    private static bool Matches(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name);
}
