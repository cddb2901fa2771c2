using NestVirt.Core.Tests.Transport.Shell;
using NestVirt.Hosts;
using NestVirt.Text;
using NestVirt.Transport.Shell;
using NestVirt.Transport.Shell.Local;

namespace NestVirt.Core.Tests.Text;

public sealed class ShellQuoteTests
{
    public static TheoryData<string> Words => [.. HostileWords.All];

    [Theory]
    [InlineData("", "''")]
    [InlineData("plain", "'plain'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("''", "''\\'''\\'''")]
    [InlineData("a\nb", "'a\nb'")]
    public void Word_quotes(string text, string expected) => Assert.Equal(expected, ShellQuote.Word(text));

    [Fact]
    public void Word_refuses_a_nul() => Assert.Throws<ArgumentException>(() => ShellQuote.Word("a\0b"));

    [Theory]
    [Trait("Category", "Security")]
    [MemberData(nameof(Words))]
    public async Task A_shell_reads_the_word_back(string text)
    {
        Needs.Shell();
        await using IHostShell shell = await new LocalShellFactory().OpenAsync(HostTarget.Local, default);

        ShellResult result = await shell.RunAsync($"printf %s {ShellQuote.Word(text)}", default);

        Assert.Equal(text, System.Text.Encoding.UTF8.GetString(result.Output.Span));
    }
}
