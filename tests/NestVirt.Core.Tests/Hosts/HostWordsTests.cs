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
    [InlineData("wsman:hv1", HostWordFault.HyperV, "'wsman:hv1': this version does not reach Hyper-V hosts.")]
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

    private static HostWords Words(string? json) =>
        new(
            json is null ? null : HostInventory.Read(Encoding.UTF8.GetBytes(json), "hosts.json", isTrusted: false),
            new HostSettings()
        );
}
