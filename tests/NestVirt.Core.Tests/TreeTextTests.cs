using System.Runtime.Versioning;
using NestVirt.Testing;

namespace NestVirt.Core.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class TreeTextTests : IDisposable
{
    private readonly HostTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Files_links_and_directories_are_written_as_the_text_has_them()
    {
        TreeText.Write(
            _tree.Path,
            """
            A comment.
            == etc/empty
            == etc/line

            == etc/text
            one\\two\r
            \tthree
            four\
            == sys/0000:00:00.0 -> ../etc
            == run/
            """
        );

        Assert.Equal(string.Empty, Text("etc/empty"));
        Assert.Equal("\n", Text("etc/line"));
        Assert.Equal("one\\two\r\n\tthree\nfour", Text("etc/text"));
        Assert.Equal("../etc", new FileInfo(Path.Combine(_tree.Path, "sys/0000:00:00.0")).LinkTarget);
        Assert.True(Directory.Exists(Path.Combine(_tree.Path, "run")));
        Assert.Equal(
            3,
            Directory.GetFiles(_tree.Path, "*", SearchOption.AllDirectories).Count(file => !file.Contains("0000"))
        );
    }

    [Fact]
    public void Line_ends_of_a_checkout_on_Windows_are_those_of_the_tree()
    {
        TreeText.Write(_tree.Path, "== a\r\none\r\n== b\r\ntwo\r\n");

        Assert.Equal("one\n", Text("a"));
        Assert.Equal("two\n", Text("b"));
    }

    [Fact]
    public void An_escape_that_is_none_is_refused() =>
        Assert.Throws<FormatException>(() => TreeText.Write(_tree.Path, "== a\n\\x"));

    private string Text(string path) => File.ReadAllText(Path.Combine(_tree.Path, path));
}
