using NestVirt.Linux.Boot;

namespace NestVirt.Core.Tests.Linux.Boot;

public sealed class ShellAssignmentTests
{
    [Theory]
    [InlineData("$(", "(")]
    [InlineData("\"", "$(\"")]
    [InlineData("${", "${")]
    public void A_part_nested_deeper_than_a_stack_bears_is_one_that_is_not_closed(string opening, string nested)
    {
        string text = opening + string.Concat(Enumerable.Repeat(nested, 300_000));

        Assert.Equal(text.Length + 1, ShellAssignments.PartEnd(text, 0));
    }
}
