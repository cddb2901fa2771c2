using NestVirt.PowerShell.Pipeline;

namespace NestVirt.Module.Tests.Pipeline;

public sealed class QueryProgressTests
{
    [Fact]
    public void Progress_is_silent_for_a_second_and_then_comes_four_times_a_second()
    {
        FakeTime time = new();
        QueryProgress progress = new("Get-NestedSupport", time);

        time.Advance(milliseconds: 999);
        Assert.False(progress.IsDue());
        time.Advance(milliseconds: 1);
        Assert.True(progress.IsDue());

        progress.Next(ended: 1, added: 2);
        Assert.True(progress.IsShown);
        time.Advance(milliseconds: 249);
        Assert.False(progress.IsDue());
        time.Advance(milliseconds: 1);
        Assert.True(progress.IsDue());
    }

    private sealed class FakeTime : TimeProvider
    {
        private long _milliseconds = 12_345;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _milliseconds;

        internal void Advance(int milliseconds) => _milliseconds += milliseconds;
    }
}
