using NestVirt.Text;

namespace NestVirt.Core.Tests.Text;

public sealed class HomePathTests
{
    private static readonly string s_home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    [Theory]
    [InlineData("~")]
    [InlineData("~/.ssh/id", ".ssh", "id")]
    [InlineData(@"~\.ssh\id", ".ssh", "id")]
    public void Expand_puts_the_home_folder_for_a_tilde(string path, params string[] below) =>
        Assert.Equal(Path.Join([s_home, .. below]), HomePath.Expand(path));

    [Theory]
    [InlineData("")]
    [InlineData("~carol/id")]
    [InlineData("keys/~/id")]
    [InlineData(@"C:\Users\carol\.ssh\id")]
    public void Expand_leaves_other_names(string path) => Assert.Equal(path, HomePath.Expand(path));
}
