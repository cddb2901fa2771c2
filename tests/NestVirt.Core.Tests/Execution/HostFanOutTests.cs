using System.Runtime.CompilerServices;
using NestVirt.Execution;
using NestVirt.Hosts;

namespace NestVirt.Core.Tests.Execution;

public sealed class HostFanOutTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Each_host_gives_its_values_or_its_error()
    {
        HostFanOut<int> hosts = new(4, default);
        hosts.Add(Host("a"), (_, _) => Values(1, 2));
        hosts.Add(Host("b"), (_, _) => Fails(3));
        hosts.Add(Host("c"), (_, _) => throw new NestVirtException(NestVirtErrorKind.ToolNotFound, "at once"));
        hosts.Add(Host("d"), (_, _) => Values());
        hosts.Complete();

        List<HostOutcome<int>> outcomes = await hosts.ReadAllAsync().ToListAsync();

        string[] expected = ["a 1", "a 2", "b 3", "b HostUnreachable", "c ToolNotFound"];
        Assert.Equal(expected, outcomes.Select(Describe).Order(StringComparer.Ordinal));
        Assert.Equal((4, 4), (hosts.AddedCount, hosts.EndedCount));
    }

    [Fact]
    public async Task A_value_arrives_before_its_host_ends()
    {
        TaskCompletionSource gate = new();
        HostFanOut<int> hosts = new(1, default);
        hosts.Add(Host("a"), (_, token) => ValueThenWait(7, gate.Task, token));
        hosts.Complete();
        await using IAsyncEnumerator<HostOutcome<int>> outcomes = hosts.ReadAllAsync().GetAsyncEnumerator();

        Assert.True(await outcomes.MoveNextAsync());
        Assert.Equal("a 7", Describe(outcomes.Current));
        Assert.Equal(0, hosts.EndedCount);

        gate.SetResult();
        Assert.False(await outcomes.MoveNextAsync());
    }

    [Fact]
    public async Task No_more_hosts_are_asked_at_once_than_allowed()
    {
        int running = 0;
        int most = 0;
        HostFanOut<int> hosts = new(3, default);
        for (int i = 0; i < 40; i++)
        {
            hosts.Add(Host($"h{i}"), (_, _) => CountAsync());
        }

        hosts.Complete();
        List<HostOutcome<int>> outcomes = await hosts.ReadAllAsync().ToListAsync();

        Assert.Equal(40, outcomes.Count);
        Assert.InRange(most, 1, 3);

        async IAsyncEnumerable<int> CountAsync()
        {
            int now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            await Task.Yield();
            Interlocked.Decrement(ref running);
            yield return now;
        }
    }

    [Fact]
    public async Task Cancelling_ends_the_outcomes_even_if_a_host_does_not_heed_it()
    {
        TaskCompletionSource deaf = new();
        TaskCompletionSource begun = new();
        TaskCompletionSource heard = new();
        using CancellationTokenSource stop = new();
        HostFanOut<int> hosts = new(2, stop.Token);
        hosts.Add(Host("deaf"), (_, _) => ValueThenWait(1, deaf.Task, default));
        hosts.Add(
            Host("good"),
            (_, token) =>
            {
                begun.SetResult();
                return WaitFor(heard, token);
            }
        );
        hosts.Complete();
        await using IAsyncEnumerator<HostOutcome<int>> outcomes = hosts.ReadAllAsync().GetAsyncEnumerator();
        Assert.True(await outcomes.MoveNextAsync());
        await begun.Task.WaitAsync(s_long);

        await stop.CancelAsync();

        Assert.False(await outcomes.MoveNextAsync());
        await heard.Task.WaitAsync(s_long);
        Assert.False(hosts.Completion.IsCompleted);
        deaf.SetResult();
        await hosts.Completion.WaitAsync(s_long);
    }

    [Fact]
    public async Task The_hosts_hear_of_the_cancellation_before_the_reader_does()
    {
        using CancellationTokenSource stop = new();
        TaskCompletionSource running = new();
        bool isEnded = false;
        HostFanOut<int> hosts = new(1, stop.Token);
        hosts.Add(Host("a"), (_, token) => RegisterAsync(token));
        await running.Task;
        Task<bool> reader = Task.Run(async () =>
        {
            await foreach (HostOutcome<int> outcome in hosts.ReadAllAsync())
            {
                Assert.Fail(Describe(outcome));
            }

            return Volatile.Read(ref isEnded);
        });

        await stop.CancelAsync();

        Assert.True(await reader.WaitAsync(s_long));

        async IAsyncEnumerable<int> RegisterAsync([EnumeratorCancellation] CancellationToken token)
        {
            using CancellationTokenRegistration ending = token.Register(() => Volatile.Write(ref isEnded, true));
            running.SetResult();
            await Task.Delay(Timeout.Infinite, token);
            yield break;
        }
    }

    [Fact]
    public void Wait_returns_for_an_outcome_a_timeout_and_the_end()
    {
        TaskCompletionSource gate = new();
        HostFanOut<int> hosts = new(1, default);
        hosts.Add(Host("a"), (_, token) => ValueThenWait(1, gate.Task, token));
        hosts.Complete();

        Assert.True(hosts.Wait(s_long));
        Assert.True(hosts.TryRead(out HostOutcome<int> outcome));
        Assert.Equal("a 1", Describe(outcome));
        Assert.True(hosts.Wait(TimeSpan.FromMilliseconds(1)));
        Assert.True(hosts.Wait(TimeSpan.Zero));
        Assert.False(hosts.TryRead(out _));

        gate.SetResult();
        Assert.False(hosts.Wait(s_long));
    }

    [Fact]
    public void A_throttle_of_none_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HostFanOut<int>(0, default));

    private static HostTarget Host(string name) => new(name, new SshAddress(name));

    private static string Describe(HostOutcome<int> outcome) =>
        outcome.Error is null
            ? $"{outcome.Target.Name} {outcome.Value}"
            : $"{outcome.Target.Name} {Assert.IsType<NestVirtException>(outcome.Error).Kind}";

    private static async IAsyncEnumerable<int> Values(params int[] values)
    {
        foreach (int value in values)
        {
            await Task.Yield();
            yield return value;
        }
    }

    private static async IAsyncEnumerable<int> Fails(int value)
    {
        await Task.Yield();
        yield return value;
        throw new NestVirtException(NestVirtErrorKind.HostUnreachable, "gone");
    }

    private static async IAsyncEnumerable<int> ValueThenWait(
        int value,
        Task gate,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        yield return value;
        await gate.WaitAsync(cancellationToken);
    }

    private static async IAsyncEnumerable<int> WaitFor(
        TaskCompletionSource heard,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using CancellationTokenRegistration hearing = cancellationToken.Register(heard.SetResult);
        await Task.Delay(Timeout.Infinite, cancellationToken);
        yield break;
    }

    private static void InterlockedMax(ref int place, int value)
    {
        int seen = Volatile.Read(ref place);
        while (value > seen && Interlocked.CompareExchange(ref place, value, seen) is int now && now != seen)
        {
            seen = now;
        }
    }
}
