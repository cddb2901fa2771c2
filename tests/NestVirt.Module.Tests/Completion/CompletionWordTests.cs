using NestVirt.PowerShell.Completion;

namespace NestVirt.Module.Tests.Completion;

public sealed class CompletionWordTests
{
    [Theory]
    [InlineData("0000:03:00.0")]
    [InlineData("kvm1.example.org")]
    [InlineData("vfio-pci")]
    public void Quote_leaves_plain_words_alone(string word) => Assert.Equal(word, CompletionWord.Quote(word));

    [Theory]
    [InlineData("'ab", "ab")]
    [InlineData("\"ab\"", "ab")]
    [InlineData("ab", "ab")]
    [InlineData("", "")]
    public void Unquote_gives_what_was_meant(string typed, string meant) =>
        Assert.Equal(meant, CompletionWord.Unquote(typed));
}
