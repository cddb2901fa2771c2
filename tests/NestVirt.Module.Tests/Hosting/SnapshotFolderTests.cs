using NestVirt.Hosts;
using NestVirt.PowerShell.Hosting;

namespace NestVirt.Module.Tests.Hosting;

public sealed class SnapshotFolderTests
{
    private static readonly string s_folder = AppContext.BaseDirectory;

    [Theory]
    [InlineData("kvm1", null, "kvm1.json")]
    [InlineData("kvm1", 2222, "kvm1_2222.json")]
    [InlineData("2001:db8::1", null, "2001_db8__1.json")]
    [InlineData("../../etc/passwd", null, "_.._etc_passwd.json")]
    public void TryName_names_a_file_of_the_directory_after_its_host(string host, int? port, string name)
    {
        SnapshotFolder folder = new(s_folder);

        Assert.True(
            folder.TryName(new HostTarget(host, HostTransport.Ssh) { Port = port }, isRedacted: false, out string file)
        );
        Assert.Equal(Path.Join(s_folder, name), file);
    }

    [Fact]
    public void TryName_gives_no_name_twice_and_none_that_tells_a_redacted_host()
    {
        SnapshotFolder folder = new(s_folder);

        folder.TryName(HostTarget.Local, isRedacted: true, out string first);
        folder.TryName(HostTarget.Local, isRedacted: true, out string second);

        Assert.Equal("host.json", Path.GetFileName(first));
        Assert.Equal("host-2.json", Path.GetFileName(second));
    }

    [Fact]
    public void TryName_gives_one_file_to_one_host_only()
    {
        SnapshotFolder file = new(Path.Join(s_folder, "one.json"));

        Assert.True(file.TryName(HostTarget.Local, isRedacted: false, out _));
        Assert.False(file.TryName(HostTarget.Local, isRedacted: false, out _));
    }
}
