using System.Text;
using NestVirt.Hosts;

namespace NestVirt.Core.Tests.Hosts;

public sealed class HostWordsTests
{
    private const string Some =
        "{\"hosts\": [\"kvm1\", \"kvm2\"], \"groups\": {\"lab\": [\"lab1\", \"lab2\"], \"empty\": [], \"empty2\": null}}";

    [Fact]
    public void Nothing_at_all_is_this_machine() =>
        Assert.Equal(HostTransport.Local, Assert.Single(Words(null).Resolve([])).Transport);

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"hosts\": []}")]
    [InlineData("{\"hosts\": null}")]
    [InlineData("{\"groups\": {\"lab\": []}}")]
    public void An_inventory_without_hosts_is_an_error(string json)
    {
        HostWordException error = Assert.Throws<HostWordException>(() => Words(json).Resolve([]));

        Assert.Equal(
            (NestVirtErrorKind.InventoryEmpty, "The inventory 'hosts.json' has no hosts."),
            (error.Kind, error.Message)
        );
    }

    [Fact]
    public void Recorded_hosts_that_are_none_are_an_error() =>
        Assert.Throws<HostWordException>(() => Words(null).Resolve([], []));

    [Theory]
    [InlineData("@empty", "The group 'empty' of the inventory 'hosts.json' has no hosts.")]
    [InlineData("empty", "The group 'empty' of the inventory 'hosts.json' has no hosts.")]
    [InlineData("empty*", "The groups 'empty*' of the inventory 'hosts.json' have no hosts.")]
    [InlineData("@e*", "The groups 'e*' of the inventory 'hosts.json' have no hosts.")]
    [InlineData("@web", "The inventory has no group 'web'.")]
    [InlineData("@x*", "The inventory has no group 'x*'.")]
    [InlineData("x*", "The inventory has no host or group like 'x*'.")]
    [InlineData("x[12]", "The inventory has no host or group like 'x[12]'.")]
    public void A_word_that_gives_no_host_of_the_inventory_is_an_error(string word, string sentence)
    {
        HostWords words = Words(Some);

        Assert.Equal(sentence, Assert.Throws<HostWordException>(() => words.Resolve([word])).Message);
        Assert.Equal(sentence, Assert.Throws<HostWordException>(() => words.Resolve(["kvm1", word])).Message);
    }

    [Theory]
    [InlineData("ssh://root@x", "Leave out the ssh://, as in root@x")]
    [InlineData("SSH://kvm1:2222/", "Leave out the ssh://, as in kvm1:2222")]
    [InlineData("a b", null)]
    public void An_address_of_the_web_is_told_how_to_name_it(string word, string? remedy) =>
        Assert.Equal(remedy, Assert.Throws<HostWordException>(() => Words(null).HostOf(word)).Remedy);

    [Fact]
    public void A_pattern_over_an_inventory_without_hosts_is_an_error() =>
        Assert.Throws<HostWordException>(() => Words("{}").Resolve(["*"]));

    [Theory]
    [InlineData("*", HostWordFault.NoInventory, "'*' is a pattern, and there is no inventory to choose from.")]
    [InlineData("kvm?", HostWordFault.NoInventory, "'kvm?' is a pattern, and there is no inventory to choose from.")]
    [InlineData(
        "kvm[12]",
        HostWordFault.NoInventory,
        "'kvm[12]' is a pattern, and there is no inventory to choose from."
    )]
    [InlineData("@lab", HostWordFault.NoInventory, "'@lab' names a group, and there is no inventory.")]
    [InlineData("kvm1.json", HostWordFault.File, "'kvm1.json' is the name of a file, not of a host.")]
    [InlineData("./kvm1", HostWordFault.File, "'./kvm1' is the name of a file, not of a host.")]
    [InlineData("C:\\kvm1.json", HostWordFault.File, "'C:\\kvm1.json' is the name of a file, not of a host.")]
    [InlineData("hosts.yml", HostWordFault.File, "'hosts.yml' is the name of a file, not of a host.")]
    [InlineData("", HostWordFault.NoHost, "A blank line or an empty word names no host.")]
    [InlineData(" \t", HostWordFault.NoHost, "A blank line or an empty word names no host.")]
    [InlineData("# lab", HostWordFault.NoHost, "'# lab' is a comment, and names no host.")]
    [InlineData("ssh://root@x", HostWordFault.NoHost, "'ssh://root@x' is not a host of the form [user@]host[:port].")]
    [InlineData("wsman:", HostWordFault.HyperV, "'' is not a Hyper-V host of the form [user@]host[:port].")]
    [InlineData("wsman:a,b", HostWordFault.HyperV, "'a,b' is not a Hyper-V host of the form [user@]host[:port].")]
    [InlineData("wsman:-x", HostWordFault.HyperV, "'-x' is not a Hyper-V host of the form [user@]host[:port].")]
    [InlineData(
        "wsman:ftp://hv1",
        HostWordFault.HyperV,
        "'ftp://hv1' is not a Hyper-V host of the form [user@]host[:port]."
    )]
    [InlineData("wsman:hv1/x", HostWordFault.HyperV, "'hv1/x' is not a Hyper-V host of the form [user@]host[:port].")]
    [InlineData(
        "wsman:hv1:99999",
        HostWordFault.HyperV,
        "'hv1:99999' is not a Hyper-V host of the form [user@]host[:port]."
    )]
    [InlineData("wsman:@lab", HostWordFault.NoInventory, "'@lab' names a group, and there is no inventory.")]
    [InlineData(
        "wsman:hv*",
        HostWordFault.NoInventory,
        "'hv*' is a pattern, and there is no inventory to choose from."
    )]
    public void A_word_that_is_no_host_is_an_error(string word, HostWordFault fault, string sentence)
    {
        HostWordException error = Assert.Throws<HostWordException>(() => Words(null).Resolve([word]));

        Assert.Equal((fault, sentence), (error.Fault, error.Message));
    }

    [Theory]
    [InlineData("kvm2 lab KVM1 elsewhere", "kvm2 lab1 lab2 kvm1 elsewhere")]
    [InlineData("@lab lab1", "lab1 lab2")]
    [InlineData("kvm[1-2] l*", "kvm1 kvm2 lab1 lab2")]
    [InlineData("[::1] ssh:kvm9", "::1 kvm9")]
    public void Words_give_hosts_once_in_their_order(string words, string names) =>
        Assert.Equal(names.Split(' '), Words(Some).Resolve(words.Split(' ')).Select(static host => host.Name));

    [Fact]
    public void One_host_is_one_object_however_it_is_named()
    {
        HostWords words = new(null, new HostSettings { UserName = "root", SshOptions = ["A=b"] });

        Assert.Same(words.HostOf("kvm1"), words.HostOf("ssh:root@kvm1"));
        Assert.NotSame(words.HostOf("kvm1"), words.HostOf("kvm1:2222"));
    }

    [Fact]
    public void One_host_is_not_several() =>
        Assert.Equal(
            "'lab' names 2 hosts, and one is needed here.",
            Assert.Throws<HostWordException>(() => Words(Some).HostOf("lab")).Message
        );

    [Theory]
    [InlineData("wsman:hv1", "hv1", null, false, "wsman:hv1")]
    [InlineData("WSMAN:hv1:5985", "hv1", 5985, false, "wsman:hv1:5985")]
    [InlineData("wsman:hv1:5986", "hv1", 5986, true, "wsman:hv1:5986")]
    [InlineData("wsman:https://hv1", "hv1", null, true, "wsman:https://hv1")]
    [InlineData("wsman:https://hv1:5986/wsman", "hv1", 5986, true, "wsman:hv1:5986")]
    [InlineData("wsman:http://hv1:5986/", "hv1", 5986, false, "wsman:http://hv1:5986")]
    [InlineData("wsman:[2001:db8::1]:5986", "2001:db8::1", 5986, true, "wsman:[2001:db8::1]:5986")]
    public void A_word_behind_wsman_is_a_Hyper_V_host(string word, string name, int? port, bool useSsl, string text)
    {
        HostTarget host = Words(null).HostOf(word);

        Assert.Equal((HostTransport.WsMan, name, port, useSsl), (host.Transport, host.Name, host.Port, host.UseSsl));
        Assert.Equal(text, host.ToString());
        Assert.True(HostTarget.TryParse(text, out HostTarget? again));
        Assert.Equal(host.UseSsl, again.UseSsl);
        Assert.Equal(host.Port, again.Port);
    }

    [Theory]
    [InlineData(@"wsman:LAB\alice@hv1", @"LAB\alice")]
    [InlineData("wsman:alice@lab.test@hv1:5985", "alice@lab.test")]
    public void A_Hyper_V_host_may_name_its_account(string word, string account) =>
        Assert.Equal(account, Words(null).HostOf(word).UserName);

    private const string Mixed = """
        {
          "certificateThumbprint": "00112233445566778899AABBCCDDEEFF00112233",
          "hosts": { "wsman:hv1": { "address": "10.0.0.7:15986", "useSsl": true }, "hv2": { "address": "wsman:hv2.lab.test" } },
          "groups": { "lab": ["kvm1", "wsman:hv3", "wsman:hv1"], "linux": ["kvm1"] }
        }
        """;

    [Fact]
    public void An_inventory_has_Hyper_V_hosts_among_the_others()
    {
        HostWords words = Words(Mixed);

        Assert.Equal(["hv1", "hv2", "kvm1", "hv3"], words.All().Select(static host => host.Name));
        Assert.Equal(["kvm1", "hv3", "hv1"], words.Resolve(["@lab"]).Select(static host => host.Name));
        Assert.Equal(["hv3", "hv1"], words.Resolve(["wsman:@lab"]).Select(static host => host.Name));
        Assert.Equal(["hv1", "hv2", "hv3"], words.Resolve(["wsman:h*"]).Select(static host => host.Name));
        HostTarget hv1 = words.HostOf("wsman:hv1");
        Assert.Same(hv1, words.HostOf("hv1"));
        Assert.Equal("wsman:https://hv1:15986", hv1.ToString());
        Assert.Equal("10.0.0.7", Assert.IsType<WsManAddress>(hv1.Address).Host);
        Assert.Equal("00112233445566778899AABBCCDDEEFF00112233", hv1.CertificateThumbprint);
        Assert.Equal("hv2.lab.test", Assert.IsType<WsManAddress>(words.HostOf("hv2").Address).Host);
        Assert.Null(words.HostOf("kvm1").CertificateThumbprint);
    }

    [Fact]
    public void A_group_without_Hyper_V_hosts_is_an_error_where_they_are_wanted() =>
        Assert.Equal(
            "Nothing of the inventory 'hosts.json' that is called '@linux' is a Hyper-V host.",
            Assert.Throws<HostWordException>(() => Words(Mixed).Resolve(["wsman:@linux"])).Message
        );

    [Theory]
    [InlineData("kvm1 wsman:hv1", true)]
    [InlineData("wsman:hv1 kvm1", true)]
    [InlineData("kvm1 wsman:hv1:5986", false)]
    [InlineData("kvm1:22 wsman:hv1", false)]
    [InlineData("kvm1 kvm2", false)]
    public void One_port_is_not_that_of_both_kinds(string words, bool isRefused)
    {
        HostWords hosts = new(null, new HostSettings { Port = 2222 });

        Exception? error = Record.Exception(() => hosts.Resolve(words.Split(' ')));

        Assert.Equal(isRefused ? HostWordFault.PortOfBoth : null, (error as HostWordException)?.Fault);
    }

    [Fact]
    public void Settings_fill_what_a_Hyper_V_host_leaves_open()
    {
        HostWords words = new(
            null,
            new HostSettings
            {
                UseSsl = true,
                Authentication = WsManAuthentication.Kerberos,
                UserName = "ops",
            }
        );

        WsManAddress given = Assert.IsType<WsManAddress>(words.HostOf("wsman:hv1").Address);
        Assert.Equal(
            (true, WsManAuthentication.Kerberos, "ops"),
            (given.IsSecure, given.Authentication, given.UserName)
        );
        Assert.False(words.HostOf("wsman:http://hv1").UseSsl);
    }

    private static HostWords Words(string? json) =>
        new(
            json is null ? null : HostInventory.Read(Encoding.UTF8.GetBytes(json), "hosts.json", isTrusted: false),
            new HostSettings()
        );
}
