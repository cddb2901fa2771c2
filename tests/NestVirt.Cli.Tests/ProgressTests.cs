using NestVirt.Cli.Hosting;
using NestVirt.Cli.Tables;
using NestVirt.Execution;

namespace NestVirt.Cli.Tests;

/// <summary>The line that says how far a slow run is.</summary>
public sealed class ProgressTests
{
    private static readonly HostProgress s_one = new(0, 1, TimeSpan.FromSeconds(14));

    [Fact]
    public void The_line_says_what_runs_now() =>
        Assert.Equal(
            "Waiting for the host, 14 s (lab: shutting down, 12 s) …",
            Progress.LineOf(s_one with { Doing = "lab: shutting down, 12 s" }, width: 0)
        );

    [Fact]
    public void The_line_of_many_hosts_is_as_it_was() =>
        Assert.Equal(
            "2 of 3 hosts done, 14 s …",
            Progress.LineOf(new HostProgress(2, 3, TimeSpan.FromSeconds(14)), width: 80)
        );

    [Fact]
    public void A_line_is_no_longer_than_the_terminal_and_holds_nothing_that_acts() =>
        Assert.Equal(39, Progress.LineOf(s_one with { Doing = $"\u001b[2J{new string('x', 100)}" }, width: 40).Length);

    [Theory]
    [InlineData("仮想マシンを停止しています仮想マシン", 40)]
    [InlineData("仮想マシンを停止しています仮想マシン", 41)]
    [InlineData(
        "\U0001F5A5\U0001F980\U0001F5A5\U0001F980\U0001F5A5\U0001F980\U0001F5A5\U0001F980\U0001F980\U0001F980",
        40
    )]
    public void Letters_of_two_columns_are_counted_as_such_and_never_halved(string name, int width)
    {
        string line = Progress.LineOf(s_one with { Doing = name }, width);

        Assert.InRange(TextCell.WidthOf(line), width - 2, width - 1);
        Assert.False(char.IsHighSurrogate(line[^1]));
    }
}
