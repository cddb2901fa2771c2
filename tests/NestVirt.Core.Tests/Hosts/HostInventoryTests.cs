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
            "\uFEFF{\"User\":\"root\",\"Hosts\":[{\"Name\":\"kvm1\",\"PORT\":2222}],\"GROUPS\":{\"Lab\":{\"SshOptions\":{\"Port\":\"22\"},\"hosts\":[\"kvm2\"]}}}"
        );

        Assert.Equal(("root", 2222), (inventory.Find("kvm1")![0].UserName, inventory.Find("kvm1")![0].Port));
        Assert.Equal(["Port=22"], inventory.Find("lab")![0].SshOptions);
    }

    [Fact]
    public void Read_starts_relative_keys_in_the_folder_of_the_file()
    {
        HostInventory inventory = HostInventory.Read(
            "{\"identity\":\"keys/lab\",\"hosts\":[\"a\"]}"u8.ToArray(),
            Path.Join(Path.GetTempPath(), "house", "hosts.json"),
            isTrusted: false
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
        Assert.Equal(names.Split(' '), Read(Json).FindPattern(pattern)!.Select(static host => host.Name));

    [Theory]
    [InlineData("none*")]
    [InlineData("@kvm*")]
    public void Find_gives_null_for_a_pattern_that_nothing_fits(string pattern) =>
        Assert.Null(Read(Json).FindPattern(pattern));

    [Theory]
    [InlineData("{\"hosts\": [", "is not JSON: ")]
    [InlineData("{\"hosts\": 5}", "has hosts that are neither a list nor a map")]
    [InlineData("{\"groups\": [5]}", "'groups' is not a map from names to groups")]
    [InlineData("", "hosts.json' is empty.")]
    [InlineData("5", "line 1: the file is neither a list of hosts nor a map.")]
    [InlineData(
        "{\n\"host\": [\"a\"]}",
        "line 2: the file has 'host', which is no word of an inventory: did you mean 'hosts'?"
    )]
    [InlineData(
        "{\"hosts\": {\n\n\"a\": {\"prot\": 22}}}",
        "line 3: the host 'a' has 'prot', which is no word of an inventory: did you mean 'port'?"
    )]
    [InlineData(
        "{\"hosts\": [\"b\",\n{\"name\": \"a\", \"addres\": \"10.0.0.1\"}]}",
        "line 2: the host 'a' has 'addres', which is no word of an inventory: did you mean 'address'?"
    )]
    [InlineData(
        "{\"groups\": {\"lab\": {\"tags\": 1}}}",
        "the group 'lab' has 'tags', which is no word of an inventory: it may"
    )]
    [InlineData("{\"hosts\": [\"a\",\n\"b\",\n\"A\"]}", "line 3: the file has the host 'A' twice.")]
    [InlineData("{\"hosts\": {\"a\": null,\n\"a\": null}}", "line 2: the file has the host 'a' twice.")]
    [InlineData("{\"hosts\": [],\n\"hosts\": [\"a\"]}", "line 2: the file has 'hosts' twice.")]
    [InlineData("{\"groups\": {\"a\": [],\n\"A\": []}}", "line 2: 'groups' has 'A' twice.")]
    [InlineData("{\"hosts\": [\n{\"address\": \"10.0.0.1\"}]}", "line 2: the file has a host without a name.")]
    [InlineData(
        "{\"hosts\": {\"a\": {\n\"address\": null}}}",
        "line 2: the host 'a' has an address without a value, which is none."
    )]
    [InlineData("{\"hosts\": {\"a\": {\"address\": \"\"}}}", "line 1: the host 'a' has an address '', which is none.")]
    [InlineData("{\"hosts\": {\"a\": 22}}", "line 1: the host 'a' has settings that are not a map.")]
    [InlineData(
        "{\"groups\": {\"lab\":\n[\"@web\"]}}",
        "line 2: the group 'lab' has a host '@web', which is not of the form"
    )]
    [InlineData("{\"groups\": {\"lab\": \"kvm1\"}}", "line 1: the group 'lab' is neither a list of hosts nor a map.")]
    [InlineData(
        "{\"sshOptions\": {\"Port\": [1]}}",
        "line 1: the file has an ssh option 'Port' that is no single value."
    )]
    [InlineData("{\"port\": 99999}", "line 1: the file has a port '99999', which is no number from 1 to 65535.")]
    [InlineData("{\"sudo\": \"no\"}", "line 1: the file has a 'sudo' that is neither true nor false.")]
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

    [Fact]
    public void Read_takes_utf_16()
    {
        foreach (Encoding encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            byte[] file = [.. encoding.GetPreamble(), .. encoding.GetBytes("[\"kvm1\"]")];

            Assert.Equal("kvm1", Assert.Single(HostInventory.Read(file, "hosts.json", isTrusted: false).Hosts).Name);
        }
    }

    [Theory]
    [InlineData("~/.ssh/id")]
    [InlineData("~\\.ssh\\id")]
    public void Read_finds_keys_in_the_home_folder(string identity) =>
        Assert.Equal(
            Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ssh", "id"),
            Read($$"""{"identity": "{{identity.Replace("\\", "\\\\", StringComparison.Ordinal)}}", "hosts": ["a"]}""")
                .Find("a")![0]
                .KeyFilePath
        );

    [Fact]
    public void Read_keeps_hosts_that_differ_in_the_port() =>
        Assert.Equal(
            [2201, 2202],
            Read("[\"127.0.0.1:2201\", \"127.0.0.1:2202\"]").Hosts.Select(static host => host.Port)
        );

    private static HostInventory Read(string json) =>
        HostInventory.Read(Encoding.UTF8.GetBytes(json), "hosts.json", isTrusted: false);
}
