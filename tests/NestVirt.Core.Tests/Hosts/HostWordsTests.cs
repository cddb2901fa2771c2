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
    [InlineData("wsman:", HostWordFault.NoHost, "A blank line or an empty word names no host.")]
    [InlineData("wsman:#hv9", HostWordFault.NoHost, "'wsman:#hv9' is a comment, and names no host.")]
    [InlineData(
        "wsman:hv[1-3]",
        HostWordFault.NoInventory,
        "'hv[1-3]' is a pattern, and there is no inventory to choose from."
    )]
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
        HostWords words = Words(Mixed, isTrusted: true);

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
        Assert.Equal((15986, null), (hv1.Port, words.HostOf("hv2").Port));
    }

    [Fact]
    public void A_group_without_Hyper_V_hosts_is_an_error_where_they_are_wanted() =>
        Assert.Equal(
            "Nothing of the inventory 'hosts.json' that is called '@linux' is a Hyper-V host.",
            Assert.Throws<HostWordException>(() => Words(Mixed, isTrusted: true).Resolve(["wsman:@linux"])).Message
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
    [Trait("Category", "Security")]
    public void One_password_is_not_that_of_both_kinds()
    {
        using HostCredential credential = new("admin", "secret");
        HostWords both = new(null, new HostSettings { Credential = credential });
        HostWords apart = new(null, new HostSettings { HyperVCredential = credential });

        Exception? error = Record.Exception(() => both.Resolve(["kvm1", "wsman:hv1"]));
        IReadOnlyList<HostTarget> hosts = apart.Resolve(["kvm1", "wsman:hv1"]);

        Assert.Equal(HostWordFault.PasswordOfBoth, Assert.IsType<HostWordException>(error).Fault);
        Assert.Null(Assert.IsType<SshAddress>(hosts[0].Address).Credential);
        Assert.Same(credential, Assert.IsType<WsManAddress>(hosts[1].Address).Credential);
        Assert.Equal(
            2,
            new HostWords(null, new HostSettings { Credential = credential }).Resolve(["kvm1", "kvm2"]).Count
        );
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

    [Theory]
    [InlineData("""{"groups":{"kvm":["n1"],"hv":["wsman:n1"]}}""")]
    [InlineData("""{"groups":{"hv":["wsman:n1"],"kvm":["n1"]}}""")]
    [InlineData("""{"hosts":["n1","wsman:n1"],"groups":{"hv":["wsman:n1"],"kvm":["n1"]}}""")]
    public void One_name_may_be_that_of_a_host_of_either_kind(string json)
    {
        HostWords words = Words(json);

        Assert.Equal(2, words.All().Count);
        Assert.Equal(HostTransport.Ssh, words.HostOf("n1").Transport);
        Assert.Equal(HostTransport.Ssh, Assert.Single(words.Resolve(["@kvm"])).Transport);
        Assert.Equal(HostTransport.WsMan, words.HostOf("wsman:n1").Transport);
        Assert.Equal(HostTransport.WsMan, Assert.Single(words.Resolve(["wsman:@hv"])).Transport);
    }

    [Theory]
    [InlineData("""{"port":2222,"hosts":["kvm1","wsman:hv1"]}""", false)]
    [InlineData("""{"port":2222,"hosts":["kvm1"],"groups":{"hv":["wsman:hv1"]}}""", false)]
    [InlineData("""{"port":2222,"hosts":["kvm1"],"groups":{"hv":{"port":5986,"hosts":["wsman:hv1"]}}}""", true)]
    [InlineData("""{"port":2222,"hosts":["kvm1","wsman:hv1:5986"]}""", true)]
    [InlineData("""{"port":5986,"hosts":["wsman:hv1"]}""", true)]
    public void A_port_of_a_file_is_not_that_of_both_kinds(string json, bool isRead)
    {
        Exception? error = Record.Exception(() => Words(json));

        Assert.Equal(isRead, error is null);
        Assert.True(
            isRead || error!.Message.Contains("with the port of the file", StringComparison.Ordinal),
            error?.Message
        );
        Assert.True(!isRead || Words(json).HostOf("wsman:hv1").UseSsl == true);
    }

    [Theory]
    [InlineData("""{"hosts":{"wsman:https://hv1":{"address":"10.0.0.5"}}}""")]
    [InlineData("""{"hosts":{"wsman:hv1":{"address":"https://10.0.0.5"}}}""")]
    [InlineData("""{"hosts":{"hv1":{"address":"wsman:10.0.0.5:5986"}}}""")]
    public void HTTPS_is_not_lost_on_the_way_to_another_address(string json)
    {
        HostTarget host = Words(json).HostOf("wsman:hv1");

        Assert.Equal(("hv1", true, "10.0.0.5"), (host.Name, host.UseSsl, ((WsManAddress)host.Address).Host));
    }

    [Fact]
    public void The_client_of_a_Hyper_V_host_is_that_of_the_inventory()
    {
        HostWords words = Words("""{"cimClient":"mi","hosts":{"wsman:hv1":{"cimClient":"WsMan"},"wsman:hv2":null}}""");

        Assert.Equal(CimClient.WsMan, ((WsManAddress)words.HostOf("wsman:hv1").Address).Client);
        Assert.Equal(CimClient.Mi, ((WsManAddress)words.HostOf("wsman:hv2").Address).Client);
    }

    [Fact]
    public void A_known_host_keeps_what_it_was_named_with_beside_what_the_inventory_says()
    {
        HostWords words = Words("""{"hosts":{"wsman:hv1":{"authentication":"kerberos"}}}""");
        Assert.True(HostTarget.TryParse("wsman:https://hv1:15986", out HostTarget? known));

        HostTarget complete = words.CompleteKnown(known);

        Assert.Equal(
            (true, 15986, WsManAuthentication.Kerberos),
            (complete.UseSsl, complete.Port, complete.Authentication)
        );
    }

    [Theory]
    [InlineData("""{"certificateThumbprint":"00112233445566778899AABBCCDDEEFF00112233"}""", "decides whom we believe")]
    [InlineData("""{"authorityFile":"/etc/hostname"}""", "decides whom we believe")]
    [InlineData("""{"authentication":"basic"}""", "shows the password")]
    [Trait("Category", "Security")]
    public void A_file_does_not_choose_whom_we_believe_nor_who_is_shown_a_password(string json, string sentence)
    {
        NestVirtException error = Assert.Throws<NestVirtException>(() => Words(json));

        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
        Assert.Null(Record.Exception(() => Words(json, isTrusted: true)));
    }

    private static HostWords Words(string? json, bool isTrusted = false) =>
        new(
            json is null ? null : HostInventory.Read(Encoding.UTF8.GetBytes(json), "hosts.json", isTrusted),
            new HostSettings()
        );
}
