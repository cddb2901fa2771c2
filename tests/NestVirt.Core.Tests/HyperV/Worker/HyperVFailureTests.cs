using NestVirt.Hosts;
using NestVirt.HyperV.Worker;

namespace NestVirt.Core.Tests.HyperV.Worker;

public sealed class HyperVFailureTests
{
    [Fact]
    public void NotWritten_says_of_nothing_that_it_is_as_was_asked_for_where_nothing_is()
    {
        JournalException journal = HyperVFailure.JournalFailed("/j", new IOException("It is full."), wasChanged: true);

        string none = HyperVFailure.NotWritten(HostTarget.Local, 1, journal, [], ["b"]).Message;
        string one = HyperVFailure.NotWritten(HostTarget.Local, 1, journal, ["a"], []).Message;

        Assert.Equal($"{journal.Message} Not begun: b.", none);
        Assert.Equal($"{journal.Message} Changed, and as was asked for: a.", one);
    }
}
