using System.Text;
using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Testing;
using NestVirt.Text;

namespace NestVirt.Core.Tests.Text;

public sealed class HostTextTests
{
    [Fact]
    [Trait("Category", "Security")]
    public void What_a_terminal_obeys_or_hides_is_replaced_by_scalar_values()
    {
        Assert.Empty(HostileRecords.Leaks(HostText.ForDisplay(HostileRecords.Text)));
        Assert.Equal("a\uFFFDb\uFFFD\uFFFDc", HostText.ForDisplay("a\U000e0041b\ud800\U000e01efc"));
    }

    // Every scalar value that Unicode calls ignorable by default, from the data file of the category and of its own list.
    [Theory]
    [InlineData(0xAD)]
    [InlineData(0x34F)]
    [InlineData(0x17B5)]
    [InlineData(0x180F)]
    [InlineData(0x2065)]
    [InlineData(0xFFF8)]
    [InlineData(0x1BCA3)]
    [InlineData(0x1D17A)]
    [InlineData(0xE0FFF)]
    [Trait("Category", "Security")]
    public void An_ignorable_character_is_not_shown(int value) => Assert.False(HostText.IsSeen(new Rune(value)));

    [Theory]
    [InlineData("Größe 大 😀 ñ e\u0301 x")]
    [InlineData("")]
    public void What_is_seen_stays(string text)
    {
        Assert.Equal(text, HostText.ForDisplay(text));
        Assert.Same(text, HostText.Shown(text));
    }

    [Fact]
    public void A_tab_is_a_blank_in_a_line_and_stays_in_a_record()
    {
        Assert.Equal("a b", HostText.ForDisplay("a\tb"));
        Assert.Equal("a\tb", HostText.Shown("a\tb"));
        Assert.Equal("a\r\nb\nc\uFFFD", HostText.ShownLines("a\r\nb\nc\r"));
    }

    [Fact]
    public void A_character_is_not_cut_in_two() => Assert.Equal("a…", HostText.ForDisplay("a😀b", 2));

    [Fact]
    [Trait("Category", "Security")]
    public void A_plan_that_asks_for_what_is_not_shown_is_refused()
    {
        string json = PlanDocument.Write(
            new ChangePlan(
                HostTarget.Local,
                new ModuleParameterRequest("kvm", new Dictionary<string, string> { ["nested"] = "1" }),
                new HostIdentity("machine", "boot", "kernel"),
                []
            )
        );

        Assert.NotEmpty(PlanDocument.ReadAll(json, "plan.json"));
        foreach (string bad in (string[])["\\u001b[2J", "\\udb40\\udc41", "\\ud800", "\\u202e"])
        {
            string hostile = json.Replace("\"kvm\"", $"\"kvm{bad}\"", StringComparison.Ordinal);
            NestVirtException error = Assert.Throws<NestVirtException>(() =>
                PlanDocument.ReadAll(hostile, "plan.json")
            );
            Assert.Equal(NestVirtErrorKind.PlanInvalid, error.Kind);
        }
    }
}
