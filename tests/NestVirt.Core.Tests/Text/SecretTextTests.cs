using NestVirt.Text;

namespace NestVirt.Core.Tests.Text;

/// <summary>Every form of a secret that the manuals of boot loaders, dracut, initramfs-tools, systemd and NetworkManager name.</summary>
public sealed class SecretTextTests
{
    private const string Secret = "S3cr3t";

    [Theory]
    [Trait("Category", "Security")]
    // dracut.cmdline(7)
    [InlineData("rd.iscsi.password=S3cr3t kvm.nested=1", "rd.iscsi.password=******** kvm.nested=1")]
    [InlineData("rd.iscsi.in.password=S3cr3t quiet", "rd.iscsi.in.password=******** quiet")]
    [InlineData("iscsi_password=\"S3cr3t and more\" quiet", "iscsi_password=\"********\" quiet")]
    [InlineData(
        "netroot=iscsi:joe:S3cr3t@10.0.0.1::3260::iqn.x quiet",
        "netroot=iscsi:joe:********@10.0.0.1::3260::iqn.x quiet"
    )]
    [InlineData(
        "netroot=iscsi:joe:S3cr3t:bob:S3cr3t@10.0.0.1:::: quiet",
        "netroot=iscsi:joe:********@10.0.0.1:::: quiet"
    )]
    [InlineData("root=cifs://joe:S3cr3t@server/share rw", "root=cifs://joe:********@server/share rw")]
    [InlineData("root=live:https://joe:S3cr3t@host/x.img quiet", "root=live:https://joe:********@host/x.img quiet")]
    [InlineData("root=live:http://joe:S3/cr@3t@host/x", "root=live:http://joe:********@host/x")]
    [InlineData("url=https://S3cr3t@host/x quiet", "url=https://********@host/x quiet")]
    [InlineData("rd.luks.key=/S3cr3t:UUID=1 rd.luks.uuid=2", "rd.luks.key=******** rd.luks.uuid=2")]
    [InlineData("luks.key=S3cr3t quiet", "luks.key=******** quiet")]
    [InlineData("rd.zfs.key=S3cr3t quiet", "rd.zfs.key=******** quiet")]
    [InlineData("cryptkey=rootfs:S3cr3t quiet", "cryptkey=******** quiet")]
    // systemd.exec(5), systemd.system-credentials(7), smbios
    [InlineData("systemd.set_credential=a.b:S3cr3t quiet", "systemd.set_credential=******** quiet")]
    [InlineData("systemd.set_credential_binary=a:S3cr3t== quiet", "systemd.set_credential_binary=******** quiet")]
    [InlineData("SetCredential=a:S3cr3t", "SetCredential=********")]
    [InlineData("SetCredentialEncrypted=a:S3cr3t", "SetCredentialEncrypted=********")]
    [InlineData(
        "io.systemd.credential:passwd.hashed-password.root=S3cr3t quiet",
        "io.systemd.credential:passwd.hashed-password.root=******** quiet"
    )]
    [InlineData("io.systemd.credential.binary:a=S3cr3t", "io.systemd.credential.binary:a=********")]
    [InlineData("systemd.setenv=API_TOKEN=S3cr3t quiet", "systemd.setenv=API_TOKEN=******** quiet")]
    // GRUB
    [InlineData("password root S3cr3t\nset a=1", "password ********\nset a=1")]
    [InlineData("|password root S3cr3t\n|set a=1", "|password ********\n|set a=1")]
    [InlineData("  password_pbkdf2 root grub.pbkdf2.sha512.10000.S3cr3t", "  password_pbkdf2 ********")]
    [InlineData("export x=grub.pbkdf2.sha512.10000.S3cr3t.S3cr3t", "export x=********")]
    [InlineData(
        "GRUB_CMDLINE_LINUX=\"a=1 rd.iscsi.password=S3cr3t b=2\"",
        "GRUB_CMDLINE_LINUX=\"a=1 rd.iscsi.password=******** b=2\""
    )]
    [InlineData(
        "GRUB_CMDLINE_LINUX=\"a=1 x.password=\\\"S3cr3t y\\\" b=2\"",
        "GRUB_CMDLINE_LINUX=\"a=1 x.password=\\\"********\\\" b=2\""
    )]
    [InlineData("GRUB_PASSWORD='S3cr3t x' # y", "GRUB_PASSWORD='********' # y")]
    // modprobe.d
    [InlineData("options ipmi_x ipmi_passwd=S3cr3t a=1", "options ipmi_x ipmi_passwd=******** a=1")]
    [InlineData("options wl psk=S3cr3t,x a=1", "options wl psk=******** a=1")]
    [InlineData("install x ipmitool -H h -U u -P S3cr3t chassis", "install x ipmitool -H h -U u -P ******** chassis")]
    [InlineData("install x /bin/true --token S3cr3t --now", "install x /bin/true --token ******** --now")]
    [InlineData("install x sshpass -p S3cr3t ssh h", "install x sshpass -p ******** ssh h")]
    [InlineData(
        "install x curl -H 'Authorization: Bearer S3cr3t' h",
        "install x curl -H 'Authorization: Bearer ********' h"
    )]
    // initramfs-tools, dracut.conf, iscsi
    [InlineData("ISCSI_PASSWORD=S3cr3t", "ISCSI_PASSWORD=********")]
    [InlineData("kernel_cmdline+=\" rd.iscsi.password=S3cr3t \"", "kernel_cmdline+=\" rd.iscsi.password=******** \"")]
    [InlineData("node.session.auth.password = S3cr3t x", "node.session.auth.password = ********")]
    [InlineData("node.session.auth.chap_in=S3cr3t", "node.session.auth.chap_in=********")]
    [InlineData("#passphrase=S3cr3t", "#passphrase=********")]
    // NetworkManager, WireGuard, netplan
    [InlineData("psk=S3cr3t", "psk=********")]
    [InlineData("private-key-password=S3cr3t", "private-key-password=********")]
    [InlineData("PrivateKey = S3cr3t=", "PrivateKey = ********")]
    [InlineData("preshared-key=S3cr3t", "preshared-key=********")]
    [InlineData("wep-key0=S3cr3t", "wep-key0=********")]
    [InlineData("    password: \"S3cr3t\"", "    password: ********")]
    [InlineData("{\"password\": \"S3cr3t\", \"a\": 1}", "{\"password\": \"********\", \"a\": 1}")]
    // Installers and clouds
    [InlineData("inst.rootpw=S3cr3t inst.sshpw=S3cr3t q", "inst.rootpw=******** inst.sshpw=******** q")]
    [InlineData(
        "passwd/root-password=S3cr3t passwd/user-password-crypted=S3cr3t",
        "passwd/root-password=******** passwd/user-password-crypted=********"
    )]
    [InlineData(
        "cloud-config-url=http://h/?token_key=S3cr3t&token_secret=S3cr3t q",
        "cloud-config-url=http://h/?token_key=******** q"
    )]
    [InlineData("rootpw --iscrypted $6$abc$S3cr3t", "rootpw ********")]
    [InlineData("user x $y$j9T$S3cr3t z", "user x ******** z")]
    [InlineData("\tx.secret=S3cr3t\\\\\" y", "\tx.secret=********\" y")]
    public void Hide_leaves_no_secret_and_all_else(string text, string hidden)
    {
        string result = SecretText.Hide(text);

        Assert.DoesNotContain(Secret, result, StringComparison.Ordinal);
        Assert.Equal(hidden, result);
        Assert.Same(result, SecretText.Hide(result));
        Assert.True(SecretText.IsIn(text));
        Assert.False(SecretText.IsIn(result));
    }

    [Theory]
    [InlineData("")]
    [InlineData(
        "BOOT_IMAGE=/vmlinuz root=UUID=1 ro quiet intel_iommu=on iommu=pt kvm_intel.nested=1 vfio-pci.ids=8086:1"
    )]
    [InlineData("options kvm_intel nested=1 ept=1\nblacklist nouveau\nsoftdep a pre: b")]
    [InlineData("netroot=iscsi:10.0.0.1::3260::iqn.2020-01.com.x:disk")]
    [InlineData("root=nfs://server/share ssh://joe@host live:http://host:8080/x")]
    [InlineData("rd.luks.uuid=1 rd.vconsole.keymap=us rd.lvm.lv=vg/root")]
    [InlineData("systemd.mask=x.service the password is kept elsewhere")]
    [InlineData("rd.iscsi.password=")]
    public void Hide_gives_back_what_holds_none(string text) => Assert.Same(text, SecretText.Hide(text));

    [Fact]
    public void Hide_keeps_the_lines_and_takes_as_long_as_the_text()
    {
        string text = string.Concat(Enumerable.Repeat("passwordpasswordsecret=\n://iscsi:@\\\"", 100_000));

        string result = SecretText.Hide(text);

        Assert.Equal(text.Count(static c => c == '\n'), result.Count(static c => c == '\n'));
        string word = string.Concat(Enumerable.Repeat("password", 500_000));
        Assert.Same(word, SecretText.Hide(word));
        string quotes = string.Concat(Enumerable.Repeat("password=\"\"ipmitool ", 200_000));
        Assert.Same(quotes, SecretText.Hide(quotes));
        string web = string.Concat(Enumerable.Repeat("http://a", 300_000));
        Assert.Same(web, SecretText.Hide(web));
    }
}
