using NestVirt.Hosts;

namespace NestVirt.Core.Tests.Hosts;

public sealed class HostTargetTests
{
    [Theory]
    [InlineData("kvm1", "kvm1", null, null)]
    [InlineData("kvm1.example.org", "kvm1.example.org", null, null)]
    [InlineData("kvm1:2222", "kvm1", null, 2222)]
    [InlineData("root@kvm1", "kvm1", "root", null)]
    [InlineData("root@kvm1:65535", "kvm1", "root", 65535)]
    [InlineData("192.0.2.1:22", "192.0.2.1", null, 22)]
    [InlineData("::1", "::1", null, null)]
    [InlineData("[::1]", "::1", null, null)]
    [InlineData("[::1]:22", "::1", null, 22)]
    [InlineData("root@2001:db8::1", "2001:db8::1", "root", null)]
    [InlineData("root@[2001:db8::1]:2222", "2001:db8::1", "root", 2222)]
    [InlineData("fe80::1%eth0", "fe80::1%eth0", null, null)]
    [InlineData("[fe80::1%eth0]:22", "fe80::1%eth0", null, 22)]
    [InlineData("ADMIN\\jane@kvm1", "kvm1", "ADMIN\\jane", null)]
    [InlineData("jane@example.org@kvm1", "kvm1", "jane@example.org", null)]
    [InlineData("an-alias_of.ours", "an-alias_of.ours", null, null)]
    public void TryParseSsh_reads(string text, string name, string? user, int? port)
    {
        Assert.True(HostTarget.TryParseSsh(text, out HostTarget? target));

        Assert.Equal(new HostTarget(name, new SshAddress(name) { UserName = user, Port = port }), target);
    }

    [Theory]
    [Trait("Category", "Security")]
    [InlineData("")]
    [InlineData("@kvm1")]
    [InlineData("root@")]
    [InlineData("-oProxyCommand=touch")]
    [InlineData("root@-kvm1")]
    [InlineData("-l@kvm1")]
    [InlineData("kvm1:")]
    [InlineData("kvm1:0")]
    [InlineData("kvm1:65536")]
    [InlineData("kvm1:+22")]
    [InlineData("kvm1: 22")]
    [InlineData("kvm1:22x")]
    [InlineData(":22")]
    [InlineData("[]")]
    [InlineData("[]:22")]
    [InlineData("[::1")]
    [InlineData("[::1]x")]
    [InlineData("::1]:22")]
    [InlineData("[-oX]:22")]
    [InlineData("kvm 1")]
    [InlineData("kvm1\n")]
    [InlineData("kvm1\u0007")]
    [InlineData("kvm\u202e1")]
    [InlineData("kvm\\1")]
    [InlineData("jane\\@kvm1")]
    [InlineData("$(touch pwned)")]
    [InlineData("`id`@kvm1")]
    [InlineData("a;b")]
    [InlineData("a|b")]
    [InlineData("a&b")]
    [InlineData("a<b")]
    [InlineData("a'b@kvm1")]
    [InlineData("a\"b")]
    [InlineData("{a,b}")]
    [InlineData("kvm1,kvm2")]
    [InlineData("root@@kvm1")]
    public void TryParseSsh_refuses(string text) => Assert.False(HostTarget.TryParseSsh(text, out _));
}
