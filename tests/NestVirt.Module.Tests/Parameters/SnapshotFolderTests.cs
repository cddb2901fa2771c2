using NestVirt.Hosts;
using NestVirt.PowerShell.Parameters;

namespace NestVirt.Module.Tests.Parameters;

public sealed class SnapshotFolderTests
{
    private static readonly string s_folder = AppContext.BaseDirectory;

    [Fact]
    public void TryName_gives_each_host_a_file_of_the_directory()
    {
        SnapshotFolder folder = new(s_folder, isRedacted: false);

        Assert.True(folder.TryName(HostTarget.Local, out string first));
        Assert.True(folder.TryName(HostTarget.Local, out string second));
        Assert.Equal(Path.Join(s_folder, "localhost.json"), first);
        Assert.Equal(Path.Join(s_folder, "localhost-2.json"), second);
    }

    [Fact]
    public void TryName_gives_one_file_to_one_host_only()
    {
        SnapshotFolder file = new(Path.Join(s_folder, "one.json"), isRedacted: false);

        Assert.True(file.TryName(HostTarget.Local, out _));
        Assert.False(file.TryName(HostTarget.Local, out _));
    }
}
