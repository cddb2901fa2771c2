using System.Runtime.Versioning;
using NestVirt.Text;

namespace NestVirt.Core.Tests.Text;

[Trait("Category", "Security")]
public sealed class WholeFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-test-").FullName;

    private string File1 => Path.Join(_folder, "a.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_is_written_and_replaced_when_asked_also_a_read_only_one()
    {
        WholeFile.Write(File1, "one"u8, overwrite: false);
        File.SetAttributes(File1, FileAttributes.ReadOnly);
        Assert.True(WholeFile.IsReadOnly(File1));

        Assert.Throws<IOException>(() => WholeFile.Write(File1, "two"u8, overwrite: false));
        Assert.Equal("one", File.ReadAllText(File1));
        WholeFile.Write(File1, "two"u8, overwrite: true);

        Assert.Equal("two", File.ReadAllText(File1));
        Assert.Equal([File1], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void A_file_is_for_its_owner_alone_and_so_is_one_that_it_replaces()
    {
        Needs.Shell();
        File.WriteAllText(File1, "for all");
        WholeFile.Write(File1, "mine"u8, overwrite: true);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(File1));
    }

    [Fact]
    public void A_link_is_not_followed_and_not_replaced()
    {
        Needs.Shell();
        string link = Path.Join(_folder, "link");
        string dangling = Path.Join(_folder, "dangling");
        File.WriteAllText(File1, "one");
        File.CreateSymbolicLink(link, File1);
        File.CreateSymbolicLink(dangling, "nowhere");

        Assert.Contains(
            "is a link to",
            Assert.Throws<IOException>(() => WholeFile.Write(link, "two"u8, overwrite: true)).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<IOException>(() => WholeFile.Write(dangling, "two"u8, overwrite: true));
        Assert.Equal("one", File.ReadAllText(File1));
        Assert.False(File.Exists(Path.Join(_folder, "nowhere")));
    }

    [Fact]
    public void A_device_is_not_replaced()
    {
        Needs.Shell();
        Assert.Throws<IOException>(() => WholeFile.Write("/dev/null", "x"u8, overwrite: true));
    }

    [Fact]
    public void What_cannot_be_written_leaves_nothing_behind()
    {
        string folder = Path.Join(_folder, "folder");
        Directory.CreateDirectory(folder);

        string told = Assert.Throws<IOException>(() => WholeFile.Write(folder, "x"u8, overwrite: true)).Message;

        Assert.EndsWith("is a directory.", told, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => WholeFile.Write(Path.Join(_folder, "none", "a"), "x"u8, overwrite: true));
        Assert.Equal([folder], Directory.GetFileSystemEntries(_folder));
    }
}
