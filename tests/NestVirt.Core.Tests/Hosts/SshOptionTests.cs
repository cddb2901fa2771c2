using System.Diagnostics;
using System.Text;
using NestVirt.Hosts;
using NestVirt.Transport.Shell.OpenSsh;

namespace NestVirt.Core.Tests.Hosts;

/// <summary>What a file of hosts may tell the ssh client.</summary>
public sealed class SshOptionTests
{
    [Theory]
    [Trait("Category", "Security")]
    [InlineData("ProxyCommand", "touch /tmp/x")]
    [InlineData("proxycommand", "touch /tmp/x")]
    [InlineData("LocalCommand", "touch /tmp/x")]
    [InlineData("PermitLocalCommand", "yes")]
    [InlineData("KnownHostsCommand", "/bin/true")]
    [InlineData("Match", "exec true")]
    [InlineData("Include", "/tmp/config")]
    [InlineData("PKCS11Provider", "/tmp/x.so")]
    [InlineData("SecurityKeyProvider", "/tmp/x.so")]
    [InlineData("SmartcardDevice", "/tmp/x.so")]
    [InlineData("XAuthLocation", "/tmp/x")]
    [InlineData("StrictHostKeyChecking", "no")]
    [InlineData("StrictHostKeyChecking", "accept-new")]
    [InlineData("StrictHostKeyChecking", "yes")]
    [InlineData("UserKnownHostsFile", "/dev/null")]
    [InlineData("UserKnownHostsFile", "known_hosts")]
    [InlineData("GlobalKnownHostsFile", "known_hosts")]
    [InlineData("CheckHostIP", "no")]
    [InlineData("VerifyHostKeyDNS", "yes")]
    [InlineData("NoHostAuthenticationForLocalhost", "yes")]
    [InlineData("UpdateHostKeys", "yes")]
    [InlineData("HostbasedAuthentication", "yes")]
    [InlineData("ForwardAgent", "yes")]
    [InlineData("ForwardX11", "yes")]
    [InlineData("GSSAPIDelegateCredentials", "yes")]
    [InlineData("ControlPath", "/tmp/socket")]
    [InlineData("IdentityAgent", "/tmp/socket")]
    [InlineData("SendEnv", "*")]
    [InlineData("RemoteForward", "1 localhost:22")]
    [InlineData("BatchMode", "no")]
    [InlineData("ProxyUseFdpass", "yes")]
    [InlineData("NoSuchOption", "yes")]
    [InlineData("ProxyJump", "a;touch")]
    [InlineData("ProxyJump", "$(touch)@gate")]
    [InlineData("ProxyJump", "gate,-oProxyCommand=x")]
    [InlineData("ProxyJump", "%h")]
    [InlineData("User", "-oProxyCommand=x")]
    [InlineData("User", "%h")]
    [InlineData("HostName", "-x")]
    [InlineData("HostName", "%h;x")]
    [InlineData("HostKeyAlias", "$(x)")]
    [InlineData("IdentityFile", @"\\server\share")]
    [InlineData("IdentityFile", "//server/share")]
    [InlineData("CertificateFile", "/tmp/${SECRET}")]
    [InlineData("Port", "22 ProxyCommand=x")]
    [InlineData("Ciphers", "aes\"x")]
    public void A_file_may_not_set(string name, string value)
    {
        Assert.NotNull(SshOption.FindFaultInFile(name, value));
        NestVirtException error = Assert.Throws<NestVirtException>(() => Read(name, value, isTrusted: false));

        Assert.Equal(NestVirtErrorKind.InventoryInvalid, error.Kind);
        Assert.Contains("hosts.json", error.Message, StringComparison.Ordinal);
        Assert.Contains("line 2: the host 'kvm1' has", error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{name}'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Port", "22")]
    [InlineData("User", @"CORP\admin")]
    [InlineData("IdentityFile", "~/.ssh/id_%h")]
    [InlineData("CertificateFile", @"C:\Users\a\id-cert.pub")]
    [InlineData("HostKeyAlias", "kvm1")]
    [InlineData("HostName", "fe80::1%%eth0")]
    [InlineData("ProxyJump", "gate")]
    [InlineData("ProxyJump", "a@gate:22,ssh://b@[::1]:2222")]
    [InlineData("ProxyJump", "none")]
    [InlineData("ConnectTimeout", "1m")]
    [InlineData("ServerAliveInterval", "30")]
    [InlineData("Compression", "yes")]
    [InlineData("Ciphers", "+aes128-gcm@openssh.com,aes*")]
    [InlineData("KexAlgorithms", "^sntrup761x25519-sha512@openssh.com")]
    [InlineData("HostKeyAlgorithms", "-ssh-rsa")]
    [InlineData("PubkeyAcceptedAlgorithms", "+ssh-rsa")]
    [InlineData("AddressFamily", "inet6")]
    [InlineData("BindAddress", "10.0.0.1")]
    [InlineData("IdentitiesOnly", "yes")]
    [InlineData("IPQoS", "af21 cs1")]
    public void A_file_may_set(string name, string value)
    {
        Assert.Null(SshOption.FindFaultInFile(name, value));
        Assert.Equal([$"{name}={value}"], Read(name, value, isTrusted: false).SshOptions);
    }

    [Fact]
    [Trait("Category", "Security")]
    public void A_trusted_file_sets_what_the_user_could_and_no_more()
    {
        Assert.Equal(["ProxyCommand=nc %h %p"], Read("ProxyCommand", "nc %h %p", isTrusted: true).SshOptions);
        Assert.Throws<NestVirtException>(() => Read("Port 22\\nProxyCommand", "x", isTrusted: true));
        Assert.Throws<NestVirtException>(() => Read("User", "-x", isTrusted: true));
    }

    [Fact]
    public void Those_that_a_file_may_set_are_options_of_ssh()
    {
        Needs.Tools("ssh");
        string[] unknown = [.. SshOption.Harmless.Where(static name => !IsKnownToSsh(name))];
        Assert.Empty(unknown);
    }

    [Fact]
    public void The_help_lists_those_that_a_file_may_set()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Folder, "docs", "en-US", "about_NestVirtHosts.help.md"));
        Assert.Contains(
            $" it may set {string.Join(", ", SshOption.Harmless.SkipLast(1))} and {SshOption.Harmless.Last()}, with plain values.",
            page,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [Trait("Category", "Security")]
    [InlineData("StrictHostKeyChecking=no", true)]
    [InlineData("stricthostkeychecking=off", true)]
    [InlineData(" StrictHostKeyChecking = \"accept-new\" ", true)]
    [InlineData("StrictHostKeyChecking false", true)]
    [InlineData("StrictHostKeyChecking=yes", false)]
    [InlineData("StrictHostKeyChecking=ask", false)]
    [InlineData("UserKnownHostsFile=/dev/null", true)]
    [InlineData("UserKnownHostsFile=\"none\"", true)]
    [InlineData("UserKnownHostsFile=NUL", true)]
    [InlineData("UserKnownHostsFile=~/.ssh/lab", false)]
    [InlineData("NoHostAuthenticationForLocalhost=yes", true)]
    [InlineData("VerifyHostKeyDNS=yes", true)]
    [InlineData("ProxyJump=gate", false)]
    public void A_loosened_check_of_host_keys_is_known(string option, bool isLoose) =>
        Assert.Equal(isLoose, HostKeyChecking.IsLoosenedBy(option));

    [Theory]
    [Trait("Category", "Security")]
    [InlineData("StrictHostKeyChecking", "no", null)]
    [InlineData(null, null, "StrictHostKeyChecking=no")]
    public void A_loosened_check_is_told_once_wherever_it_comes_from(string? name, string? value, string? option)
    {
        List<string> told = [];
        string json = name is null
            ? """["kvm1", "kvm2"]"""
            : $$"""{"sshOptions": {"{{name}}": "{{value}}"}, "hosts": ["kvm1", "kvm2"]}""";
        HostInventory inventory = HostInventory.Read(Encoding.UTF8.GetBytes(json), "hosts.json", isTrusted: true);
        HostWords words = new(inventory, new HostSettings { SshOptions = option is null ? [] : [option] })
        {
            Warn = told.Add,
        };

        words.Resolve([]);
        words.HostsOf("kvm3");

        Assert.Contains("StrictHostKeyChecking=no", Assert.Single(told), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Security")]
    public void A_host_of_a_file_needs_the_user_for_what_a_file_may_not_set()
    {
        HostTarget live = new HostSettings { SshOptions = ["ProxyCommand=x", "Port=22"] }.ApplyTo(
            new HostTarget("kvm1", new SshAddress("kvm1"))
        );

        HostTarget read = live.AsOfFile();
        HostWordException error = Assert.Throws<HostWordException>(() =>
            new HostWords(null, new HostSettings()).CompleteKnown(read)
        );
        HostTarget confirmed = new HostWords(null, new HostSettings { SshOptions = ["ProxyCommand=x"] }).CompleteKnown(
            read
        );

        Assert.Equal(["Port=22"], read.SshOptions);
        Assert.Contains("ProxyCommand=x", error.Message, StringComparison.Ordinal);
        Assert.Equal(["Port=22", "ProxyCommand=x"], confirmed.SshOptions);
        Assert.Equal(live, new HostWords(null, new HostSettings()).CompleteKnown(live));
    }

    [Theory]
    [Trait("Category", "Security")]
    [InlineData("-oProxyCommand=x")]
    [InlineData("a%h")]
    [InlineData("a;b")]
    [InlineData("$(x)")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("")]
    public void An_account_is_checked_in_inventories_options_and_before_ssh(string user)
    {
        Assert.False(HostTarget.IsUserName(user));
        Assert.False(HostTarget.TryParseSsh($"{user}@kvm1", out _));
        Assert.NotNull(SshOption.FindFault("User", user));
        string json = $$"""{"user": {{System.Text.Json.JsonSerializer.Serialize(user)}}, "hosts": ["kvm1"]}""";
        Assert.Throws<NestVirtException>(() =>
            HostInventory.Read(Encoding.UTF8.GetBytes(json), "hosts.json", isTrusted: true)
        );
        Assert.Throws<NestVirtException>(() =>
            SshShellFactory.Arguments(new HostTarget("kvm1", new SshAddress("kvm1") { UserName = user }))
        );
    }

    [Theory]
    [Trait("Category", "Security")]
    [InlineData("-oProxyCommand=x")]
    [InlineData("kvm%h")]
    [InlineData("fe80::1%")]
    [InlineData("fe80::1%$(x)")]
    [InlineData("fe80::1%%h")]
    [InlineData("10.0.0.1%eth0")]
    public void A_percent_sign_stands_for_a_zone_alone(string host) =>
        Assert.False(HostTarget.TryParseSsh(host, out _));

    [Fact]
    public void A_zone_reaches_ssh_whole()
    {
        Assert.True(HostTarget.TryParseSsh("fe80::1%eth0", out HostTarget? target));
        Assert.Equal(["HostName=fe80::1%%eth0"], (target with { Name = "kvm1" }).SshOptions);
    }

    private static bool IsKnownToSsh(string name)
    {
        ProcessStartInfo start = new("ssh", ["-F", "none", "-G", "-o", $"{name}=%", "host"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using Process ssh = Process.Start(start)!;
        _ = ssh.StandardOutput.ReadToEndAsync();
        string said = ssh.StandardError.ReadToEnd();
        ssh.WaitForExit();
        return !said.Contains("Bad configuration option", StringComparison.Ordinal);
    }

    private static HostTarget Read(string name, string value, bool isTrusted)
    {
        string json = $$"""
            {"hosts": {"kvm1":
              {"sshOptions": {"{{name}}": {{System.Text.Json.JsonSerializer.Serialize(value)}} } } } }
            """;
        return HostInventory.Read(Encoding.UTF8.GetBytes(json), "hosts.json", isTrusted).Hosts.Single();
    }
}
