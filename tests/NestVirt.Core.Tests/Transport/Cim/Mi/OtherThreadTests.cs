using System.Collections;
using NestVirt.Transport.Cim.Mi;

namespace NestVirt.Core.Tests.Transport.Cim.Mi;

public sealed class OtherThreadTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_list_comes_item_by_item_and_is_given_back()
    {
        Steps steps = new(2, static () => { });
        List<int> read = [];

        await foreach (int item in OtherThread.ListAsync(steps, CancellationToken.None))
        {
            Assert.Equal(item, steps.Made);
            read.Add(item);
        }

        Assert.Equal([1, 2], read);
        Assert.True(steps.IsGivenBack);
    }

    [Fact]
    public async Task Whoever_wants_no_more_gives_the_list_back()
    {
        Steps steps = new(9, static () => { });

        await foreach (int _ in OtherThread.ListAsync(steps, CancellationToken.None))
        {
            break;
        }

        Assert.Equal(1, steps.Made);
        Assert.True(steps.IsGivenBack);
    }

    [Fact]
    public async Task A_step_that_fails_is_told_as_it_is()
    {
        Steps steps = new(1, static () => throw new NestVirtException(NestVirtErrorKind.HostUnreachable, "Not there."));

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => ReadAsync(steps, default));

        Assert.Equal("Not there.", error.Message);
        Assert.True(steps.IsGivenBack);
    }

    [Fact]
    public async Task A_step_that_does_not_come_back_holds_nobody_and_is_given_back_afterwards()
    {
        using ManualResetEventSlim end = new();
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(20));
        Steps steps = new(1, end.Wait);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadAsync(steps, stop.Token).WaitAsync(s_long));

        Assert.False(steps.IsGivenBack);
        end.Set();
        Assert.True(SpinWait.SpinUntil(() => steps.IsGivenBack, s_long));
    }

    [Fact]
    public async Task A_call_that_does_not_come_back_holds_nobody()
    {
        using ManualResetEventSlim end = new();
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(20));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            OtherThread
                .RunAsync(
                    () =>
                    {
                        end.Wait(CancellationToken.None);
                        return 1;
                    },
                    stop.Token
                )
                .WaitAsync(s_long)
        );
        end.Set();
    }

    private static async Task ReadAsync(Steps steps, CancellationToken cancellationToken)
    {
        await foreach (int _ in OtherThread.ListAsync(steps, cancellationToken)) { }
    }

    private sealed class Steps(int count, Action onStep) : IEnumerable<int>, IEnumerator<int>
    {
        private volatile bool _isGivenBack;

        internal int Made { get; private set; }

        internal bool IsGivenBack => _isGivenBack;

        public int Current => Made;

        object IEnumerator.Current => Made;

        public IEnumerator<int> GetEnumerator() => this;

        IEnumerator IEnumerable.GetEnumerator() => this;

        public bool MoveNext()
        {
            onStep();
            return Made < count && ++Made > 0;
        }

        public void Reset() => throw new NotSupportedException();

        public void Dispose() => _isGivenBack = true;
    }
}
