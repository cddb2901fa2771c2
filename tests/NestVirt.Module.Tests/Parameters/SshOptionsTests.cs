using System.Collections;
using NestVirt.PowerShell.Parameters;

namespace NestVirt.Module.Tests.Parameters;

public sealed class SshOptionsTests
{
    [Fact]
    public void From_makes_words_in_the_order_of_their_keys()
    {
        Hashtable options = new()
        {
            ["Port"] = 2222,
            ["IdentityFile"] = new[] { "a", "b" },
            ["Compression"] = true,
        };

        Assert.Equal(
            ["Compression=yes", "IdentityFile=a", "IdentityFile=b", "Port=2222"],
            SshOptions.From(options, out string? invalid)
        );
        Assert.Null(invalid);
    }

    [Theory]
    [InlineData("Proxy Command", "x")]
    [InlineData("", "x")]
    [InlineData("User", "a\nProxyCommand=x")]
    [InlineData("User", null)]
    public void From_names_a_key_that_is_no_option(string key, string? value)
    {
        SshOptions.From(new Hashtable { [key] = value }, out string? invalid);

        Assert.Equal(key, invalid);
    }
}
