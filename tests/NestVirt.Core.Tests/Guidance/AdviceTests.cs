using NestVirt.Guidance;

namespace NestVirt.Core.Tests.Guidance;

public sealed class AdviceTests
{
    private static readonly IFrontEndWords s_plain = new PlainWords();

    [Fact]
    public void Of_puts_the_words_of_the_front_end_into_the_sentence()
    {
        CommandCall call = new(OwnCommand.Undo, (CommandArgument.ChangeId, "3"))
        {
            Host = "kvm1",
            Switches = [ChangeSwitch.StopGuests],
        };

        Assert.Equal(
            "Change 7: <Force>, <KeyFile>, <History>, <Undo kvm1 ChangeId=3 StopGuests>.",
            Advice.Of(
                $"Change {7}: {ChangeSwitch.Force}, {HostSetting.KeyFile}, {OwnCommand.History}, {call}{(string?)null}."
            )
        );
    }

    [Fact]
    public void Without_a_front_end_of_ours_everything_is_named_in_plain_words()
    {
        string[] names =
        [
            .. Enum.GetValues<ChangeSwitch>().Select(s_plain.NameOf),
            .. Enum.GetValues<HostSetting>().Select(s_plain.NameOf),
            .. Enum.GetValues<OwnCommand>().Select(s_plain.NameOf),
        ];

        Assert.Equal(names.Distinct(), names);
        Assert.DoesNotContain(names, static name => name.Contains('-') || name.Contains("nestvirt"));
        Assert.Equal("Run: undo.", Advice.Of(s_plain, $"Run: {new CommandCall(OwnCommand.Undo)}."));
    }
}
