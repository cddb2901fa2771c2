using System.Text;
using NestVirt.Hosts;

namespace NestVirt.Core.Tests.Hosts;

public sealed class SnapshotNamesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("kvm1", null, "kvm1.json")]
    [InlineData("kvm1", 2222, "kvm1_2222.json")]
    [InlineData("2001:db8::1", null, "2001_db8__1.json")]
    [InlineData("../../etc/passwd", null, "_.._etc_passwd.json")]
    [InlineData("..", null, "host.json")]
    [InlineData("CON", null, "_CON.json")]
    [InlineData("nul", 22, "nul_22.json")]
    [InlineData("Com1.example.com", null, "_Com1.example.com.json")]
    [InlineData("lpt0", null, "_lpt0.json")]
    [InlineData("COM\u00b9", null, "COM_.json")]
    [InlineData("aux.", null, "_aux..json")]
    [InlineData("prn .x", null, "prn_.x.json")]
    [InlineData("console", null, "console.json")]
    [InlineData("com10", null, "com10.json")]
    public void A_file_is_named_after_its_host(string host, int? port, string name) =>
        Assert.Equal(
            Path.Join(_folder, name),
            new SnapshotNames(_folder, isRedacted: false).Next(
                new HostTarget(host, new SshAddress(host) { Port = port })
            )
        );

    [Fact]
    [Trait("Category", "Security")]
    public void Two_hosts_never_have_one_file_on_any_system()
    {
        string[] hosts =
        [
            "con",
            "_con",
            "CON",
            "kvm:1",
            "kvm_1",
            "KVM_1",
            "\u212b",
            "\u00c5",
            "\u00e5",
            "a ",
            "a_",
            "..",
            "host",
        ];
        SnapshotNames names = new(_folder, isRedacted: false);

        string[] files =
        [
            .. hosts.Select(host => Path.GetFileName(names.Next(new HostTarget(host, new SnapshotAddress(host))))),
        ];

        Assert.Equal(
            hosts.Length,
            files.Select(static file => file.Normalize(NormalizationForm.FormKC).ToUpperInvariant()).Distinct().Count()
        );
        Assert.DoesNotContain(
            files,
            static file => file.Split('.')[0].ToUpperInvariant() is "CON" || file.EndsWith('.') || file.EndsWith(' ')
        );
    }

    [Fact]
    public void A_redacted_host_is_not_told_and_its_file_replaces_none()
    {
        File.WriteAllText(Path.Join(_folder, "host-2.json"), "another host");
        SnapshotNames names = new(_folder, isRedacted: true);

        Assert.Equal(
            ["host.json", "host-3.json"],
            "kvm1 kvm2"
                .Split(' ')
                .Select(name => Path.GetFileName(names.Next(new HostTarget(name, new SshAddress(name)))))
        );
    }
}
