using NestVirt.Text;

namespace NestVirt.Core.Tests.Text;

public sealed class TextDiffTests
{
    [Fact]
    public void A_changed_line_is_shown_with_what_is_around_it() =>
        Assert.Equal(
            [" b", " c", "-d", "+D", " e", " f"],
            TextDiff.Compare("a\nb\nc\nd\ne\nf\ng\n", "a\nb\nc\nD\ne\nf\ng\n")
        );

    [Fact]
    public void Texts_that_are_too_long_to_compare_are_shown_as_gone_and_come()
    {
        const int count = 50_000;
        string before = string.Join('\n', Enumerable.Range(0, count));
        string after = string.Join('\n', Enumerable.Range(1, count).Select(static number => -number));

        IReadOnlyList<string> lines = TextDiff.Compare(before, after);

        Assert.Equal((2 * count, "-0", "+-1"), (lines.Count, lines[0], lines[count]));
    }
}
