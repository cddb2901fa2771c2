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
    public void A_file_is_named_after_its_host(string host, int? port, string name) =>
        Assert.Equal(
            Path.Join(_folder, name),
            new SnapshotNames(_folder, isRedacted: false).Next(
                new HostTarget(host, new SshAddress(host) { Port = port })
            )
        );

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
