using System.Text;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Probing;

public sealed class ProbeScriptTests
{
    private const string Token = "0123456789abcdef";

    private static readonly ShellProbe s_first = new("first", "echo 1");
    private static readonly ShellProbe s_second = new("second", "echo 2");
    private static readonly ShellProbe s_root = new("root", "echo 3") { NeedsRoot = true };

    [Fact]
    public void Split_gives_each_probe_its_answer_byte_for_byte()
    {
        ProbeAnswers answers = Split($"noise\n{Token} first\na\n\nb\n{Token} second\n\n{Token} .\n");

        Assert.Equal(new ProbeAnswer("a\n\nb"), answers[s_first]);
        Assert.Equal(new ProbeAnswer(""), answers[s_second]);
    }

    [Fact]
    public void Split_does_not_take_a_line_that_only_looks_like_a_frame()
    {
        ProbeAnswers answers = Split(
            $"\n{Token} first\nx{Token} second\n{Token}\n {Token} .\n\n{Token} second\n2\n\n{Token} .\n"
        );

        Assert.Equal($"x{Token} second\n{Token}\n {Token} .\n", answers[s_first].Text);
        Assert.Equal("2\n", answers[s_second].Text);
    }

    [Fact]
    public void Split_takes_no_answer_to_a_probe_that_was_not_asked()
    {
        ProbeAnswers answers = Split($"\n{Token} other\nx\n{Token} first\n1\n{Token} second\n2\n{Token} .\n");

        Assert.Equal(["first", "second"], answers.All.Keys);
    }

    [Fact]
    public void Split_says_why_a_probe_has_no_answer()
    {
        ProbeAnswers answers = Split($"\n{Token} first\n1\n{Token} .\n");

        Assert.Equal("the host did not answer", answers[s_second].UnavailableReason);
        Assert.Equal("the answer to the root probe was not recorded", answers[s_root].UnavailableReason);
    }

    [Theory]
    [InlineData("refused", "it needs root, and sudo -n is not allowed for this account")]
    [InlineData("the host has no sudo", "it needs root, and the host has no sudo")]
    [InlineData("sudo was not to be used", "it needs root, and sudo was not to be used")]
    [InlineData("", "it needs root")]
    public void Split_says_why_a_probe_did_not_run_as_root(string sudo, string reason)
    {
        ProbeAnswers answers = ProbeScript.Split(
            Encoding.UTF8.GetBytes($"\n{Token} sudo\n{sudo}\n{Token} .\n"),
            [s_root],
            Token
        );

        Assert.Equal(new ProbeAnswer("", reason), answers[s_root]);
    }

    [Fact]
    public void Split_refuses_an_answer_that_is_cut_anywhere()
    {
        string whole = $"\n{Token} first\na\n{Token} second\nb\n{Token} .\n";

        for (int length = 0; length < whole.Length; length++)
        {
            NestVirtException error = Assert.Throws<NestVirtException>(() => Split(whole[..length]));
            Assert.Equal(NestVirtErrorKind.ProbeOutputInvalid, error.Kind);
        }
    }

    [Fact]
    public void Compose_tries_sudo_only_for_probes_that_need_root_and_only_where_allowed()
    {
        Assert.DoesNotContain("sudo", ProbeScript.Compose([s_first], Token, allowSudo: true), StringComparison.Ordinal);
        Assert.Contains("sudo -n", ProbeScript.Compose([s_root], Token, allowSudo: true), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "sudo -n",
            ProbeScript.Compose([s_root], Token, allowSudo: false),
            StringComparison.Ordinal
        );
    }

    private static ProbeAnswers Split(string output) =>
        ProbeScript.Split(Encoding.UTF8.GetBytes(output), [s_first, s_second], Token);
}
