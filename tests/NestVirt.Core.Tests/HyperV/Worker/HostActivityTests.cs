using NestVirt.HyperV.Worker;

namespace NestVirt.Core.Tests.HyperV.Worker;

public sealed class HostActivityTests
{
    [Fact]
    public void What_is_done_behind_the_turn_of_a_machine_is_of_none()
    {
        Heard heard = new();
        HostActivity activity = new() { Listener = heard };

        using (activity.Begin("vm1"))
        {
            activity.Say("setting VirtualQuantity");
        }

        activity.Say("waiting for jobs of Hyper-V");

        Assert.Equal(["vm1: setting VirtualQuantity", "waiting for jobs of Hyper-V"], heard.Texts);
    }

    private sealed class Heard : IProgress<string>
    {
        internal List<string> Texts { get; } = [];

        public void Report(string value) => Texts.Add(value);
    }
}
