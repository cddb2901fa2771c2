using NestVirt.Cli.Hosting;
using NestVirt.Hosts;

namespace NestVirt.Cli.Tests;

public sealed class HostSourcesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-test-").FullName;

    public HostSourcesTests()
    {
        foreach (string name in new[] { "kvm2.json", "kvm1.json", "notes.txt" })
        {
            File.WriteAllText(Path.Combine(_folder, name), "{}");
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Nothing_is_this_machine() =>
        Assert.Equal(HostTarget.Local, Assert.Single(new HostSources().Resolve([])));

    [Theory]
    [InlineData("kvm1", "kvm1", null, null)]
    [InlineData("ssh:kvm1", "kvm1", null, null)]
    [InlineData("root@kvm1:2222", "kvm1", "root", 2222)]
    [InlineData("ssh:root@[fe80::1]:2222", "fe80::1", "root", 2222)]
    public void A_word_is_a_host_over_ssh(string word, string name, string? user, int? port)
    {
        HostTarget host = Assert.Single(new HostSources().Resolve([word]));

        Assert.Equal((HostTransport.Ssh, name, user, port), (host.Transport, host.Name, host.UserName, host.Port));
    }

    [Fact]
    public void The_same_host_is_asked_once() =>
        Assert.Equal(
            ["kvm1", "kvm1"],
            new HostSources().Resolve(["kvm1", "kvm1:2222", "ssh:kvm1", "kvm1"]).Select(static host => host.Name)
        );

    [Fact]
    public void A_directory_or_a_pattern_gives_its_snapshots_in_order()
    {
        Assert.Equal(
            ["kvm1", "kvm2"],
            new HostSources { Snapshots = [_folder] }
                .Resolve([])
                .Select(static host => host.Name)
        );
        Assert.Equal(
            ["kvm2"],
            new HostSources { Snapshots = [Path.Combine(_folder, "*2.json")] }
                .Resolve([])
                .Select(static host => host.Name)
        );
    }

    [Fact]
    public void Trees_and_snapshots_stand_beside_hosts()
    {
        HostSources sources = new() { Snapshots = [Path.Combine(_folder, "kvm1.json")], Roots = [_folder + "/"] };

        IReadOnlyList<HostTarget> hosts = sources.Resolve(["kvm3"]);

        Assert.Equal(
            [HostTransport.Ssh, HostTransport.Snapshot, HostTransport.Root],
            hosts.Select(static host => host.Transport)
        );
        Assert.Equal(["kvm3", "kvm1", Path.GetFileName(_folder)], hosts.Select(static host => host.Name));
    }

    [Fact]
    public void A_look_is_a_file_or_one_host()
    {
        string file = Path.Combine(_folder, "kvm1.json");

        Assert.Equal(
            (HostTransport.Snapshot, file),
            (new HostSources().ResolveLook(file).Transport, new HostSources().ResolveLook(file).Path)
        );
        Assert.Equal(HostTransport.Ssh, new HostSources().ResolveLook("kvm1").Transport);
    }

    [Fact]
    public void Every_snapshot_gets_a_file_of_its_own()
    {
        HostTarget[] hosts =
        [
            new("kvm1", new SshAddress("kvm1")),
            new("kvm1", new SshAddress("kvm1") { Port = 2222 }),
            new("../.evil/\u001b", new SnapshotAddress("../.evil/\u001b")),
        ];

        Commands.SnapshotPlaces places = Commands.SnapshotPlaces.Assign(hosts, _folder, isRedacted: false);

        Assert.Equal(
            ["kvm1.json", "kvm1_2222.json", "_.evil__.json"],
            hosts.Select(host => Path.GetRelativePath(_folder, places.PathOf(host)))
        );
    }
}
