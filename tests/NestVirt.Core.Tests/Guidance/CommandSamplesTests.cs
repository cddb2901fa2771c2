using NestVirt.Guidance;
using NestVirt.Testing;

namespace NestVirt.Core.Tests.Guidance;

/// <summary>The samples that each front end words are whole.</summary>
public sealed class CommandSamplesTests
{
    [Fact]
    public void Every_command_argument_and_switch_has_a_sample()
    {
        Assert.Empty(Enum.GetValues<OwnCommand>().Except(CommandSamples.All.Select(static call => call.Command)));
        Assert.Empty(
            Enum.GetValues<CommandArgument>()
                .Except(
                    CommandSamples.All.SelectMany(static call => call.Arguments, static (_, argument) => argument.Name)
                )
        );

        // A plan is written by a command of its own in one front end.
        Assert.Equal(
            [ChangeSwitch.WritePlan],
            Enum.GetValues<ChangeSwitch>().Except(CommandSamples.All.SelectMany(static call => call.Switches))
        );
    }
}
